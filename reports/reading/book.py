"""What a document looks like to a reader, whatever its format: sheets of rows of plain values."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Protocol

ZIPPED = b"PK\x03\x04"  # how a zip archive begins
ONLY = "Data"  # the name of the sheet of a format that has no sheets


@dataclass(frozen=True)
class SheetInfo:
    """A sheet's name. `rows` are those that the file says it has, where it says so cheaply."""

    name: str
    rows: int | None = None
    hidden: bool = False


class Book(Protocol):
    """A document that is open."""

    @property
    def sheets(self) -> Sequence[SheetInfo]: ...

    def rows(self, sheet: str, columns: int) -> Iterator[Sequence[object]]:
        """The rows of a sheet, read as they are asked for, of which no more than `columns` cells are wanted.

        Cells are bool, int, float, Decimal, str, datetime's types and None. Raises Exhausted.
        """
        ...


class Exhausted(Exception):
    """A reader has read as much as it may. What it has given so far is right, but there may be more."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(f"more than {most:,} bytes")


class Bounded(io.RawIOBase):
    """A stream of which only so many bytes are read: a small archive may hold terabytes."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream, self._most, self._left = stream, most, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what BufferedReader hands over
        piece = self._stream.read(len(buffer))
        self._left -= len(piece)
        if self._left < 0:
            raise Exhausted(self._most)
        buffer[: len(piece)] = piece
        return len(piece)

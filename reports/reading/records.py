"""Rows of a .json file: an array of records, or an object whose members are such arrays, each a sheet."""

import codecs
import json
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO

from reports.reading.book import ONLY, Bounded, SheetInfo

MOST = 256 * 1024**2  # bytes; they are read past, not kept, up to the sheet that is shown
CHUNK = 64 * 1024  # bytes
SAMPLE = 100  # records whose names make the header; JSON has no other
DECODER = json.JSONDecoder()


class RecordsBook:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        text = self._opened()
        if text.peek() not in {"[", "{"}:
            raise ValueError("it is neither an array of records nor an object of such arrays")
        self._several = text.peek() == "{"
        self._names = [name for name, _ in _members(text)] if self._several else [ONLY]

    @property
    def sheets(self) -> Sequence[SheetInfo]:
        return [SheetInfo(name) for name in self._names]

    def rows(self, sheet: str, columns: int) -> Iterator[Sequence[object]]:
        """The names of the first records' members, then the records; a record that is an array is a row."""
        text = self._opened()
        several = _members(text) if self._several else iter([(ONLY, _items(text))])
        records = next(found for name, found in several if name == sheet)
        first = list(islice(records, SAMPLE))
        header = list(dict.fromkeys(name for one in first if isinstance(one, dict) for name in one))
        if header:
            yield header[:columns]
        for record in chain(first, records):
            yield _row(record, header)[:columns]

    def _opened(self) -> "_Text":
        self._file.seek(0)
        return _Text(Bounded(self._file, MOST))


def open_records(file: BinaryIO) -> RecordsBook:
    return RecordsBook(file)


class _Text:
    """The text of a file, of which no more is held than the value that is read."""

    def __init__(self, stream: Bounded) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._held, self._place, self._ended = "", 0, False

    def peek(self) -> str:
        """The next sign that is no space; empty at the end."""
        while True:
            while self._place < len(self._held):
                if not self._held[self._place].isspace():
                    return self._held[self._place]
                self._place += 1
            if self._ended:
                return ""
            self._read(CHUNK)

    def skip(self, sign: str) -> bool:
        """Whether the next sign is this one, and then behind it."""
        found = self.peek() == sign
        self._place += found
        return found

    def expect(self, sign: str) -> None:
        if not self.skip(sign):
            raise ValueError(f"{sign!r} is missing before {self.peek()!r}")

    def value(self) -> Any:
        self.peek()
        length = CHUNK
        while True:
            try:
                value, end = DECODER.raw_decode(self._held, self._place)
            except ValueError:
                if self._ended:
                    raise
            else:
                if end < len(self._held) or self._ended:  # a number may go on in what is read next
                    self._place = end
                    return value
            self._read(length)
            length *= 2  # a long value is not decoded over and over

    def _read(self, length: int) -> None:
        body = self._stream.read(length) or b""
        self._ended = not body
        self._held = self._held[self._place :] + self._decoder.decode(body, final=self._ended)
        self._place = 0


def _items(text: _Text) -> Iterator[Any]:
    """The values of an array."""
    text.expect("[")
    while not text.skip("]"):
        yield text.value()
        if text.peek() != "]":
            text.expect(",")


def _members(text: _Text) -> Iterator[tuple[str, Iterator[Any]]]:
    """The members of an object of arrays; what was not taken of one is read past."""
    text.expect("{")
    while not text.skip("}"):
        name = text.value()
        text.expect(":")
        items = _items(text)
        yield str(name), items
        for _ in items:
            pass
        if text.peek() != "}":
            text.expect(",")


def _row(record: Any, header: list[str]) -> list[object]:
    if isinstance(record, dict):
        return [record.get(name) for name in header]
    return record if isinstance(record, list) else [record]

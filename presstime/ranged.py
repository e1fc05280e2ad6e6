"""A file that lies elsewhere, read in parts as they are wanted. Knows neither stores nor what is in the file."""

import io
from collections import OrderedDict
from collections.abc import Callable

BLOCK = 64 * 1024  # bytes asked for at least: an archive's directory, or the head of one of its members
LONGEST = 1024 * 1024  # bytes asked for at a time, however long the file is read from front to back
KEPT = 8  # parts kept: an archive's directory is read again between its members


class RangedFile(io.RawIOBase):
    """A seekable file of `size` bytes; `fetch` gives those from a start up to, not including, an end."""

    def __init__(self, size: int, fetch: Callable[[int, int], bytes]) -> None:
        self._size, self._fetch = size, fetch
        self._position = 0
        self._parts: OrderedDict[int, bytes] = OrderedDict()
        self._next, self._length = -1, BLOCK  # where the last part ended, and how much to ask for there

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("a file has nothing before its start")  # as zipfile expects of any file
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what BufferedReader hands over
        if self._position >= self._size:
            return 0
        start, part = self._part()
        offset = self._position - start
        piece = part[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _part(self) -> tuple[int, bytes]:
        """The part that holds the position, and where it starts."""
        for start, part in self._parts.items():
            if start <= self._position < start + len(part):
                self._parts.move_to_end(start)
                return start, part
        onward = self._position == self._next
        self._length = min(self._length * 2, LONGEST) if onward else BLOCK
        # The end of an archive is read backwards: a whole block of it, wherever the last one begins.
        start = self._position if onward else min(self._position // BLOCK * BLOCK, max(self._size - BLOCK, 0))
        end = min(start + self._length, self._size)
        part = self._parts[start] = self._fetch(start, end)
        self._next = end
        while len(self._parts) > KEPT:
            self._parts.popitem(last=False)
        return start, part

"""Rows of a .json file: an array of records, an object of such arrays, each a sheet, or a report of ours."""

import codecs
import json
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO

from reports.reading.book import ONLY, Book, Bounded, SheetInfo

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
        return _opened(self._file)


class ReportBook:
    """What the writer of .json reports has written: each table is a sheet, under its sheet's name."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        named = [name for name, _, _ in _tables(_opened(file))]
        self._names = [
            name if named.count(name) == 1 else f"{name} {named[:place].count(name) + 1}"
            for place, name in enumerate(named)
        ]

    @property
    def sheets(self) -> Sequence[SheetInfo]:
        return [SheetInfo(name) for name in self._names]

    def rows(self, sheet: str, columns: int) -> Iterator[Sequence[object]]:
        """The headers, then the rows."""
        tables = zip(self._names, _tables(_opened(self._file)), strict=True)
        headers, rows = next((headers, rows) for name, (_, headers, rows) in tables if name == sheet)
        yield headers[:columns]
        for row in rows:
            yield row[:columns]


def open_records(file: BinaryIO) -> Book:
    text = _opened(file)
    ours = text.skip("{") and text.peek() == '"' and text.value() == "title" and text.skip(":")
    return ReportBook(file) if ours and text.peek() != "[" else RecordsBook(file)


def _opened(file: BinaryIO) -> "_Text":
    file.seek(0)
    return _Text(Bounded(file, MOST))


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
    for name in _names(text):
        items = _items(text)
        yield name, items
        for _ in items:
            pass


def _names(text: _Text) -> Iterator[str]:
    """The names of an object's members; each value is to be read before the next name."""
    text.expect("{")
    while not text.skip("}"):
        name = text.value()
        text.expect(":")
        yield str(name)
        if text.peek() != "}":
            text.expect(",")


def _objects(text: _Text) -> Iterator[None]:
    """Stops before each object of an array, which is to be read before the next."""
    text.expect("[")
    while not text.skip("]"):
        yield
        if text.peek() != "]":
            text.expect(",")


def _tables(text: _Text) -> Iterator[tuple[str, list[Any], Iterator[Any]]]:
    """Sheet, headers and rows of each table of a report; rows that were not taken are read past."""
    for member in _names(text):
        if member != "sheets":
            text.value()
            continue
        for _ in _objects(text):
            sheet = ""
            for part in _names(text):
                if part == "tables":
                    yield from ((sheet, *table) for table in _tables_of_sheet(text))
                else:
                    value = text.value()
                    sheet = str(value) if part == "name" else sheet


def _tables_of_sheet(text: _Text) -> Iterator[tuple[list[Any], Iterator[Any]]]:
    for _ in _objects(text):
        headers: list[Any] = []
        for part in _names(text):
            if part == "rows":
                rows = _items(text)
                yield headers, rows
                for _ in rows:
                    pass
            else:
                value = text.value()
                headers = [column["header"] for column in value] if part == "columns" else headers


def _row(record: Any, header: list[str]) -> list[object]:
    if isinstance(record, dict):
        return [record.get(name) for name in header]
    return record if isinstance(record, list) else [record]

"""The first rows of a sheet of a finished document, as JSON can hold them. Knows no database and no HTTP.

Whatever the size of the file, little of it is read: `file` may lie in a store that sends parts of it.
"""

import csv
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO
from zipfile import BadZipFile

from reports.reading.book import Book, Exhausted, SheetInfo
from reports.reading.cells import Cell, as_json
from reports.reading.columnar import open_parquet
from reports.reading.delimited import open_archive, open_delimited
from reports.reading.errors import NoPreview, TooLarge, UnknownFormat, UnknownSheet, Unreadable
from reports.reading.records import open_records
from reports.reading.workbooks import open_workbook

MOST_ROWS = 1000
MOST_COLUMNS = 200
LONGEST_REASON = 200  # characters
LONGEST_TEXT = 2000  # characters of a cell
MOST_TEXT = 8_000_000  # characters of all cells: what a browser and a terminal can still show

# What the libraries below raise of a file that is damaged, was cut off, is encrypted or is something else.
BROKEN = (
    ArithmeticError,
    AttributeError,
    BadZipFile,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    csv.Error,
    zlib.error,
)
FORMATS: dict[str, Callable[[BinaryIO], Book]] = {
    "xlsx": open_workbook,
    "xlsm": open_workbook,
    "csv": open_delimited,
    "tsv": open_delimited,
    "zip": open_archive,
    "parquet": open_parquet,
    "json": open_records,
}


@dataclass(frozen=True)
class CutText:
    """A cell whose text is longer than what is shown. Row and column count from 1, as on the sheet."""

    row: int
    column: int
    length: int


@dataclass(frozen=True)
class Preview:
    """The first rows of `sheet`, all of the same length."""

    sheets: tuple[SheetInfo, ...]
    sheet: str
    rows: list[list[Cell]]
    more_rows: bool
    more_columns: bool
    cut: tuple[CutText, ...]


def read_preview(
    file: BinaryIO, format_: str, sheet: str | None = None, *, rows: int = 50, columns: int = MOST_COLUMNS
) -> Preview:
    """The first rows of the sheet of that name, or of the first one that is not hidden.

    Raises UnknownSheet, and NoPreview where the file cannot be shown.
    """
    if format_ not in FORMATS:
        raise UnknownFormat(format_, sorted(FORMATS))
    with _explained(format_):
        book = FORMATS[format_](file)
        chosen = _chosen(book.sheets, sheet)
        return _collected(book, chosen, min(rows, MOST_ROWS), min(columns, MOST_COLUMNS))


@contextmanager
def _explained(format_: str) -> Iterator[None]:
    """Whatever a library says of a file that is damaged, as an error that a person can read."""
    try:
        yield
    except Exhausted as error:
        raise TooLarge("what comes before the first row", error.most) from error
    except BROKEN as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise Unreadable(format_, reason[:LONGEST_REASON]) from error


def _chosen(sheets: Sequence[SheetInfo], name: str | None) -> SheetInfo:
    if not sheets:
        raise NoPreview("the file has no sheet with cells")
    if name is None:
        return next((one for one in sheets if not one.hidden), sheets[0])
    found = [one for one in sheets if one.name == name] or [
        one for one in sheets if one.name.casefold() == name.casefold()
    ]
    if not found:
        raise UnknownSheet(name, [one.name for one in sheets])
    return found[0]


def _collected(book: Book, chosen: SheetInfo, rows: int, columns: int) -> Preview:
    page, more = _Page(columns), False
    try:
        for row in book.rows(chosen.name, columns + 1):
            more = len(page.rows) == rows or page.room < 0
            if more:
                break
            page.add(row)
    except Exhausted:
        if not page.rows:
            raise
        more = True
    sheets = tuple(_counted(one, len(page.rows), more=more) if one == chosen else one for one in book.sheets)
    return Preview(sheets, chosen.name, page.squared(), more, page.wide, tuple(page.cut))


def _counted(sheet: SheetInfo, shown: int, *, more: bool) -> SheetInfo:
    """What a file says of its own length may be wrong, as far as it was read."""
    if not more:
        return replace(sheet, rows=shown)
    return sheet if (sheet.rows or 0) > shown else replace(sheet, rows=None)


class _Page:
    """The rows that are shown."""

    def __init__(self, columns: int) -> None:
        self.rows: list[list[Cell]] = []
        self.cut: list[CutText] = []
        self.wide = False  # there are cells behind the last column
        self.room = MOST_TEXT
        self._columns = columns

    def add(self, row: Sequence[object]) -> None:
        cells = [as_json(value) for value in row[: self._columns]]
        while cells and cells[-1] is None:
            cells.pop()
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                if len(cell) > LONGEST_TEXT:
                    self.cut.append(CutText(len(self.rows) + 1, place + 1, len(cell)))
                    cells[place] = cell[:LONGEST_TEXT]
                self.room -= min(len(cell), LONGEST_TEXT)
        self.rows.append(cells)
        self.wide = self.wide or any(value is not None for value in row[self._columns :])

    def squared(self) -> list[list[Cell]]:
        """All as long as the longest."""
        width = max(map(len, self.rows), default=0)
        return [cells + [None] * (width - len(cells)) for cells in self.rows]

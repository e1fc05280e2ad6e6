"""Reads workbooks back, for authors' tests: as frames, as cells, and what differs between two of them."""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import pandas as pd

from presstime.errors import PresstimeError
from reports.excel.letters import cell_name
from reports.reading.errors import UnknownSheet
from reports.reading.markup import Element, elements, local
from reports.reading.sheet_cells import read_row
from reports.reading.workbooks import WorkbookBook
from reports.sheet_names import ABOUT

ANY_LENGTH = 2**50  # bytes: a test trusts what it has written
ALL_COLUMNS = 16_384
HEAD = 4096  # bytes in which a sheet says what stays in view
FROZEN = re.compile(rb'<(?:\w+:)?pane\b[^>]*\bySplit="(\d+)"')
TOTAL = "SUBTOTAL("
SHOWN = 20  # differences that a failed assertion lists


class NotAWorkbook(PresstimeError):
    def __init__(self, path: Path, reason: object) -> None:
        super().__init__(f"{path} cannot be read as .xlsx: {reason}")


@dataclass(frozen=True)
class Difference:
    """A cell that is not the same in two workbooks; `cell` is None where a sheet is missing or elsewhere."""

    sheet: str
    cell: str | None
    first: object
    second: object

    def __str__(self) -> str:
        cell = f", cell {self.cell}" if self.cell else ""
        return f"sheet {self.sheet!r}{cell}: {self.first!r} in the first, {self.second!r} in the second"


@dataclass(frozen=True)
class _Row:
    number: int
    values: list[object]
    formulas: Mapping[str, str]  # by cell


class _Book(WorkbookBook):
    """A workbook of which every row is wanted, with its formulas."""

    def __init__(self, path: Path) -> None:
        try:
            super().__init__(ZipFile(path))
        except (BadZipFile, KeyError, ValueError) as error:
            raise NotAWorkbook(path, error) from error

    def close(self) -> None:
        self._archive.close()

    def all_rows(self, sheet: str) -> Iterator[_Row]:
        """The rows that the file has; gaps between two blocks are none."""
        number = 0
        with self._archive.open(self._parts[sheet]) as stream:
            for element in elements(stream, "row", most=ANY_LENGTH):
                number = int(element.get("r") or number + 1)
                values = read_row(element, ALL_COLUMNS, self._strings, self._formats)
                yield _Row(number, values, _formulas(element))

    def header(self, sheet: str) -> int:
        """The number of the row above the first that scrolls, or 1."""
        with self._archive.open(self._parts[sheet]) as stream:
            found = FROZEN.search(stream.read(HEAD))
        return int(found[1]) if found else 1

    @property
    def names(self) -> list[str]:
        return [sheet.name for sheet in self.sheets]


def read_workbook(path: Path, *, headers: Mapping[str, int] | None = None) -> dict[str, pd.DataFrame]:
    """The first table of each sheet but About, by the sheet's name, without its totals.

    Values have the types that the cells' formats say: dates, datetimes, times, durations (to the millisecond),
    booleans, text, numbers; whole numbers are ints, blank cells None or NaN. A table's header is the last row
    that stays in view, as the writer freezes it, else the first; `headers` names another by its number. It
    ends at the first row that the file lacks. Raises NotAWorkbook, and UnknownSheet for one of `headers`.
    """
    with closing(_Book(path)) as book:
        for name in headers or {}:
            if name not in book.names:
                raise UnknownSheet(name, book.names)
        wanted = {
            name: (headers or {}).get(name) or book.header(name) for name in book.names if name != ABOUT
        }
        return {name: _frame(book.all_rows(name), header) for name, header in wanted.items()}


def read_cells(path: Path) -> dict[str, dict[str, object]]:
    """Every cell with a value, by sheet and cell: `read_cells(path)["Sales"]["B2"]`. About is among them."""
    with closing(_Book(path)) as book:
        return {
            name: {
                cell_name(row.number, place): value
                for row in book.all_rows(name)
                for place, value in enumerate(row.values, start=1)
                if value is not None
            }
            for name in book.names
        }


def differences(first: Path, second: Path, *, about: bool = False) -> list[Difference]:
    """The cells whose values or formulas differ, sheet by sheet; About counts where it is asked for."""
    with closing(_Book(first)) as one, closing(_Book(second)) as other:
        names = [[name for name in book.names if about or name != ABOUT] for book in (one, other)]
        found = list(_sheets(*names))
        for name in names[0]:
            if name in names[1]:
                found += _cells(name, one, other)
        return found


def assert_workbooks_equal(first: Path, second: Path, *, about: bool = False) -> None:
    """Raises AssertionError that names the cells that differ, with both values."""
    found = differences(first, second, about=about)
    if found:
        more = [f"... and {len(found) - SHOWN:,} more"] if len(found) > SHOWN else []
        lines = [f"{len(found):,} differences:", *map(str, found[:SHOWN]), *more]
        raise AssertionError("\n".join(lines))


def _frame(rows: Iterator[_Row], header: int) -> pd.DataFrame:
    names: list[object] = []
    body: list[list[object]] = []
    expected = header
    for row in rows:
        if row.number < header:
            continue
        if row.number != expected or (body and _is_total(row)):
            break
        expected += 1
        if row.number == header:
            names = row.values
        else:
            body.append(row.values + [None] * (len(names) - len(row.values)))
    frame = pd.DataFrame(
        {
            place: pd.Series([row[place] for row in body], dtype=_dtype(body, place))
            for place in range(len(names))
        }
    )
    frame.columns = pd.Index(names)
    return frame


def _dtype(body: list[list[object]], place: int) -> type | None:
    """Pandas' own choice, but for what it would guess: a column without a value has no type."""
    return None if any(row[place] is not None for row in body) else object


def _is_total(row: _Row) -> bool:
    return any(formula.startswith(TOTAL) for formula in row.formulas.values())


def _formulas(row: Element) -> dict[str, str]:
    found = ((cell.get("r", ""), one.text) for cell in row for one in cell if local(one) == "f")
    return {cell: text for cell, text in found if text}


def _sheets(first: list[str], second: list[str]) -> Iterator[Difference]:
    for name in first:
        if name not in second:
            yield Difference(name, None, "a sheet", None)
    for name in second:
        if name not in first:
            yield Difference(name, None, None, "a sheet")
    if first != second and sorted(first) == sorted(second):
        moved = next(name for name, other in zip(first, second, strict=True) if name != other)
        yield Difference(moved, None, f"sheet {first.index(moved) + 1}", f"sheet {second.index(moved) + 1}")


def _cells(sheet: str, first: _Book, second: _Book) -> Iterator[Difference]:
    for number, one, other in _paired(first.all_rows(sheet), second.all_rows(sheet)):
        for place, (left, right) in enumerate(zip_longest(one.values, other.values)):
            cell = cell_name(number, place + 1)
            formulas = one.formulas.get(cell), other.formulas.get(cell)
            if left != right or isinstance(left, bool) != isinstance(right, bool):
                yield Difference(sheet, cell, left, right)
            elif formulas[0] != formulas[1]:
                yield Difference(sheet, cell, *(f"={text}" if text else left for text in formulas))


def _paired(first: Iterator[_Row], second: Iterator[_Row]) -> Iterator[tuple[int, _Row, _Row]]:
    """Rows of the same number together; one that the other lacks with an empty one."""
    one, other = next(first, None), next(second, None)
    while one is not None or other is not None:
        number = min(row.number for row in (one, other) if row is not None)
        empty = _Row(number, [], {})
        left = one if one is not None and one.number == number else empty
        right = other if other is not None and other.number == number else empty
        yield number, left, right
        one = next(first, None) if left is one else one
        other = next(second, None) if right is other else other

"""Reads large sheets in tests: openpyxl takes seconds for what python-calamine reads at once."""

from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook


def table_of_sheet(path: Path, sheet: str) -> list[list[Any]]:
    """The header and the rows of a sheet's first table, whatever stands above and below it."""
    rows = dropwhile(lambda row: sum(value is not None for value in row) < 2, rows_of_sheet(path, sheet))
    return [*takewhile(lambda row: any(value is not None for value in row), rows)]


def rows_of_sheet(path: Path, sheet: str) -> list[list[Any]]:
    """All rows; blank cells are None. Numbers are floats, whatever they were."""
    with CalamineWorkbook.from_path(path) as book:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [[None if value == "" else value for value in row] for row in rows]

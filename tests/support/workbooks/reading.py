"""Write with the real writer, read back with openpyxl."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from reports import Column, Sheet, Workbook
from reports.excel.writer import write_workbook
from reports.frames import Frame
from reports.written import Written

CREATED = datetime(2013, 2, 1, 5, tzinfo=UTC)


def write(path: Path, *sheets: Sheet, **options: Any) -> Written:
    return write_workbook(Workbook(*sheets), path, created=CREATED, **options)


def written_sheet(
    path: Path, frame: Frame, columns: dict[str, Column] | None = None, **options: Any
) -> Worksheet:
    write(path, Sheet("Data", frame, columns=columns or {}), **options)
    return sheet_of(load_workbook(path), "Data")


def sheet_of(book: Book, name: str) -> Worksheet:
    found = book[name]
    if not isinstance(found, Worksheet):
        raise TypeError(f"{name} is a {type(found).__name__}")
    return found


def column_values(ws: Worksheet, place: int = 1) -> Sequence[Any]:
    """A column's values below its header."""
    return [row[0] for row in ws.iter_rows(min_row=2, min_col=place, max_col=place, values_only=True)]

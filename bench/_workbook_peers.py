"""The peers, each at its fastest by public calls alone: the form it takes, and the writing of one sheet.

All give a bold header on a ground, a frozen header, a filter, widths, and formats of dates, amounts and shares,
as far as their library can.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyexcelerate
import xlsxwriter
from openpyxl import Workbook as Book
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from pyarrow import csv
from rustpy_xlsxwriter import Format, write_worksheet

from bench._workbook_frames import DATE, DATETIME, FORMATS, GROUND, WIDTH

SHEET = "Data"
DATES = (DATE, DATETIME)


@dataclass(frozen=True)
class Rows:
    """Python values by row, with the type that those of each column have."""

    names: list[str]
    types: list[type]
    values: list[tuple[Any, ...]]


def as_rows(table: pa.Table) -> Rows:
    columns = [column.to_pylist() for column in table.columns]
    types = [type(next((value for value in column if value is not None), "")) for column in columns]
    return Rows(table.column_names, types, list(zip(*columns, strict=True)))


def write_openpyxl(rows: Rows, path: Path) -> None:
    """Dates go in as they are: openpyxl gives them a format of its own, at less cost than a cell with one."""
    book = Book(write_only=True)
    sheet: Any = book.create_sheet(SHEET)
    _set_up_openpyxl(sheet, len(rows.names), len(rows.values))
    sheet.append([_header_cell(sheet, name) for name in rows.names])
    cells = [
        (place, _formatted_cell(sheet, FORMATS[name]))
        for place, name in enumerate(rows.names)
        if FORMATS.get(name, DATE) not in DATES
    ]
    for row in rows.values:
        values = list(row)
        for place, cell in cells:
            if values[place] is not None:
                cell.value = values[place]  # used again in the next row: append() writes at once
                values[place] = cell
        sheet.append(values)
    book.save(path)


def write_xlsxwriter(rows: Rows, path: Path) -> None:
    """The method of each type is called directly, as `write` would have to find it for every cell."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet(SHEET)
    for place, name in enumerate(rows.names):
        looks = book.add_format({"num_format": FORMATS[name]}) if name in FORMATS else None
        sheet.set_column(place, place, WIDTH, looks)  # a cell without a format takes its column's
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows.values), len(rows.names) - 1)
    sheet.write_row(0, 0, rows.names, book.add_format({"bold": True, "bg_color": f"#{GROUND}"}))
    writes = list(enumerate(_method(sheet, kind) for kind in rows.types))
    for number, row in enumerate(rows.values, start=1):
        for place, write in writes:
            if row[place] is not None:
                write(number, place, row[place])
    book.close()


def as_lists(table: pa.Table) -> list[list[Any]]:
    return [table.column_names, *map(list, as_rows(table).values)]


def write_pyexcelerate(rows: list[list[Any]], path: Path) -> None:
    book = pyexcelerate.Workbook()
    sheet = book.new_sheet(SHEET, data=rows)
    for place, name in enumerate(rows[0], start=1):
        looks = pyexcelerate.Format(FORMATS[name]) if name in FORMATS else None
        sheet.set_col_style(place, pyexcelerate.Style(size=WIDTH, format=looks))
    ground = pyexcelerate.Fill(background=pyexcelerate.Color(*bytes.fromhex(GROUND)))
    sheet.set_row_style(1, pyexcelerate.Style(font=pyexcelerate.Font(bold=True), fill=ground))
    sheet.panes = pyexcelerate.Panes(y=1)
    sheet.auto_filter = True
    book.save(str(path))


def as_pandas(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame


def write_pandas(frame: pd.DataFrame, path: Path) -> None:
    """pandas knows formats of dates alone: amounts and shares stay plain, or each cell would be visited again."""
    with pd.ExcelWriter(path, engine="openpyxl", date_format=DATE, datetime_format=DATETIME) as writer:
        frame.to_excel(writer, sheet_name=SHEET, index=False, freeze_panes=(1, 0))
        sheet = writer.sheets[SHEET]
        _set_up_openpyxl(sheet, len(frame.columns), len(frame))
        for cell in sheet[1]:
            _make_header(cell)


def as_polars(table: pa.Table) -> pl.DataFrame:
    """What the Rust writer takes fastest. It leaves decimals of a frame blank, so they come as floats."""
    for place, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(place, field.name, table[field.name].cast(pa.float64()))
    return pl.DataFrame(table)


def write_rust(frame: pl.DataFrame, path: Path) -> None:
    """It can do all of it, but cuts instants to seconds, and keeps no time of creation to make files equal."""
    write_worksheet(
        frame,
        str(path),
        sheet_name=SHEET,
        freeze_row=1,
        autofilter=True,
        column_width=WIDTH,
        column_formats={
            name: Format().set_num_format(FORMATS[name]) for name in frame.columns if name in FORMATS
        },
        header_format=Format().set_bold().set_background_color(f"#{GROUND}"),
    )


def as_table(table: pa.Table) -> pa.Table:
    return table


def write_csv(table: pa.Table, path: Path) -> None:
    """The floor: text without looks, types or compression."""
    csv.write_csv(table, path)


def _set_up_openpyxl(sheet: Any, columns: int, rows: int) -> None:
    for place in range(1, columns + 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTH
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(columns)}{rows + 1}"


def _header_cell(sheet: Any, name: str) -> Any:
    cell = WriteOnlyCell(sheet, name)
    _make_header(cell)
    return cell


def _make_header(cell: Any) -> None:
    cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=GROUND)


def _formatted_cell(sheet: Any, code: str) -> Any:
    cell = WriteOnlyCell(sheet)
    cell.number_format = code
    return cell


def _method(sheet: Any, kind: type) -> Any:
    if kind is bool:
        return sheet.write_boolean
    if issubclass(kind, date):
        return sheet.write_datetime
    return sheet.write_number if issubclass(kind, (int, float, Decimal)) else sheet.write_string

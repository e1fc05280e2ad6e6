"""The .xlsx archive with nothing in it that depends on the moment: openpyxl's writer over a steady zip file.

openpyxl owns everything but the rows of data sheets, which are made on the way into the archive.
"""
# ruff: noqa: SLF001 # openpyxl has no public place for rows made on the way; this module is the one to know

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP64_LIMIT, ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook as Book
from openpyxl.cell import Cell
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.dimensions import SheetDimension
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from reports.excel.grid import Grid, GridColumn
from reports.excel.looks import (
    BODY_FONT,
    HEADER_BESIDE_BUTTON,
    HEADER_BORDER,
    HEADER_FILL,
    HEADER_FONT,
    HEADER_LEFT,
    HEADER_RIGHT,
    LEFT,
    RIGHT,
)
from reports.excel.values import escaped
from reports.formats import Kind

NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a zip entry can carry
UNIX = 3  # the system named in each entry, whichever one writes it
MODE = 0o600 << 16
CELL_BYTES = 80  # of XML around a value, at most
SIGN_BYTES = 10  # of XML for one character, at most: `&#128512;`
TYPES = {Kind.TEXT: "s", Kind.BOOLEAN: "b"}  # all else is a number
LEFT_ALIGNED = {
    None,
    Kind.TEXT,
    Kind.BOOLEAN,
    Kind.DATE,
    Kind.DATETIME,
}  # read as labels


class SteadyZip(ZipFile):
    """A zip file whose bytes follow from names and contents alone."""

    def entry(self, name: str) -> ZipInfo:
        info = ZipInfo(name, NO_TIME)
        info.compress_type = ZIP_DEFLATED
        info.create_system = UNIX
        info.external_attr = MODE
        return info

    def writestr(self, zinfo_or_arcname: str | ZipInfo, data: Any, *_: Any, **__: Any) -> None:
        name = zinfo_or_arcname if isinstance(zinfo_or_arcname, str) else zinfo_or_arcname.filename
        super().writestr(self.entry(name), data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        with Path(filename).open("rb") as source, self.open(self.entry(str(arcname)), "w") as target:
            shutil.copyfileobj(source, target)


class ColumnCell(Cell):
    """The one cell of a column and kind, refilled row by row: each row is written before the next is made."""

    __slots__ = ("_letter", "_number", "_type")

    def dress(self, letter: str, data_type: str) -> None:
        """Fix style and place, which openpyxl would otherwise work out for every single cell."""
        self._letter = letter
        self._number = super().style_id
        self._type = data_type

    def put(self, row: int, text: str | None) -> "ColumnCell":
        self.row = row
        self._value = text
        self.data_type = "n" if text is None else self._type  # a blank cell has no type
        return self

    @property
    def coordinate(self) -> str:
        return f"{self._letter}{self.row}"

    @property
    def style_id(self) -> int:
        return self._number

    @property
    def has_style(self) -> bool:
        return True


class GridWriter(WorksheetWriter):
    """One data sheet's XML: openpyxl's, with rows from a grid."""

    def __init__(self, ws: Worksheet, grid: Grid, out: Any) -> None:
        self.grid = grid
        self.sheet = ws
        super().__init__(ws, out)

    def write_dimensions(self) -> None:
        """The true extent: openpyxl sees no cells and would say A1, which some readers believe."""
        last = f"{get_column_letter(len(self.grid.columns))}{self.grid.rows + 1}"
        self.xf.send(SheetDimension(f"A1:{last}").to_tree())

    def rows(self) -> Iterator[tuple[int, list[ColumnCell]]]:  # type: ignore[override] # one row in memory at a time
        filtered = self.grid.sheet.filter
        yield (
            1,
            [
                header_cell(self.sheet, place, column, filtered=filtered)
                for place, column in enumerate(self.grid.columns, start=1)
            ],
        )
        columns = [column_cells(self.sheet, place, c) for place, c in enumerate(self.grid.columns, start=1)]
        for row, cells in enumerate(zip(*columns, strict=True), start=2):
            yield row, [cell.put(row, text) for cell, text in cells]


class Package(ExcelWriter):
    """Writes a workbook into a SteadyZip; `grids` gives the rows of data sheets, by sheet name."""

    def __init__(self, book: Book, archive: SteadyZip, grids: Mapping[str, Grid]) -> None:
        super().__init__(book, archive)
        self.archive = archive
        self.grids = grids

    def write_worksheet(self, ws: Any) -> None:
        grid = self.grids.get(ws.title)
        if grid is None:
            super().write_worksheet(ws)
            return
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        entry = self.archive.entry(ws.path[1:])
        with self.archive.open(entry, "w", force_zip64=may_be_huge(grid)) as out:
            writer = GridWriter(ws, grid, out)
            writer.write()
        ws._rels = writer._rels  # type: ignore[attr-defined] # not in the stubs
        self.manifest.append(ws)


def may_be_huge(grid: Grid) -> bool:
    """Whether the sheet's XML could pass 2 GiB, which a zip entry must know before its first byte."""
    signs = sum(len(text) for column in grid.columns for text in column.texts if text)
    return grid.rows * len(grid.columns) * CELL_BYTES + signs * SIGN_BYTES > ZIP64_LIMIT


def header_cell(ws: Worksheet, place: int, column: GridColumn, *, filtered: bool) -> ColumnCell:
    cell = ColumnCell(ws, 1, place)
    cell.font, cell.fill, cell.border = HEADER_FONT, HEADER_FILL, HEADER_BORDER
    if column.kind in LEFT_ALIGNED:
        cell.alignment = HEADER_LEFT
    else:
        cell.alignment = HEADER_BESIDE_BUTTON if filtered else HEADER_RIGHT
    cell.dress(get_column_letter(place), "s")
    return cell.put(1, escaped(column.header))


def column_cells(ws: Worksheet, place: int, column: GridColumn) -> Iterator[tuple[ColumnCell, str | None]]:
    """Each row's cell and text; cells of one kind are the same object."""
    cells = {kind: _body_cell(ws, place, kind, code) for kind, code in column.formats.items()}
    if column.kind is not None:
        only = cells[column.kind]
        return ((only, text) for text in column.texts)
    return ((cells[kind], text) for kind, text in zip(column.kinds or (), column.texts, strict=True))


def _body_cell(ws: Worksheet, place: int, kind: Kind, code: str) -> ColumnCell:
    cell = ColumnCell(ws, 1, place)
    cell.font, cell.number_format = BODY_FONT, code
    cell.alignment = LEFT if kind in LEFT_ALIGNED else RIGHT
    cell.dress(get_column_letter(place), TYPES.get(kind, "n"))
    return cell

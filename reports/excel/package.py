"""The .xlsx package: openpyxl's writer over a steady zip file, with sheets whose rows come from parts."""
# ruff: noqa: SLF001 # openpyxl has no public place for rows made on the way; this module is the one to know

from typing import Any, Protocol

from openpyxl import Workbook as Book
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from reports.excel.archive import SteadyZip
from reports.excel.layout import SheetPlan
from reports.excel.sheet_writer import SheetWriter


class LiveBook(Book):
    """A workbook that can get more sheets while its sheets are being written."""

    @property
    def worksheets(self) -> list[Any]:
        """The list itself, where openpyxl gives a copy."""
        return self._sheets  # type: ignore[attr-defined, no-any-return] # not in the stubs


class Sheets(Protocol):
    def plan_of(self, ws: Worksheet) -> SheetPlan | None:
        """What stands on a sheet; None where its cells are openpyxl's own, which are there from now on."""
        ...

    def follow(self, ws: Worksheet, plan: SheetPlan) -> None:
        """Called when a sheet has been written: what did not fit goes to a new one behind it."""
        ...


class Package(ExcelWriter):
    """Writes a workbook into a SteadyZip; `sheets` knows what stands on each of its sheets."""

    def __init__(self, book: LiveBook, archive: SteadyZip, sheets: Sheets) -> None:
        super().__init__(book, archive)
        self.archive = archive
        self.sheets = sheets

    def write_worksheet(self, ws: Any) -> None:
        plan = self.sheets.plan_of(ws)
        if plan is None:
            super().write_worksheet(ws)
            return
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        with self.archive.entry(ws.path[1:], huge=plan.may_be_huge()) as entry:
            writer = SheetWriter(ws, plan.parts, plan.extent, entry)
            writer.write()
        ws._rels = writer._rels  # type: ignore[attr-defined] # not in the stubs
        self.manifest.append(ws)
        self.sheets.follow(ws, plan)

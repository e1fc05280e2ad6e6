"""The .xlsx package: openpyxl's writer over a steady zip file, with sheets whose rows come from parts."""
# ruff: noqa: SLF001 # openpyxl has no public place for rows made on the way; this module is the one to know

from collections.abc import Callable, Mapping
from typing import Any

from openpyxl import Workbook as Book
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from reports.excel.archive import SteadyZip
from reports.excel.layout import SheetPlan
from reports.excel.sheet_writer import SheetWriter


class Package(ExcelWriter):
    """Writes a workbook into a SteadyZip; `plans` gives the parts of data sheets, by sheet name.

    `fill` is called for every other sheet just before it is written: About says what was found on the way.
    """

    def __init__(
        self,
        book: Book,
        archive: SteadyZip,
        plans: Mapping[str, SheetPlan],
        fill: Callable[[Worksheet], None],
    ) -> None:
        super().__init__(book, archive)
        self.archive = archive
        self.plans = plans
        self.fill = fill

    def write_worksheet(self, ws: Any) -> None:
        plan = self.plans.get(ws.title)
        if plan is None:
            self.fill(ws)
            super().write_worksheet(ws)
            return
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        with self.archive.entry(ws.path[1:], huge=plan.may_be_huge()) as entry:
            writer = SheetWriter(ws, plan.parts, plan.extent, entry)
            writer.write()
        ws._rels = writer._rels  # type: ignore[attr-defined] # not in the stubs
        self.manifest.append(ws)

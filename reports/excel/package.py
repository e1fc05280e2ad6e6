"""The .xlsx package: openpyxl's writer over a steady zip file, with sheets whose rows come from parts."""
# ruff: noqa: SLF001 # openpyxl has no public place for rows made on the way; this module is the one to know

from functools import partial
from typing import Any, Protocol

from openpyxl import Workbook as Book
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from reports.excel.ahead import Ahead, sheets_at_a_time
from reports.excel.archive import Entry, SteadyZip
from reports.excel.chart_parts import Drawing
from reports.excel.sheet_plan import SheetPlan
from reports.excel.sheet_writer import SheetWriter


class LiveBook(Book):
    """A workbook that can get more sheets while its sheets are being written."""

    @property
    def worksheets(self) -> list[Any]:
        """The list itself, where openpyxl gives a copy."""
        return self._sheets  # type: ignore[attr-defined, no-any-return] # not in the stubs


class Sheets(Protocol):
    def plan_of(self, ws: Worksheet) -> SheetPlan | None:
        """What stands on a sheet; None where its cells are openpyxl's own."""
        ...

    def fill(self, ws: Worksheet) -> None:
        """Called for a sheet of openpyxl's own cells just before it is written."""
        ...

    def follow(self, ws: Worksheet, plan: SheetPlan) -> None:
        """Called when a sheet has been written: what did not fit goes to a new one behind it."""
        ...


class Package(ExcelWriter):
    """Writes a workbook into a SteadyZip; `sheets` knows what stands on each of its sheets."""

    def __init__(self, book: LiveBook, archive: SteadyZip, sheets: Sheets) -> None:
        super().__init__(book, archive)
        self.book = book
        self.archive = archive
        self.sheets = sheets
        self._ahead: Ahead | None = None

    def write_data(self) -> None:
        """Everything, large sheets side by side if there are several."""
        plans = [(ws, self.sheets.plan_of(ws)) for ws in self.book.worksheets]
        large = [(ws, plan) for ws, plan in plans if plan is not None and plan.is_large()]
        workers = min(sheets_at_a_time(), len(large))
        if workers < 2:
            super().write_data()
            return
        self._ahead = Ahead(workers, self.archive.deflate)
        try:
            for ws, plan in large:
                self._ahead.start(ws.title, partial(self._write, ws, plan))
            super().write_data()
        finally:
            self._ahead.close()

    def write_worksheet(self, ws: Any) -> None:
        plan = self.sheets.plan_of(ws)
        if plan is None:
            self.sheets.fill(ws)
            super().write_worksheet(ws)
            return
        ws._drawing = Drawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        name, huge = ws.path[1:], plan.may_be_huge()
        if self._ahead is not None and (written := self._ahead.take(ws.title)) is not None:
            entry, spool = written
            with spool:
                self.archive.add(name, entry, spool, huge=huge)
        else:
            with self.archive.entry(name, huge=huge) as entry:
                self._write(ws, plan, entry)
        self.manifest.append(ws)
        self.sheets.follow(ws, plan)

    def _write(self, ws: Any, plan: SheetPlan, entry: Entry) -> None:
        writer = SheetWriter(ws, plan.parts, plan.extent, entry)
        writer.write()
        ws._rels = writer._rels  # type: ignore[attr-defined] # not in the stubs

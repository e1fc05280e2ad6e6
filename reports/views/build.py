"""Reads a workbook for a page: every table once, with its charts and what changed in it. Knows no file format."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from reports.about import About
from reports.blocks import Figures, Link, Table
from reports.charted import charted_table
from reports.charts import Chart
from reports.comparing.compare import compare_table
from reports.comparing.listing import ChangeList, contents
from reports.comparing.words import TableChanges, legend, since_sentence
from reports.pictures.table import MAX_POINTS
from reports.preflight import Findings
from reports.sheet import Page, Sheet
from reports.sheet_names import ABOUT, CHANGES, has_changes
from reports.tables.reader import TableReader
from reports.title_block import period_of, title_of
from reports.views.book import (
    ShownBook,
    ShownChart,
    ShownFigures,
    ShownLink,
    ShownPart,
    ShownRows,
    ShownSheet,
    ShownText,
)
from reports.views.changes import listed_table, marked, without_words
from reports.views.figures import figure_texts
from reports.views.sparklines import with_sparklines
from reports.views.table import ShownTable, TableView
from reports.workbook import Workbook

CUT = "the first {shown:,} of {all:,} rows are shown; the workbook has all"
CUT_WITH_TOTALS = "the first {shown:,} of {all:,} rows are shown; totals count all, and the workbook has all"
CUT_CHART = "a chart draws the first {shown:,} of {all:,} rows; the workbook's own draws all"
WITH, LISTED = "with what they were", "the list is under Changes"
UNSAID = "changed cells beyond the first 1,000, marked but without what they were: {count}"


def shown_book(
    workbook: Workbook, findings: Findings, zone: ZoneInfo | None, most: int, about: About | None = None
) -> ShownBook:
    """Reads every table once; `most` is how many rows of each are shown. Raises BadWorkbook."""
    return _Reading(workbook, findings, zone, most).book(about)


class _Reading:
    def __init__(self, workbook: Workbook, findings: Findings, zone: ZoneInfo | None, most: int) -> None:
        self.workbook = workbook
        self.findings = findings
        self.zone = zone
        self.most = most
        added = [CHANGES] if has_changes(workbook.sheets) else []
        names = [*(sheet.name for sheet in workbook.sheets), *added, ABOUT]
        self.places = {name: place for place, name in enumerate(names)}
        self.views: dict[int, TableView] = {}
        self.compared: list[TableChanges] = []

    def book(self, about: About | None) -> ShownBook:
        charted: dict[int, set[str]] = {}
        for table, chart in self._charts():
            charted.setdefault(id(table), set()).update(chart.columns)
        rows: dict[str, int] = {}
        for sheet in self.workbook.sheets:
            for table in sheet.tables:
                preflight = self.workbook.preflight
                reader = TableReader(sheet.name, table, preflight, self.findings, self.zone, in_groups=True)
                view = TableView(reader, self.most, charted.get(id(table), set()))
                self.views[id(table)] = view
                if table.changes is not None:
                    known = compare_table(sheet.name, table, preflight, reader.given)
                    self.compared.append(TableChanges(sheet.name, table, known))
                rows[sheet.name] = rows.get(sheet.name, 0) + view.all_rows
        sheets = [
            ShownSheet(sheet.name, list(self._parts(sheet)), sheet.page) for sheet in self.workbook.sheets
        ]
        title, period = title_of(self.workbook, about), period_of(about)
        is_compared = any(one.comparison is not None for one in self.compared)
        since = since_sentence(self.compared) if is_compared else None
        changes = ShownSheet(CHANGES, list(self._changes()), Page()) if self.compared else None
        return ShownBook(title, period, self.workbook.headline, since, sheets, rows, self.compared, changes)

    def _charts(self) -> Iterator[tuple[Table, Chart]]:
        for sheet in self.workbook.sheets:
            for block in sheet.blocks:
                if isinstance(block, Chart):
                    yield charted_table(block, self.workbook.sheets), block
                elif isinstance(block, Table):
                    yield from ((block, chart) for chart in block.all_charts)

    def _parts(self, sheet: Sheet) -> Iterator[ShownPart]:
        for block in sheet.blocks:
            if isinstance(block, Table):
                yield from (self._chart(sheet, chart, block) for chart in block.all_charts)
                yield self._rows(sheet, block)
            elif isinstance(block, Chart):
                yield self._chart(sheet, block, charted_table(block, self.workbook.sheets))
            elif isinstance(block, Figures):
                yield self._figures(sheet.name, block)
            elif isinstance(block, Link):
                yield ShownLink(block.text, block.to, self._target(block))
            else:
                yield ShownText(block.text, block.style)
        yield from (ShownText(note, "note") for note in sheet.notes)

    def _target(self, link: Link) -> int | None:
        return None if link.leads_outside else self.places[link.to]

    def _rows(self, sheet: Sheet, table: Table) -> ShownRows:
        view = self.views[id(table)]
        found = view.shown()
        told = self._told(sheet.name, found)
        compared = next((one for one in self.compared if one.table is table), None)
        if compared is None:
            return ShownRows(with_sparklines(found, view), told)
        marks = table.changes is not None and table.changes.mark
        if marks and (known := compared.comparison) is not None:
            found = marked(found, known, view.listed)
            if unsaid := without_words(found):
                self.findings.add("changes", sheet.name, UNSAID, count=unsaid)
        return ShownRows(with_sparklines(found, view), told, legend(compared, WITH, LISTED))

    def _told(self, sheet: str, table: ShownTable) -> str | None:
        """How many rows there are, where not all are shown."""
        if len(table.rows) == table.all_rows:
            return None
        said = CUT_WITH_TOTALS if table.totals else CUT
        told = said.format(shown=len(table.rows), all=table.all_rows)
        self.findings.add("rows_left_out", sheet, told, count=table.all_rows - len(table.rows))
        return told

    def _changes(self) -> Iterator[ShownPart]:
        listed = {id(one.table): self.views[id(one.table)].listed for one in self.compared}
        for block in contents(self.compared, listed):
            if isinstance(block, ChangeList):
                table = listed_table(block, self.most)
                yield ShownRows(table, self._told(CHANGES, table))
            elif isinstance(block, Figures):
                yield self._figures(CHANGES, block)
            else:
                yield ShownText(block.text, block.style)

    def _figures(self, sheet: str, block: Figures) -> ShownFigures:
        return ShownFigures(figure_texts(block, sheet, self.findings, self.zone))

    def _chart(self, sheet: Sheet, chart: Chart, table: Table) -> ShownChart:
        drawn = self.views[id(table)].drawn()
        wanted = min(drawn.rows, chart.first or drawn.rows)
        told = None
        if wanted > MAX_POINTS:
            told = CUT_CHART.format(shown=MAX_POINTS, all=wanted)
            self.findings.add("points_left_out", sheet.name, told, count=wanted - MAX_POINTS)
        return ShownChart(chart, drawn, told)

"""A workbook as a sequence of things to be shown, whatever page they then stand on. Knows no file format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from reports.about import About
from reports.blocks import Figures, Formula, Link, Table
from reports.charted import charted_table
from reports.charts import Chart
from reports.currencies import currency_code
from reports.excel.values import in_zone
from reports.files.tables import COMPUTED, TableReader
from reports.formats import GENERAL, NUMBERS, Facts, Kind, format_code, inferred_format
from reports.objects import kind_of
from reports.preflight import Findings
from reports.sheet import Page, Sheet
from reports.shown.drawn import MAX_POINTS, DrawnTable
from reports.shown.table import ShownTable, TableView
from reports.shown.values import shown
from reports.title_block import period_of, title_of
from reports.workbook import Workbook

CUT = "the first {shown:,} of {all:,} rows are shown; the workbook has all"
CUT_WITH_TOTALS = "the first {shown:,} of {all:,} rows are shown; totals count all, and the workbook has all"
CUT_CHART = "a chart draws the first {shown:,} of {all:,} rows; the workbook's own draws all"
UNCALCULATED = "a formula without a value, which only a workbook calculates"


@dataclass(frozen=True)
class ShownText:
    """A text without words is an empty line."""

    text: str
    style: str


@dataclass(frozen=True)
class ShownFigures:
    """Labels with the values as text."""

    figures: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class ShownLink:
    """`sheet` is the number of the sheet that it leads to, from 0; None where it leads to the address `to`."""

    text: str
    to: str
    sheet: int | None


@dataclass(frozen=True, eq=False)
class ShownChart:
    """`told` says what is not drawn, where something is not."""

    chart: Chart
    table: DrawnTable
    told: str | None


@dataclass(frozen=True, eq=False)
class ShownRows:
    """`told` says how many rows there are, where not all are shown."""

    table: ShownTable
    told: str | None


ShownPart: TypeAlias = ShownText | ShownFigures | ShownLink | ShownChart | ShownRows


@dataclass(frozen=True, eq=False)
class ShownSheet:
    name: str
    parts: Sequence[ShownPart]
    page: Page


@dataclass(frozen=True, eq=False)
class ShownBook:
    """`rows` counts those of each sheet's tables, shown or not."""

    title: str
    period: str | None
    headline: str | None
    sheets: Sequence[ShownSheet]
    rows: Mapping[str, int] = field(default_factory=dict)


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
        self.places = {sheet.name: place for place, sheet in enumerate(workbook.sheets)}
        self.views: dict[int, TableView] = {}

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
                rows[sheet.name] = rows.get(sheet.name, 0) + view.all_rows
        sheets = [
            ShownSheet(sheet.name, list(self._parts(sheet)), sheet.page) for sheet in self.workbook.sheets
        ]
        title = title_of(self.workbook, about)
        return ShownBook(title, period_of(about), self.workbook.headline, sheets, rows)

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
                yield self._figures(sheet, block)
            elif isinstance(block, Link):
                yield ShownLink(block.text, block.to, self._target(block))
            else:
                yield ShownText(block.text, block.style)
        yield from (ShownText(note, "note") for note in sheet.notes)

    def _target(self, link: Link) -> int | None:
        return None if link.leads_outside else self.places.get(link.to, len(self.places))

    def _rows(self, sheet: Sheet, table: Table) -> ShownRows:
        found = self.views[id(table)].shown()
        told = None
        if len(found.rows) < found.all_rows:
            told = (CUT_WITH_TOTALS if found.totals else CUT).format(
                shown=len(found.rows), all=found.all_rows
            )
            self.findings.add("rows_left_out", sheet.name, told, count=found.all_rows - len(found.rows))
        return ShownRows(found, told)

    def _chart(self, sheet: Sheet, chart: Chart, table: Table) -> ShownChart:
        drawn = self.views[id(table)].drawn()
        wanted = min(drawn.rows, chart.first or drawn.rows)
        told = None
        if wanted > MAX_POINTS:
            told = CUT_CHART.format(shown=MAX_POINTS, all=wanted)
            self.findings.add("points_left_out", sheet.name, told, count=wanted - MAX_POINTS)
        return ShownChart(chart, drawn, told)

    def _figures(self, sheet: Sheet, block: Figures) -> ShownFigures:
        shown_ones = []
        for label, figure in block.figures.items():
            value = figure.value
            if isinstance(value, Formula):
                if value.value is None:
                    self.findings.add("formulas", sheet.name, UNCALCULATED, column=label)
                else:
                    self.findings.add("formulas", sheet.name, COMPUTED, column=label)
                value = value.value
            if isinstance(value, datetime):
                value = in_zone(value, self.zone) if value.tzinfo else value
            code = figure.format and format_code(figure.format)
            code = currency_code(figure.currency) if figure.currency else code
            shown_ones.append((label, shown(value, code or _inferred(label, value))))
        return ShownFigures(shown_ones)


def _inferred(label: str, value: object) -> str:
    """As a workbook shows the value."""
    kind = kind_of(value) if value is not None else None
    if kind is None:
        return GENERAL
    if kind not in NUMBERS:
        return inferred_format(kind, Facts(filled=1, seconds=True))
    text = format(value, "f") if kind is Kind.DECIMAL else ""
    number = float(value)  # type: ignore[arg-type] # a number
    decimals = len(text.partition(".")[2])
    return inferred_format(
        kind, Facts(1, number, number, whole=number.is_integer(), decimals=decimals), label
    )

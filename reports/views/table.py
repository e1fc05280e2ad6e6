"""A table as a page shows it: texts under their formats, totals, what conditional formats make of each cell."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from reports.blocks import Table
from reports.charts import Chart
from reports.comparing.columns import ListedColumn
from reports.errors import UnknownColumn
from reports.marks import Highlight
from reports.number_formats.render import can_show
from reports.pictures.table import MAX_POINTS, DrawnColumn, DrawnTable
from reports.preflight import Findings, Preflight
from reports.tables.column_scan import TOTAL, is_address
from reports.tables.facts import SLICE
from reports.tables.grouping import Group
from reports.tables.headers import Above
from reports.tables.reader import TableReader
from reports.text import shown_width
from reports.views.columns import Kept, SeenColumn, seen_columns
from reports.views.groups import ShownGroup, told
from reports.views.marks import PLAIN, MarkStyle, merged, styles_of

BOLD = 1  # character that a bold text is wider
ALONE = "chart"  # what errors call the place of a chart that is on no sheet
NOT_EVALUATED = "highlights by a formula, which only a workbook works out, left out: {count}"
NOT_FORMATTED = "its format {code!r} means something only a workbook shows; its numbers are shown plainly"


@dataclass(frozen=True)
class Picture:
    """`said` is the same in words."""

    svg: str
    said: str


@dataclass(frozen=True)
class ShownChange:
    """The words that a comparison adds to a cell: `was` is what stood there before, `new` that its row did not."""

    style: MarkStyle
    was: str | None = None
    new: bool = False


@dataclass(frozen=True)
class ShownCell:
    """`style` follows from the values alone. `link` is an address, or None. A cell with a picture has no text."""

    text: str
    style: MarkStyle = PLAIN
    link: str | None = None
    change: ShownChange | None = None
    picture: Picture | None = None

    @property
    def whole_style(self) -> MarkStyle:
        """Conditional formats come before what changed, as in a workbook."""
        return merged(self.style, self.change.style) if self.change else self.style


@dataclass(frozen=True)
class ShownColumn:
    """Texts read from the left, numbers stand at the right. `widest` is in characters, of what is shown.

    `above` is what stands over the header, the outermost first. `widest_change` is what a comparison adds.
    """

    header: str
    note: str | None
    at_left: bool
    widest: int
    total: str
    above: Above = ()
    widest_change: int = 0
    total_picture: Picture | None = None


@dataclass(frozen=True)
class ShownTable:
    """`rows` are the first of `all_rows`. `totals`: whether there is a row of them. `groups` are as they end."""

    columns: Sequence[ShownColumn]
    rows: Sequence[Sequence[ShownCell]]
    all_rows: int
    totals: bool
    groups: Sequence[ShownGroup] = ()


class TableView:
    """A table that has been read once, for a page and for the charts that draw it."""

    def __init__(
        self,
        reader: TableReader,
        rows: int,
        charted: Collection[str] = (),
    ) -> None:
        self.reader = reader
        self.table = reader.table
        scaled = {name for one in self.table.all_sparklines if one.same_scale for name in one.of}
        needed = [
            Kept(
                max(rows, MAX_POINTS if column.name in charted else 0),
                column.name in scaled
                or bool(self.table.columns.get(column.name) and self.table.columns[column.name].marks),
            )
            for column in reader.columns
        ]
        self.groups = [group for group in reader.groups if group.first < rows]
        self.columns = seen_columns(reader, needed, SLICE, self.groups)
        self._names = [column.name for column in reader.columns]
        self.all_rows = reader.rows
        self.shown_rows = min(rows, reader.rows)

    @property
    def listed(self) -> dict[str, ListedColumn]:
        """The columns as they are listed beside the table."""
        return {
            seen.column.name: ListedColumn(
                seen.column.name, seen.column.lowest, seen.options, seen.column.zone, seen.scan.codes
            )
            for seen in self.columns
        }

    def drawn(self) -> DrawnTable:
        columns = {
            seen.column.name: DrawnColumn(seen.column.header, seen.column.kind, seen.scan.code, seen.values)
            for seen in self.columns
        }
        return DrawnTable(columns, self.all_rows)

    def shown(self) -> ShownTable:
        cells = [self._cells(column) for column in self.columns]
        rows = [list(row) for row in zip(*cells, strict=True)]
        for position, style in self._row_styles():
            rows[position] = [
                ShownCell(one.text, merged(one.style, style), one.link) for one in rows[position]
            ]
        unlabelled = next((seen for seen in self.columns if seen.totals is None), None)
        groups = [self._group(number, group) for number, group in enumerate(self.groups)]
        columns = []
        for position, (seen, column) in enumerate(zip(self.columns, cells, strict=True)):
            bold = (shown_width(group.texts[position]) + BOLD for group in groups)
            widest = max(chain((shown_width(cell.text) for cell in column), bold), default=0)
            columns.append(self._column(seen, widest=widest, labelled=seen is unlabelled))
        return ShownTable(columns, rows, self.all_rows, bool(self.table.totals), groups)

    def _group(self, number: int, group: Group) -> ShownGroup:
        """The label stands in the column whose value the rows have in common."""
        position = self._names.index(self.table.groups[group.level])
        texts = [seen.total_text(number) or "" for seen in self.columns]
        texts[position] = self.columns[position].scan.group_title(group.value)
        rows = min(group.end, self.shown_rows)
        return ShownGroup(rows, group.level, texts, position, told(group, self.shown_rows))

    def _column(self, seen: SeenColumn, *, widest: int, labelled: bool) -> ShownColumn:
        if not can_show(seen.scan.code):
            said = NOT_FORMATTED.format(code=seen.scan.code).replace("{", "{{").replace("}", "}}")
            self.reader.findings.add("format", self.reader.sheet, said, column=seen.column.name)
        label = TOTAL if labelled and self.table.totals else ""
        total = seen.total_text()
        above = seen.options.levels
        return ShownColumn(
            seen.column.lowest,
            seen.options.note,
            seen.is_left,
            widest,
            label if total is None else total,
            above,
        )

    def _cells(self, seen: SeenColumn) -> list[ShownCell]:
        rules = self._styles_by(seen, rows=False)
        cells = []
        values, is_link = seen.values[: self.shown_rows], seen.scan.is_link
        for value, text in zip(values, seen.scan.texts(values), strict=True):
            link = text if is_link and is_address(text) else None
            style = PLAIN
            for style_of in rules:
                style = merged(style, style_of(value))
            cells.append(ShownCell(text, style, link))
        return cells

    def _row_styles(self) -> list[tuple[int, MarkStyle]]:
        return [
            (position, style)
            for seen in self.columns
            for style_of in self._styles_by(seen, rows=True)
            for position, value in enumerate(seen.values[: self.shown_rows])
            if (style := style_of(value)) is not PLAIN
        ]

    def _styles_by(self, seen: SeenColumn, *, rows: bool) -> list[Any]:
        marks = [
            mark for mark in seen.options.all_marks if (isinstance(mark, Highlight) and mark.row) is rows
        ]
        styles = [styles_of(mark, seen.values) for mark in marks]
        self.reader.note("formula_marks", seen.column, styles.count(None), NOT_EVALUATED)
        return [style_of for style_of in styles if style_of is not None]


def drawn_table(
    table: Table, chart: Chart, preflight: Preflight, findings: Findings, zone: ZoneInfo | None
) -> DrawnTable:
    """A table that is read for one chart alone."""
    table.check(ALONE)
    reader = TableReader(ALONE, table, preflight, findings, zone)
    known = [column.name for column in reader.columns]
    for column in chart.columns:
        if column not in known:
            raise UnknownColumn(ALONE, column, known)
    return TableView(reader, 0, chart.columns).drawn()

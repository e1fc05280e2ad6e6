"""A table as a page shows it: texts under their formats, totals, what conditional formats make of each cell."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from reports.blocks import MAX_ADDRESS, Table
from reports.charts import Chart
from reports.comparing.columns import ListedColumn
from reports.errors import UnknownColumn
from reports.excel.values import plain_text
from reports.files.tables import TableReader
from reports.marks import Highlight
from reports.number_formats.render import can_show, shown
from reports.pictures.table import MAX_POINTS, DrawnColumn, DrawnTable
from reports.preflight import Findings, Preflight
from reports.tables.grouping import Group
from reports.tables.headers import Above
from reports.text import shown_width, spelled_out
from reports.views.columns import Kept, SeenColumn, seen_columns
from reports.views.groups import ShownGroup, told
from reports.views.marks import PLAIN, CellLook, looks_of, merged

BOLD = 1  # character that a bold text is wider
SLICE = 65_536  # rows that are read in one go
SCHEMES = ("https://", "http://", "mailto:")
TOTAL = "Total"
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
    """What a comparison adds to a cell: `was` says what stood there before, `new` that its row did not."""

    look: CellLook
    was: str | None = None
    new: bool = False


@dataclass(frozen=True)
class ShownCell:
    """`look` follows from the values alone. `link` is an address, or None. A cell with a picture has no text."""

    text: str
    look: CellLook = PLAIN
    link: str | None = None
    change: ShownChange | None = None
    picture: Picture | None = None

    @property
    def whole_look(self) -> CellLook:
        """Conditional formats come before what changed, as in a workbook."""
        return merged(self.look, self.change.look) if self.change else self.look


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
        """How values of the columns are shown beside the table."""
        return {
            one.column.name: ListedColumn(
                one.column.name, one.column.lowest, one.looks, one.column.zone, one.codes
            )
            for one in self.columns
        }

    def drawn(self) -> DrawnTable:
        columns = {
            one.column.name: DrawnColumn(one.column.header, one.column.kind, one.code, one.values)
            for one in self.columns
        }
        return DrawnTable(columns, self.all_rows)

    def shown(self) -> ShownTable:
        cells = [self._cells(column) for column in self.columns]
        rows = [list(row) for row in zip(*cells, strict=True)]
        for place, look in self._row_looks():
            rows[place] = [ShownCell(one.text, merged(one.look, look), one.link) for one in rows[place]]
        unlabelled = next((one for one in self.columns if one.totals is None), None)
        groups = [self._group(number, group) for number, group in enumerate(self.groups)]
        columns = []
        for place, (one, column) in enumerate(zip(self.columns, cells, strict=True)):
            bold = (shown_width(group.texts[place]) + BOLD for group in groups)
            widest = max(chain((shown_width(cell.text) for cell in column), bold), default=0)
            columns.append(self._column(one, widest=widest, labelled=one is unlabelled))
        return ShownTable(columns, rows, self.all_rows, bool(self.table.totals), groups)

    def _group(self, number: int, group: Group) -> ShownGroup:
        """The label stands in the column whose value the rows have in common."""
        place = self._names.index(self.table.groups[group.level])
        texts = [one.total_text(number) or "" for one in self.columns]
        texts[place] = spelled_out(f"{TOTAL} {group.label}")
        rows = min(group.end, self.shown_rows)
        return ShownGroup(rows, group.level, texts, place, told(group, self.shown_rows))

    def _column(self, seen: SeenColumn, *, widest: int, labelled: bool) -> ShownColumn:
        if not can_show(seen.code):
            said = NOT_FORMATTED.format(code=seen.code).replace("{", "{{").replace("}", "}}")
            self.reader.findings.add("format", self.reader.sheet, said, column=seen.column.name)
        label = TOTAL if labelled and self.table.totals else ""
        total = seen.total_text()
        above = seen.looks.levels
        return ShownColumn(
            seen.column.lowest,
            seen.looks.note,
            seen.is_left,
            widest,
            label if total is None else total,
            above,
        )

    def _cells(self, seen: SeenColumn) -> list[ShownCell]:
        looks = self._looks(seen, rows=False)
        cells = []
        for value in seen.values[: self.shown_rows]:
            text = self._text(seen, value)
            link = text if seen.is_link and text.startswith(SCHEMES) and len(text) <= MAX_ADDRESS else None
            look = PLAIN
            for one in looks:
                look = merged(look, one(value))
            cells.append(ShownCell(text, look, link))
        return cells

    def _row_looks(self) -> list[tuple[int, CellLook]]:
        return [
            (place, look)
            for seen in self.columns
            for one in self._looks(seen, rows=True)
            for place, value in enumerate(seen.values[: self.shown_rows])
            if (look := one(value)) is not PLAIN
        ]

    def _looks(self, seen: SeenColumn, *, rows: bool) -> list[Any]:
        marks = [mark for mark in seen.looks.all_marks if (isinstance(mark, Highlight) and mark.row) is rows]
        found = [looks_of(mark, seen.values) for mark in marks]
        self.reader.note("formula_marks", seen.column, found.count(None), NOT_EVALUATED)
        return [one for one in found if one is not None]

    @staticmethod
    def _text(seen: SeenColumn, value: object) -> str:
        if seen.looks.as_text and value is not None:
            return spelled_out(value if isinstance(value, str) else plain_text(value, None) or "")
        return shown(value, seen.code_of(value))


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

"""The plan of a sheet: blocks become parts, one below the other, with the widths they need.

For each sheet a `SheetPlan` is opened, and its blocks are taken in their order. A text, a link or key figures
become a part whose rows are counted at once. A table is scanned first: that says how wide its columns must
be, how many rows it has, and what changed in it. Its charts stand above it where it has many columns; else
beside it, and the plan remembers how far down they reach, so that what follows stands below both. A stream
does not tell its rows before it has been written: from there on, the plan's own count is None. Whatever does
not fit on one sheet is asked for as a continuation when the sheet before has been written.
"""

from collections.abc import Iterator, Sequence

from reports.blocks import Figures, Link, Table, Text
from reports.charted import charted_table
from reports.charts import Chart
from reports.comparing.compare import compare_table
from reports.comparing.words import TableChanges, legend
from reports.errors import MAX_ROWS, SheetTooLong
from reports.excel.block_parts import FiguresPart, LinkPart, SincePart, TextPart
from reports.excel.changes_sheet import ListPart, blocks_of
from reports.excel.chart_parts import BesidePart, ChartPart, Where
from reports.excel.inspection import Context
from reports.excel.page import Span
from reports.excel.sheet_plan import SheetPlan
from reports.excel.styles import Styles
from reports.excel.table_part import RowPath, TablePart
from reports.excel.table_reading import TableReading
from reports.excel.widths import NARROWEST, PADDING, column_width, room_for
from reports.frames import column_names
from reports.sheet import Sheet
from reports.sheet_names import CHANGES, free_name
from reports.tables.headers import widened
from reports.text import shown_width

NOTED = "with a note of what they were"
LEGEND = 2  # rows: a line that says what the marks of changes mean, and a blank one above it
MANY_COLUMNS = 10  # from which charts stand above their table: beside it nobody would find them


class Layout:
    """Plans every sheet of a workbook; `readings` are its tables, in order. `title` heads the first sheet."""

    def __init__(self, styles: Styles, context: Context, path: RowPath, title: Sequence[Text] = ()) -> None:
        self.styles = styles
        self.title = title
        self.context = context
        self.path = path
        self.readings: list[TableReading] = []
        self.compared: list[TableChanges] = []
        self._taken: set[str] = set()
        self._sheets: Sequence[Sheet] = ()
        self._charted: dict[int, set[str]] = {}  # columns, by the identity of their table
        self._parts: dict[int, TablePart] = {}

    def plan(self, sheets: Sequence[Sheet]) -> list[SheetPlan]:
        self._taken = {sheet.name.casefold() for sheet in sheets}
        self._sheets = sheets
        for table, chart in _charts(sheets):
            self._charted.setdefault(id(table), set()).update(chart.columns)
        plans = [self._sheet(sheet) for sheet in sheets]
        return [*plans, self._changes()] if self.compared else plans

    def continuation(self, plan: SheetPlan) -> SheetPlan | None:
        """A sheet for what did not fit on one that has just been written. Raises SheetTooLong."""
        part = next(
            (part for part in plan.parts if isinstance(part, TablePart) and part.reading.has_more()), None
        )
        if part is None:
            self._note_split(plan)
            return None
        if not self._may_split(plan.sheet):
            raise SheetTooLong(plan.sheet.name, part.last + 1)
        free = free_name(plan.sheet.name, self._taken)
        self._taken.add(free.casefold())
        following = SheetPlan(free, plan.sheet, number=plan.number + 1, header=1, widths=plan.widths)
        rows = part.reading.rows
        left = None if rows is None else min(rows - part.reading.rows_read, part.reading.per_sheet)
        following.add(
            part.continuation(), None if left is None else left + 1 + bool(part.reading.table.totals)
        )
        return following

    def _note_split(self, plan: SheetPlan) -> None:
        if plan.number > 1:
            rows = next(part.reading.rows_read for part in plan.parts if isinstance(part, TablePart))
            said = f"its {rows:,} rows were split over {plan.number} sheets"
            self.context.findings.add("rows", plan.sheet.name, said)

    def _may_split(self, sheet: Sheet) -> bool:
        """A table whose rows are alike, and stand below one row of header."""
        return (
            self.context.preflight.rows == "split"
            and len(sheet.tables) == 1
            and not sheet.tables[0].groups
            and not sheet.tables[0].levels
        )

    def _sheet(self, sheet: Sheet) -> SheetPlan:
        plan = SheetPlan(sheet.name, sheet)
        if self.title and sheet is self._sheets[0]:
            self._title(plan)
        for block in sheet.blocks:
            if plan.parts:
                plan.separate()
            if isinstance(block, Table):
                self._table(plan, block)
            elif isinstance(block, Chart):
                self._chart(plan, block, charted_table(block, self._sheets))
            else:
                self._small(plan, block)
        if sheet.notes:
            plan.separate()
            for note in sheet.notes:
                self._small(plan, Text(note, "note"))
        if plan.rows is not None and plan.rows > MAX_ROWS:
            raise SheetTooLong(sheet.name, plan.rows)
        plan.widths |= {_column_number(letter): width for letter, width in sheet.widths.items()}
        return plan

    def _title(self, plan: SheetPlan) -> None:
        for text in self.title:
            self._small(plan, text)
        if any(table.changes is not None for sheet in self._sheets for table in sheet.tables):
            plan.add(SincePart(self.compared, self.styles), 1)

    def _changes(self) -> SheetPlan:
        plan = SheetPlan(CHANGES, Sheet(CHANGES, Text(CHANGES)), widths={1: float(NARROWEST)})
        for block in blocks_of(self.compared, self.readings, self.styles):
            if plan.rows and not (isinstance(block, ListPart) and plan.rows > 1):
                plan.separate()
            if isinstance(block, ListPart):
                plan.widen(block.widths)
                plan.add(block, block.rows)
            elif isinstance(block, Text | Figures):
                self._small(plan, block)
        return plan

    def _small(self, plan: SheetPlan, block: Text | Figures | Link) -> None:
        if isinstance(block, Figures):
            figures = FiguresPart(plan.name, block, self.styles, self.context.zone)
            plan.widen(figures.widths)
            plan.add(figures, len(block.figures))
        elif isinstance(block, Link):
            plan.add(LinkPart(block, self.styles), 1)
        else:
            plan.add(TextPart(block, self.styles), block.text.count("\n") + 1)

    def _chart(self, plan: SheetPlan, chart: Chart, table: Table) -> None:
        part = ChartPart(chart, self._place_of(table))
        if plan.rows is not None:
            plan.spans.append(Span(plan.rows + 1, part.rows))
        plan.add(part, part.rows)

    def _place_of(self, table: Table) -> Where:
        """Asked for when every table has been written."""
        return lambda: self._parts[id(table)].charted()  # noqa: PLW0108 # the part comes later

    def _charts_beside(self, plan: SheetPlan, table: Table) -> Sequence[Chart]:
        """The table's charts, unless it has so many columns that they stand above it."""
        if len(column_names(plan.name, table.frame, repeated=True) or ()) < MANY_COLUMNS:
            return table.all_charts
        for chart in table.all_charts:
            self._chart(plan, chart, table)
            plan.separate()
        return ()

    def _table(self, plan: SheetPlan, table: Table) -> None:
        charts = self._charts_beside(plan, table)
        alone = len(plan.sheet.tables) == 1
        header = (plan.rows or 0) + 1 + table.levels
        reading = self._scanned(plan, table, header)
        widths = _widths(reading)
        compared = self._compared(plan.name, table, reading)
        marked = table.changes is not None and table.changes.mark
        part = self._parts[id(table)] = TablePart(
            reading,
            self.styles,
            widths,
            filtered=table.filter if table.filter is not None else alone and table.excel_table is None,
            path=self.path,
            kept=self._charted.get(id(table), set()),
            comparison=compared.comparison if compared is not None and marked else None,
        )
        if charts:
            plan.put_beside(
                BesidePart(charts, part.charted, len(widths) + 2, table.levels + 1), header - table.levels
            )
        rows = (
            None if reading.rows is None else min(reading.rows, reading.per_sheet) + len(reading.groups.ends)
        )
        plan.levels = max(plan.levels, reading.groups.levels)
        plan.header = header if alone and plan.rows is not None else None
        plan.add(part, None if rows is None else table.levels + 1 + _body_rows(rows, table))
        plan.widen(widths)
        if compared is not None:
            plan.separate()
            self._small(plan, Text(legend(compared, NOTED, f"the list is on the sheet {CHANGES}"), "note"))

    def _scanned(self, plan: SheetPlan, table: Table, header: int) -> TableReading:
        """A table whose header's last row is `header`, scanned. Raises SheetTooLong."""
        besides = header + bool(table.totals) + (1 + len(plan.sheet.notes) if plan.sheet.notes else 0)
        besides += LEGEND if table.changes is not None else 0
        reading = TableReading(plan.name, table, self.context, header + 1, MAX_ROWS - besides)
        rows = None if reading.rows is None else reading.rows + len(reading.groups.ends)
        if rows is not None and rows > reading.per_sheet and not self._may_split(plan.sheet):
            raise SheetTooLong(plan.name, rows + besides)
        reading.scan()
        self.readings.append(reading)
        return reading

    def _compared(self, sheet: str, table: Table, reading: TableReading) -> TableChanges | None:
        if table.changes is None:
            return None
        comparison = compare_table(sheet, table, self.context.preflight, reading.data)
        self.compared.append(TableChanges(sheet, table, comparison))
        return self.compared[-1]


def _widths(reading: TableReading) -> list[float]:
    """In characters: what the author says, or what header and values need."""
    widths = [
        reader.options.width or column_width(reader.header, reader.scan) + room_for(reader.options.all_marks)
        for reader in reading.readers
    ]
    above = [reader.options.levels for reader in reading.readers]
    return widened(widths, above, lambda text: shown_width(text) + PADDING)


def _charts(sheets: Sequence[Sheet]) -> Iterator[tuple[Table, Chart]]:
    """Every chart with its table."""
    for sheet in sheets:
        for block in sheet.blocks:
            if isinstance(block, Chart):
                yield charted_table(block, sheets), block
            elif isinstance(block, Table):
                yield from ((block, chart) for chart in block.all_charts)


def _body_rows(rows: int, table: Table) -> int:
    """With the row of totals, which stands below a blank one where there are no others."""
    return max(1, rows) + 1 if table.totals else rows


def _column_number(letter: str) -> int:
    number = 0
    for sign in letter:
        number = number * 26 + ord(sign) - ord("A") + 1
    return number

"""What stands where on a sheet: blocks become parts, one below the other, with the widths they need."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zipfile import ZIP64_LIMIT

from reports.blocks import Figures, Link, Table, Text
from reports.errors import MAX_ROWS, SheetTooLong
from reports.excel.block_parts import FiguresPart, Gap, LinkPart, TextPart
from reports.excel.inspection import Context
from reports.excel.letters import column_letter
from reports.excel.row_xml import row_counts, span_of
from reports.excel.sheet_writer import Part
from reports.excel.styles import Styles
from reports.excel.table_part import RowPath, TablePart
from reports.excel.table_reading import TableReading
from reports.excel.widths import column_width
from reports.sheet import Sheet
from reports.sheet_names import free_name


@dataclass(eq=False)
class SheetPlan:
    """One sheet to be written. `header` is the row of its only table's header."""

    name: str
    sheet: Sheet
    parts: list[Part] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    rows: int | None = 0  # so far; None once a stream has come
    header: int | None = None

    def add(self, part: Part, rows: int | None) -> None:
        self.parts.append(part)
        self.rows = None if self.rows is None or rows is None else self.rows + rows

    def widen(self, widths: Sequence[float]) -> None:
        for place, width in enumerate(widths, start=1):
            self.widths[place] = max(width, self.widths.get(place, 0))

    def may_be_huge(self) -> bool:
        """Whether the sheet's XML could pass 2 GiB, which a zip entry must know before its first byte."""
        tables = [part for part in self.parts if isinstance(part, TablePart)]
        return sum(part.most_bytes() for part in tables) > ZIP64_LIMIT

    @property
    def extent(self) -> str | None:
        if self.rows is None:
            return None
        return f"A1:{column_letter(max(self.widths, default=1))}{max(1, self.rows)}"


class Layout:
    """Plans every sheet of a workbook; `readings` are its tables, in order."""

    def __init__(self, styles: Styles, context: Context, path: RowPath) -> None:
        self.styles = styles
        self.context = context
        self.path = path
        self.readings: list[TableReading] = []
        self._taken: set[str] = set()

    def plan(self, sheets: Sequence[Sheet]) -> list[SheetPlan]:
        self._taken = {sheet.name.casefold() for sheet in sheets}
        return [plan for sheet in sheets for plan in self._sheets(sheet)]

    def _sheets(self, sheet: Sheet) -> list[SheetPlan]:
        plan = SheetPlan(sheet.name, sheet)
        plans = [plan]
        for place, block in enumerate(sheet.blocks):
            if place:
                plan.add(Gap(), 1)
            if isinstance(block, Table):
                plans += self._table(plan, block)
            else:
                self._small(plan, block)
        if sheet.notes:
            plan.add(Gap(), 1)
            for note in sheet.notes:
                self._small(plan, Text(note, "note"))
        for one in plans:
            if one.rows is not None and one.rows > MAX_ROWS:
                raise SheetTooLong(sheet.name, one.rows)
            one.widths |= {_place(letter): width for letter, width in sheet.widths.items()}
        return plans

    def _small(self, plan: SheetPlan, block: Text | Figures | Link) -> None:
        if isinstance(block, Figures):
            figures = FiguresPart(plan.name, block, self.styles, self.context.zone)
            plan.widen(figures.widths)
            plan.add(figures, len(block.figures))
        elif isinstance(block, Link):
            plan.add(LinkPart(block, self.styles), 1)
        else:
            plan.add(TextPart(block, self.styles), block.text.count("\n") + 1)

    def _table(self, plan: SheetPlan, table: Table) -> list[SheetPlan]:
        """Puts a table on the sheet, and what does not fit on sheets of its own where the author says so."""
        sheet = plan.sheet
        header = (plan.rows or 0) + 1
        alone = len(sheet.tables) == 1
        filtered = table.filter if table.filter is not None else alone and table.excel_table is None
        per_sheet = MAX_ROWS - header - bool(table.totals)
        reading = TableReading(sheet.name, table, self.context, header + 1, per_sheet)
        reading.look(row_counts(header + 1, span_of(len(reading.readers))))
        self.readings.append(reading)
        widths = [
            reader.looks.width or column_width(reader.header, reader.facts, reader.formats)
            for reader in reading.readers
        ]
        starts = self._starts(reading, per_sheet, alone=alone)
        plans = []
        for number, (start, stop) in enumerate(starts):
            target = plan if not number else SheetPlan(self._next_name(sheet.name), sheet)
            part = TablePart(
                reading, self.styles, widths, filtered=filtered, path=self.path, start=start, stop=stop
            )
            target.add(part, None if stop is None else stop - start + 1 + bool(table.totals))
            target.widen(widths)
            target.header = header if (alone and plan.rows is not None) or number else target.header
            if number:
                plans.append(target)
        return plans

    def _starts(self, reading: TableReading, per_sheet: int, *, alone: bool) -> list[tuple[int, int | None]]:
        if reading.rows is None or reading.rows <= per_sheet:
            return [(0, reading.rows)]
        if self.context.preflight.rows == "error" or not alone:
            raise SheetTooLong(reading.sheet, reading.rows + MAX_ROWS - per_sheet)
        sheets = -(-reading.rows // per_sheet)
        said = f"its {reading.rows:,} rows were split over {sheets} sheets"
        self.context.findings.add("rows", reading.sheet, said)
        return [(start, min(start + per_sheet, reading.rows)) for start in range(0, reading.rows, per_sheet)]

    def _next_name(self, name: str) -> str:
        free = free_name(name, self._taken)
        self._taken.add(free.casefold())
        return free


def _place(letter: str) -> int:
    place = 0
    for sign in letter:
        place = place * 26 + ord(sign) - ord("A") + 1
    return place

"""One sheet of a workbook as it is planned: its parts, how wide its columns are, how many rows it has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zipfile import ZIP64_LIMIT

from reports.excel.block_parts import Gap
from reports.excel.chart_parts import BelowPart, BesidePart
from reports.excel.letters import column_letter
from reports.excel.page import Span
from reports.excel.sheet_writer import Part
from reports.excel.table_part import TablePart
from reports.sheet import Sheet

LARGE = 100_000  # cells


@dataclass(eq=False)
class SheetPlan:
    """One sheet to be written. `header` is the row of its only table's header."""

    name: str
    sheet: Sheet
    parts: list[Part] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    rows: int | None = 0  # so far; None once a stream has come
    beside: float = 0  # characters of width that charts take, right of the columns
    charts: BesidePart | None = None  # of the table that came last
    charts_to: int = 0  # the last row that these cover
    levels: int = 0  # of rows that fold away
    spans: list[Span] = field(default_factory=list)  # of all charts whose place is known beforehand
    header: int | None = None
    number: int = 1  # of the sheets that a table is split over

    def add(self, part: Part, rows: int | None) -> None:
        self.parts.append(part)
        self.rows = None if self.rows is None or rows is None else self.rows + rows

    def separate(self) -> None:
        """An empty row before what comes next, which stands below any chart too."""
        if self.charts is not None:
            self.add(BelowPart(self.charts), max(0, self.charts_to - (self.rows or 0)))
            self.charts = None
        self.add(Gap(), 1)

    def put_beside(self, charts: BesidePart, first: int) -> None:
        """Charts right of a table that begins in row `first`."""
        self.charts = charts
        self.beside = max(self.beside, charts.width)
        self.charts_to = first + charts.rows - 1
        if self.rows is not None:
            self.spans += charts.spans(first)
        self.add(charts, 0)

    def widen(self, widths: Sequence[float]) -> None:
        for column, width in enumerate(widths, start=1):
            self.widths[column] = max(width, self.widths.get(column, 0))

    @property
    def width(self) -> float:
        """The width of all that is on the sheet, in characters."""
        return sum(self.widths.values()) + self.beside

    def is_large(self) -> bool:
        """Return whether writing it takes longer than a thread of its own costs."""
        tables = [part for part in self.parts if isinstance(part, TablePart)]
        return any(part.cells is None or part.cells > LARGE for part in tables)

    def may_be_huge(self) -> bool:
        """Return whether the sheet's XML could pass 2 GiB, which a zip entry must know before its first byte."""
        tables = [part for part in self.parts if isinstance(part, TablePart)]
        return sum(part.most_bytes() for part in tables) > ZIP64_LIMIT

    @property
    def extent(self) -> str | None:
        if self.rows is None:
            return None
        return f"A1:{column_letter(max(self.widths, default=1))}{max(1, self.rows)}"

"""Where a charted table stands, and what its columns hold, as a chart's series refer to them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openpyxl.chart.data_source import AxDataSource, NumData, NumRef, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.series import SeriesLabel

from reports.charts import Chart, ScatterChart
from reports.errors import BadBlock
from reports.excel.letters import column_letter
from reports.number_formats.formats import NUMBERS, Kind

DRAWN = NUMBERS | {Kind.DURATION}
PLACED = DRAWN | {Kind.DATE, Kind.DATETIME, Kind.TIME}  # along an axis of numbers


@dataclass(frozen=True)
class ChartedColumn:
    """`place` counts from 1. `texts` are the first values as they stand in the file."""

    header: str
    place: int
    kind: Kind | None
    code: str
    texts: Sequence[str | None]


@dataclass(frozen=True)
class Charted:
    """Where a table stands: its header's row, and the first and last of its body."""

    sheet: str
    header_row: int
    first: int
    last: int
    columns: Mapping[str, ChartedColumn]


class ChartData:
    """What one chart draws of its table. Raises BadBlock for a series that is no number."""

    def __init__(self, chart: Chart, table: Charted) -> None:
        for name in chart.series:
            _check(chart, name, table.columns[name].kind, DRAWN)
        if isinstance(chart, ScatterChart):
            _check(chart, chart.x, table.columns[chart.x].kind, PLACED)
        self.table = table
        rows = table.last - table.first + 1
        self.rows = max(1, rows if chart.first is None else min(rows, chart.first))
        self.x = table.columns[chart.x]

    def categories(self) -> AxDataSource:
        if self.x.kind in {None, Kind.TEXT, Kind.BOOLEAN, Kind.FORMULA}:
            texts = [StrVal(place, text) for place, text in enumerate(self.first(self.x)) if text is not None]
            cache = StrData(ptCount=self.rows, pt=texts) if self._is_whole(self.x) else None
            return AxDataSource(strRef=StrRef(self._range(self.x), cache))
        return AxDataSource(numRef=self.numbers(self.x))

    def numbers(self, column: ChartedColumn) -> NumRef:
        if not self._is_whole(column):
            return NumRef(self._range(column))
        values = [
            NumVal(idx=n, v=float(text)) for n, text in enumerate(self.first(column)) if text is not None
        ]
        return NumRef(self._range(column), NumData(column.code, self.rows, values))

    def first(self, column: ChartedColumn) -> Sequence[str | None]:
        return column.texts[: self.rows]

    def _is_whole(self, column: ChartedColumn) -> bool:
        """Whether all values that are drawn were kept, so that viewers which do not calculate can draw them."""
        return len(column.texts) >= self.rows

    def label(self, name: str) -> SeriesLabel:
        column = self.table.columns[name]
        place = f"{_sheet(self.table.sheet)}!${column_letter(column.place)}${self.table.header_row}"
        return SeriesLabel(StrRef(place, StrData(1, [StrVal(0, column.header)])))

    def _range(self, column: ChartedColumn) -> str:
        letter, last = column_letter(column.place), self.table.first + self.rows - 1
        return f"{_sheet(self.table.sheet)}!${letter}${self.table.first}:${letter}${last}"

    def largest(self, names: Sequence[str]) -> float:
        texts = (text for name in names for text in self.first(self.table.columns[name]))
        return max((abs(float(text)) for text in texts if text is not None), default=math.inf)

    def days(self) -> float:
        """From the first category to the last, where they are days."""
        days = [float(text) for text in self.first(self.x) if text is not None]
        return max(days) - min(days) if days else 0.0


def _check(chart: Chart, name: str, kind: Kind | None, allowed: frozenset[Kind]) -> None:
    if kind not in allowed:
        shown = "of several kinds" if kind is None else kind.value
        raise BadBlock(chart.kind, name, f"the column is {shown}, and a chart draws numbers")


def _sheet(name: str) -> str:
    quoted = name.replace("'", "''")
    return f"'{quoted}'"

"""The data that a chart draws: plain numbers, and the texts that stand for them. Knows no picture format."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from reports.charts import Chart, ScatterChart
from reports.errors import BadBlock
from reports.number_formats.formats import NUMBERS, Kind
from reports.number_formats.render import shown
from reports.pictures.table import MAX_POINTS, DrawnColumn, DrawnTable
from reports.tables.objects import number_of

DATES = frozenset({Kind.DATE, Kind.DATETIME})


@dataclass(frozen=True, eq=False)
class Plot:
    """`x` are places along the axis: numbers, days, or 0, 1, 2 for categories. None is a gap."""

    x: Sequence[float | None]
    labels: Sequence[str] | None  # of categories
    names: Sequence[str]
    values: Sequence[Sequence[float | None]]
    codes: Sequence[str]
    is_dates: bool
    is_sorted: bool  # drawn by the day, whatever the order of the rows
    x_code: str

    @property
    def is_empty(self) -> bool:
        return all(value is None for values in self.values for value in values)


def drawn_rows(chart: Chart, rows: int) -> int:
    """Return how many of a table's rows a picture of the chart shows."""
    return min(rows, MAX_POINTS, chart.first or MAX_POINTS)


def plot_of(chart: Chart, table: DrawnTable) -> Plot:
    """Raises BadBlock for a series that is no number."""
    rows = drawn_rows(chart, table.rows)
    series = [table.columns[name] for name in chart.series]
    for name, column in zip(chart.series, series, strict=True):
        if rows and column.kind not in NUMBERS | {Kind.DURATION, None}:
            shown_kind = column.kind.value if column.kind else "of several kinds"
            raise BadBlock(chart.kind, name, f"the column is {shown_kind}, and a chart draws numbers")
    along = table.columns[chart.x]
    given = along.values[:rows]
    continuous = isinstance(chart, ScatterChart) or along.kind is Kind.DATE
    numbers = [number_of(value) for value in given]
    is_dates = along.kind in DATES and continuous
    return Plot(
        x=numbers if continuous else [float(place) for place in range(rows)],
        labels=None if continuous else [_label(value, along) for value in given],
        names=[column.header for column in series],
        values=[[number_of(value) for value in column.values[:rows]] for column in series],
        codes=[column.code for column in series],
        is_dates=is_dates,
        is_sorted=is_dates and not isinstance(chart, ScatterChart),
        x_code=along.code,
    )


def _label(value: object, column: DrawnColumn) -> str:
    if column.kind is Kind.DATETIME and isinstance(value, date | datetime):
        return shown(value, column.code)
    return " ".join(shown(value, column.code).split())

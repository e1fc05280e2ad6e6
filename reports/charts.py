"""Charts over the columns of a table, as frozen values. Knows neither Excel nor a picture format."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

from reports.errors import BadBlock
from reports.number_formats.formats import format_code
from reports.text import fault_in_text

MAX_SERIES = 255  # of a chart (Microsoft, "Excel specifications and limits")
LARGEST = 100.0  # centimetres: a wall, not a page
Stacking = Literal["none", "stacked", "percent"]
Legend = Literal["bottom", "right", "none"]


@dataclass(frozen=True, kw_only=True)
class _Options:
    """What every kind of chart has."""

    title: str | None = None
    x_title: str | None = None
    y_title: str | None = None
    format: str | None = None
    legend: Legend | None = None
    of: str | None = None
    first: int | None = None
    width: float = 16.0
    height: float = 8.0
    alt: str | None = None


@dataclass(frozen=True)
class Chart(_Options):
    """`x` names the column of categories, `y` those of values, each a series named after its header.

    A chart of a `Table` takes that table's columns. As a block of its own it says with `of=` which: the name of a
    table, or of a sheet with one table. `first` takes no more than the first rows. `width` and `height` are in
    centimetres. `format` is how the axis of values counts, as in `Column`; None: like the first series. Titles of
    axes are left out where they are None. `legend` None: below, where there are several series. `alt` says in
    words what is to be seen, for those who cannot see it; None: the title and the columns.

    Raises BadBlock for what no chart can be. That the columns are there is checked with their table.
    """

    x: str
    y: str | Sequence[str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "y", self.values)
        if not 0 < len(self.series) <= MAX_SERIES:
            raise self._fault(
                f"{len(self.series)} series", f"it shows 1 to {MAX_SERIES} of them, one a column"
            )
        if len(set(self.series)) < len(self.series):
            raise self._fault(", ".join(self.series), "a column is there twice")
        if self.legend not in {None, "bottom", "right", "none"}:
            raise self._fault(self.legend, "legend= is bottom, right, none, or None for where it is needed")
        if self.first is not None and self.first < 1:
            raise self._fault(self.first, "first= is at least one row")
        for size in (self.width, self.height):
            if not 1 <= size <= LARGEST:
                raise self._fault(size, f"its sides are 1 to {LARGEST:g} centimetres long")
        if self.format is not None:
            format_code(self.format)
        for text in (self.title, self.x_title, self.y_title, self.alt):
            if text is not None and (fault := fault_in_text(text)):
                raise self._fault(text[:60], fault)

    @property
    def kind(self) -> str:
        return type(self).__name__

    @property
    def values(self) -> tuple[str, ...]:
        return _names(self.y)

    @property
    def series(self) -> tuple[str, ...]:
        """The columns of values, in the order of the legend."""
        return self.values

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it shows."""
        return (self.x, *(name for name in self.series if name != self.x))

    @property
    def description(self) -> str:
        """What a screen reader says."""
        return self.alt or f"{self.title or self.kind}: {', '.join(self.series)} by {self.x}"

    def told(self) -> dict[str, object]:
        """The chart in words and numbers alone: its kind, and every option that was given."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return {"kind": self.kind, **{name: value for name, value in given.items() if value is not None}}

    def _fault(self, given: object, reason: str) -> BadBlock:
        return BadBlock(self.kind, given, reason)


@dataclass(frozen=True)
class LineChart(Chart):
    """`markers` draws a dot at each value."""

    markers: bool = False


@dataclass(frozen=True)
class ColumnChart(Chart):
    """Upright bars. `stacking` puts series on top of each other, `percent` as shares of their sum."""

    stacking: Stacking = "none"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_stacking(self, self.stacking)


@dataclass(frozen=True)
class BarChart(ColumnChart):
    """Bars that lie, the first row at the top: for names that take room."""


@dataclass(frozen=True)
class AreaChart(Chart):
    """Lines with the ground below them filled; `stacking` as for columns."""

    stacking: Stacking = "stacked"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_stacking(self, self.stacking)


@dataclass(frozen=True)
class ScatterChart(Chart):
    """A dot a row: `x` is a number or a date too. `line` joins them in their order."""

    line: bool = False


@dataclass(frozen=True)
class PieChart(Chart):
    """Shares of one column, clockwise from the top. `hole` makes it a ring."""

    hole: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.series) > 1:
            raise self._fault(
                ", ".join(self.series), "it shows one column; a ColumnChart with stacking= shows several"
            )


@dataclass(frozen=True)
class ComboChart(Chart):
    """Columns of `y`, and `lines` over them. `second_axis` counts the lines at the right, in `lines_format`."""

    lines: str | Sequence[str] = ()
    second_axis: bool = True
    second_title: str | None = None
    lines_format: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", self.over)
        super().__post_init__()
        if not self.over or not self.values:
            raise self._fault(
                ", ".join(self.series), "it has columns (y) and lines=; give both, or another kind"
            )
        if self.lines_format is not None:
            format_code(self.lines_format)
        if self.second_title is not None and (fault := fault_in_text(self.second_title)):
            raise self._fault(self.second_title[:60], fault)

    @property
    def over(self) -> tuple[str, ...]:
        return _names(self.lines)

    @property
    def series(self) -> tuple[str, ...]:
        return (*self.values, *self.over)


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _check_stacking(chart: Chart, stacking: str) -> None:
    if stacking not in {"none", "stacked", "percent"}:
        raise BadBlock(chart.kind, stacking, "stacking= is none, stacked or percent")

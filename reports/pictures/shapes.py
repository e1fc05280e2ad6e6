"""Bars, lines, areas and slices as numbers: all geometry but pixels. Knows no picture format."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from reports.pictures.data import Plot

GAP = 0.5  # of a bar, between two categories
SLICES = 7  # colours that can be told apart
MOST_SLICES = 6  # that stay by themselves where there are more: the rest is drawn as one
Row = dict[str, float | int | None]


@dataclass(frozen=True)
class Slice:
    """`share` from 0 to 1."""

    name: str
    share: float


def heights(
    values: Sequence[Sequence[float | None]], stacking: str
) -> list[list[tuple[float, float] | None]]:
    """Where each value of each series begins and ends. Negative ones are stacked downwards."""
    if stacking == "none":
        return [[None if one is None else (0.0, one) for one in series] for series in values]
    rows = list(zip(*values, strict=True))
    sums = [sum(abs(one) for one in row if one is not None) or 1.0 for row in rows]
    placed: list[list[tuple[float, float] | None]] = [[] for _ in values]
    for row, whole in zip(rows, sums, strict=True):
        up = down = 0.0
        for series, value in zip(placed, row, strict=True):
            if value is None:
                series.append(None)
                continue
            size = value / whole if stacking == "percent" else value
            begin = up if size >= 0 else down
            series.append((begin, begin + size))
            up, down = (up + size, down) if size >= 0 else (up, down + size)
    return placed


def bars(
    plot: Plot, series: Sequence[int], placed: Sequence[Sequence[tuple[float, float] | None]]
) -> list[Row]:
    """`a` to `b` along the axis, `c` to `d` in height; `s` is the number of the series."""
    stacked = any(one and one[0] for values in placed for one in values)
    side_by_side = 1 if stacked else len(series)
    unit = unit_of(plot)
    width = unit / (side_by_side + GAP)
    rows: list[Row] = []
    for order, (number, values) in enumerate(zip(series, placed, strict=True)):
        begin = (order % side_by_side) * width - side_by_side * width / 2
        for x, one in zip(plot.x, values, strict=True):
            if x is not None and one is not None:
                rows.append({"s": number, "a": x + begin, "b": x + begin + width, "c": one[0], "d": one[1]})
    return rows


def unit_of(plot: Plot) -> float:
    """The distance of two categories: of dates, the smallest there is."""
    if plot.labels is not None:
        return 1.0
    there = sorted({x for x in plot.x if x is not None})
    return min((after - before for before, after in pairwise(there)), default=1.0)


def points(plot: Plot, series: Sequence[int]) -> list[Row]:
    """Gaps are there too, as None."""
    order = _in_order(plot)
    return [{"s": n, "a": plot.x[i], "d": plot.values[n][i]} for n in series for i in order]


def lone_points(plot: Plot, series: Sequence[int]) -> list[Row]:
    """Values between two gaps, of which a line shows nothing."""
    order = _in_order(plot)
    rows: list[Row] = []
    for number in series:
        values = [plot.values[number][i] for i in order]
        around = [None, *values, None]
        rows += [
            {"s": number, "a": plot.x[i], "d": value}
            for i, value, before, after in zip(order, values, around, around[2:], strict=False)
            if value is not None and before is None and after is None
        ]
    return rows


def areas(plot: Plot, placed: Sequence[Sequence[tuple[float, float] | None]]) -> list[Row]:
    order = _in_order(plot)
    rows: list[Row] = []
    for number, values in enumerate(placed):
        for i in order:
            begin, end = values[i] or (None, None)
            rows.append({"s": number, "a": plot.x[i], "c": begin, "d": end})
    return rows


def slices(plot: Plot) -> list[Slice]:
    """In the order of the rows; of more than can be told apart, the largest, and the rest as one."""
    labels = plot.labels or [""] * len(plot.x)
    sizes = [abs(value or 0.0) for value in plot.values[0]]
    whole = sum(sizes)
    if not whole:
        return []
    there = [place for place, size in enumerate(sizes) if size]
    kept = there
    if len(there) > SLICES:
        kept = sorted(sorted(there, key=lambda place: (-sizes[place], place))[:MOST_SLICES])
    found = [Slice(labels[place], sizes[place] / whole) for place in kept]
    if rest := len(there) - len(kept):
        found.append(Slice(f"{rest:,} others", 1 - sum(one.share for one in found)))
    return found


def _in_order(plot: Plot) -> list[int]:
    """Rows along an axis of dates by their day, as a line is drawn; without a place, not at all."""
    there = [place for place, x in enumerate(plot.x) if x is not None]
    return sorted(there, key=lambda place: plot.x[place] or 0.0) if plot.is_sorted else there

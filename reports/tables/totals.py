"""Totals of columns that come slice by slice, as a spreadsheet calculates them. Knows no file format."""

import math
from typing import Any

import polars as pl

from reports.blocks import Total
from reports.number_formats.formats import Kind
from reports.tables.cells import Cells
from reports.tables.serials import written_numbers

NOT_COUNTED = frozenset({Kind.TEXT, Kind.BOOLEAN})


NOT_A_NUMBER = NOT_COUNTED | {Kind.FORMULA}


class RunningTotal:
    """The value of one function over a column that comes slice by slice, as Excel would calculate it.

    Squares are merged so that the variance of large numbers keeps its digits (Chan, Golub and LeVeque).
    """

    def __init__(self, function: Total) -> None:
        self.function = function
        self.numbers = 0
        self.filled = 0
        self.sum: Any = 0
        self.product = 1.0
        self.low: Any = None
        self.high: Any = None
        self._mean = 0.0
        self._squares = 0.0

    def add(self, cells: Cells) -> None:
        numbers, filled = _numbers_of(cells)
        self.filled += filled
        found = len(numbers) - numbers.null_count()
        if not found:
            return
        low, high = numbers.min(), numbers.max()
        self.low = low if self.low is None else min(low, self.low)
        self.high = high if self.high is None else max(high, self.high)
        self.sum += numbers.sum()
        if self.function == "product":
            self.product *= float(numbers.cast(pl.Float64).product())
        if self.function in {"stdev", "var"}:
            floats = numbers.cast(pl.Float64)
            self._merge(found, float(floats.mean() or 0), float(floats.var(ddof=0) or 0))  # type: ignore[arg-type]
        self.numbers += found

    def value(self) -> Any:
        """None where Excel shows an error, such as a mean of nothing."""
        if self.function in {"count", "count_all"}:
            return self.numbers if self.function == "count" else self.filled
        if not self.numbers:
            return None if self.function in {"mean", "stdev", "var"} else 0
        values = {"sum": self.sum, "min": self.low, "max": self.high, "product": self.product}
        return values[self.function] if self.function in values else self._derived()

    def _derived(self) -> float | None:
        if self.function == "mean":
            return float(self.sum) / self.numbers
        if self.numbers == 1:
            return None
        variance = self._squares / (self.numbers - 1)
        return math.sqrt(variance) if self.function == "stdev" else variance

    def _merge(self, count: int, mean: float, variance: float) -> None:
        whole, apart = self.numbers + count, mean - self._mean
        self._squares += variance * count + apart**2 * self.numbers * count / whole
        self._mean += apart * count / whole


def _numbers_of(cells: Cells) -> tuple[pl.Series, int]:
    """The numbers of a slice as a cell holds them, and how many cells are filled."""
    if cells.kind is None:
        pairs = zip(cells.kinds, cells.texts, strict=True)
        floats = [float(text) if text and kind not in NOT_A_NUMBER else None for kind, text in pairs]
        return pl.Series(floats, dtype=pl.Float64), sum(bool(t) for t in cells.texts) + _filled_by(cells)
    filled = cells.rows - cells.array.null_count
    if cells.kind in NOT_COUNTED:
        if cells.kind is Kind.TEXT:
            filled -= cells.array.to_pylist().count("")
        return pl.Series([], dtype=pl.Float64), filled
    numbers = written_numbers(cells)
    if cells.repairs:
        repaired = pl.Series(range(len(numbers))).is_in(list(cells.repairs))
        numbers = pl.select(pl.when(~repaired).then(numbers)).to_series()
        filled -= sum(text is None for text in cells.repairs.values())
    return numbers, filled


def _filled_by(cells: Cells) -> int:
    return sum(text is not None for text in cells.repairs.values())

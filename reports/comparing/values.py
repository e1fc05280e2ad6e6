"""Whether two values, or two columns of values, are the same. Knows neither keys nor rows.

Numbers are compared as numbers, exactly, whatever their type: 1 is 1.0 and 1.00, and a float counts as the shortest
text that gives it, so that 0.1 is 0.1. Instants are compared as instants, and a day is its midnight. Text is no
number, and a wall clock no instant. What a sheet shows as blank is alike: missing, NaN, empty text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Context, Decimal
from math import isinf, isnan
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from reports.number_formats.formats import NUMBERS, Kind
from reports.tables.arrays import MAX_PRECISION, as_json, is_nested
from reports.tables.objects import Objects, kind_of
from reports.tables.open_table import TableColumn, Values

DAYS = frozenset({Kind.DATE, Kind.DATETIME})
FLOAT_DIGITS = Context(prec=15)
WHOLE = 2.0**53  # up to here a float holds every whole number
SLACK = 4 * 2.0**-52  # of the larger number: what rounding makes of a difference such as 1.1 - 1.0
NANOSECONDS = {"ms": 1_000_000, "us": 1_000, "ns": 1}
Series: TypeAlias = pl.Series


@dataclass(frozen=True, eq=False)
class Compared:
    """A column ready to be compared; `kind` is None where it mixes kinds, and `values` a list then."""

    kind: Kind | None
    instants: bool
    values: Series | Sequence[object]

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: npt.NDArray[np.int64]) -> "Compared":
        """The values at these rows, an array of row numbers."""
        if isinstance(self.values, pl.Series):
            return Compared(self.kind, self.instants, self.values.gather(pl.Series(rows)))
        return Compared(self.kind, self.instants, [self.values[row] for row in rows.tolist()])

    def as_list(self) -> list[object]:
        """Python values, None where blank."""
        return self.values.to_list() if isinstance(self.values, pl.Series) else list(self.values)

    @property
    def floats(self) -> Series:
        """Numbers as floats, whatever their type."""
        return pl.Series(self.values).cast(pl.Float64)

    @property
    def is_blank(self) -> bool:
        """Whether there is no value at all, which tells no kind either."""
        if isinstance(self.values, pl.Series):
            return self.values.null_count() == len(self.values)
        return all(value is None for value in self.values)


def comparable(column: TableColumn, values: Values) -> Compared:
    """A column of an open table."""
    if isinstance(values, Objects):
        return Compared(None, column.zone is not None, [_plain(value) for value in values.values])
    array: Any = as_json(values) if is_nested(values.type) else values
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if pa.types.is_decimal256(array.type) or (pa.types.is_decimal(array.type) and array.type.scale < 0):
        return Compared(None, instants=False, values=array.to_pylist())
    if pa.types.is_float16(array.type):
        array = array.cast(pa.float32())
    if pa.types.is_timestamp(array.type) and array.type.tz is not None:
        array = array.cast(pa.timestamp(array.type.unit, "UTC"))
    series = pl.Series(array)
    if series.dtype.is_float():
        series = series.cast(pl.Float64).fill_nan(None)
    return Compared(column.kind, column.zone is not None, series)


def picked(column: TableColumn, values: Values, rows: npt.NDArray[np.int64]) -> Compared:
    """Some of a column's values."""
    if isinstance(values, Objects):
        return comparable(column, Objects([values.values[row] for row in rows.tolist()]))
    return comparable(column, values.take(pa.array(rows)))


def differing(now: Compared, before: Compared, tolerance: float) -> Series:
    """A boolean for each pair."""
    if (pair := in_one_type(now, before)) is not None:
        one, other = pair
        if now.kind is Kind.TEXT:
            return _blank_as_null(one).ne_missing(_blank_as_null(other))
        found = one.ne_missing(other)
        return found & ~_within(one, other, tolerance) if tolerance and now.kind in NUMBERS else found
    if isinstance(now.values, pl.Series) and isinstance(before.values, pl.Series) and other_kind(now, before):
        return _filled(now.values) | _filled(before.values)  # only two blanks are the same
    pairs = zip(now.as_list(), before.as_list(), strict=True)
    return pl.Series([not same(one, other, tolerance) for one, other in pairs], dtype=pl.Boolean)


def same(one: object, other: object, tolerance: float = 0.0) -> bool:
    """Whether two plain values are, each None where blank."""
    if _blank(one) or _blank(other):
        return _blank(one) and _blank(other)
    kinds = kind_of(one), kind_of(other)
    if set(kinds) <= NUMBERS:
        return _same_number(one, other) or (tolerance > 0 and _close(one, other, tolerance))
    if kinds[0] is not kinds[1]:
        return set(kinds) == DAYS and midnight(one) == midnight(other)
    if isinstance(one, datetime | time) and isinstance(other, datetime | time):
        return (one.tzinfo is None) is (other.tzinfo is None) and one == other
    return bool(one == other)


def other_kind(now: Compared, before: Compared) -> bool:
    """Whether no value of one can be the same as one of the other, because of what they are."""
    if now.kind is None or before.kind is None or now.is_blank or before.is_blank:
        return False
    kinds = {now.kind, before.kind}
    if kinds <= NUMBERS:
        return False
    return (len(kinds) > 1 and kinds != DAYS) or now.instants != before.instants


def difference(now: object, before: object) -> Decimal | None:
    """Between two numbers, without what rounding adds; None where one is none, or infinite.

    Exact, but where a float is among them: to the digits that floats have.
    """
    if not {kind_of(now), kind_of(before)} <= NUMBERS or now is None or before is None:
        return None
    if _infinite(now) or _infinite(before):
        return None
    apart = exact(now) - exact(before)
    return FLOAT_DIGITS.plus(apart) if isinstance(now, float) or isinstance(before, float) else apart


def in_one_type(now: Compared, before: Compared) -> tuple[Series, Series] | None:
    """Both in a type in which the same values are equal, and no others; None where there is none."""
    one, other = now.values, before.values
    if not isinstance(one, pl.Series) or not isinstance(other, pl.Series):
        return None
    if now.kind in NUMBERS and before.kind in NUMBERS:
        return _numbers(one, other)
    if now.kind is not before.kind or now.instants != before.instants:
        return None
    if one.dtype == other.dtype:
        return one, other
    if now.kind in {Kind.DATETIME, Kind.DURATION}:
        return _nanoseconds(one), _nanoseconds(other)
    return (one.cast(pl.String), other.cast(pl.String)) if now.kind is Kind.TEXT else None


def exact(number: object) -> Decimal:
    """A number as the shortest text that gives it."""
    return Decimal(repr(float(number))) if isinstance(number, float) else Decimal(str(number))


def midnight(value: object) -> object:
    """A day as a moment of the wall clock; any other value as it is."""
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    return datetime.combine(value, time()) if is_day and isinstance(value, date) else value


def _numbers(one: Series, other: Series) -> tuple[Series, Series] | None:
    if one.dtype == other.dtype:
        return one, other
    types = one.dtype, other.dtype
    if all(kind.is_integer() for kind in types):
        return one.cast(pl.Int128), other.cast(pl.Int128)
    if all(kind.is_decimal() for kind in types):
        return _decimals(one, other)
    if any(kind.is_decimal() for kind in types):
        return None
    whole = one if one.dtype.is_integer() else other
    if not all(end is None or -WHOLE <= end <= WHOLE for end in (whole.min(), whole.max())):  # type: ignore[operator] # of integers
        return None
    return one.cast(pl.Float64), other.cast(pl.Float64)


def _decimals(one: Series, other: Series) -> tuple[Series, Series] | None:
    types = [each.dtype for each in (one, other) if isinstance(each.dtype, pl.Decimal)]
    scale = max(kind.scale for kind in types)
    if any((kind.precision or MAX_PRECISION) - kind.scale + scale > MAX_PRECISION for kind in types):
        return None
    wide = pl.Decimal(MAX_PRECISION, scale)
    return one.cast(wide), other.cast(wide)


def _blank_as_null(texts: Series) -> Series:
    empty = texts.cast(pl.String) == ""
    return texts if not empty.any() else pl.select(pl.when(~empty).then(texts)).to_series()


def _filled(values: Series) -> Series:
    return (_blank_as_null(values) if values.dtype == pl.String else values).is_not_null()


def _within(one: Series, other: Series, tolerance: float) -> Series:
    if one.dtype.is_integer() and other.dtype.is_integer():
        apart = (one.cast(pl.Int128) - other.cast(pl.Int128)).abs()
        return (apart <= tolerance).fill_null(value=False)
    left, right = one.cast(pl.Float64), other.cast(pl.Float64)
    larger = pl.select(pl.max_horizontal(left.abs(), right.abs())).to_series()
    apart = (left - right).abs()
    return ((apart <= larger * SLACK + tolerance) & apart.is_finite()).fill_null(value=False)


def _nanoseconds(series: Series) -> Series:
    unit = str(getattr(series.dtype, "time_unit", "ns"))
    wide = series.to_physical().cast(pl.Int128)
    return wide * pl.Series([NANOSECONDS[unit]], dtype=pl.Int128)


def _plain(value: object) -> object:
    """NaN as what it is on the sheet: a blank."""
    return None if isinstance(value, float | Decimal) and isnan(value) else value


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value)


def _same_number(one: object, other: object) -> bool:
    if Decimal in {type(one), type(other)} and not _infinite(one) and not _infinite(other):
        return exact(one) == exact(other)
    return one == other  # Python compares whole numbers with floats exactly


def _close(one: object, other: object, tolerance: float) -> bool:
    if _infinite(one) or _infinite(other):
        return False
    return abs(exact(one) - exact(other)) <= Decimal(repr(tolerance))


def _infinite(number: object) -> bool:
    return isinstance(number, float | Decimal) and isinf(number)

"""Columns of Python values of several kinds, each a cell by its own kind. Knows no table library."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite, isnan
from zoneinfo import ZoneInfo

from reports.blocks import Formula
from reports.number_formats.formats import Kind
from reports.number_formats.moments import serial

# Order matters to subclasses: a bool is an int, a datetime is a date.
KIND_BY_TYPE: tuple[tuple[type, Kind], ...] = (
    (bool, Kind.BOOLEAN),
    (int, Kind.INTEGER),
    (float, Kind.FLOAT),
    (Decimal, Kind.DECIMAL),
    (datetime, Kind.DATETIME),
    (date, Kind.DATE),
    (time, Kind.TIME),
    (timedelta, Kind.DURATION),
    (str, Kind.TEXT),
    (Formula, Kind.FORMULA),
)
EXACT_KIND = dict(KIND_BY_TYPE)


@dataclass(frozen=True, eq=False)
class Objects:
    """Python values, None where missing, each a cell by its own kind."""

    values: Sequence[object]

    def __len__(self) -> int:
        return len(self.values)

    def slice(self, start: int, rows: int) -> "Objects":
        return Objects(self.values[start : start + rows])


def kind_of(value: object) -> Kind | None:
    """The kind of a plain value, or None where Excel has no cell for it."""
    exact = EXACT_KIND.get(type(value))
    return exact or next((kind for base, kind in KIND_BY_TYPE if isinstance(value, base)), None)


def zones_of(values: Sequence[object]) -> set[object]:
    """The zones of the datetimes among the values, None for those without."""
    return {value.tzinfo for value in values if isinstance(value, datetime)}


def number_of(value: object) -> float | None:
    """A number, or a moment as spreadsheets count them; None for all else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float | Decimal):
        number = float(value)
        return number if isfinite(number) else None
    return serial(value) if isinstance(value, date | time | timedelta) else None


def in_zone(value: datetime, zone: ZoneInfo | None) -> datetime:
    """Wall-clock time without zone, as Excel knows it."""
    if zone is None:
        return value
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return aware.astimezone(zone).replace(tzinfo=None)


def as_typed(value: object, zone: ZoneInfo | None) -> str | None:
    """Return the value as a person would type it; None for NaN. `zone` is where instants are shown."""
    if isinstance(value, datetime):
        return in_zone(value, zone).isoformat(sep=" ")
    if isinstance(value, float) and isnan(value):
        return None
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(int(value)) if isinstance(value, int) and not isinstance(value, bool) else str(value)

"""One Python value to the text that stands for it in a cell. Knows neither sheets nor openpyxl.

A number is written with every digit it has, which openpyxl's own `%.16g` does not do.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isinf, isnan
from typing import Any
from zoneinfo import ZoneInfo

from reports.number_formats.formats import SECONDS_PER_DAY, Kind
from reports.tables.objects import as_typed, in_zone, kind_of
from reports.tables.serials import FIRST_SERIAL, LAST_MOMENT, LAST_SERIAL, SERIAL_OF_YEAR_1
from reports.text import FORBIDDEN, fault_in_text

MAX_INTEGER = 10**15 - 1  # Excel keeps 15 digits
MAX_DIGITS = 15
ESCAPE_LOOKALIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel would read `_x0041_` as `A`
NO_INFINITY = "Excel has no infinity; replace it with a number or a missing value"
MICROSECOND = timedelta(microseconds=1)


CELL_TYPES: dict[Kind | None, str] = {Kind.TEXT: "inlineStr", Kind.BOOLEAN: "b"}  # all else is a number


class Unwritable(Exception):
    """A value has no faithful form in a cell; the text says why. The caller adds where.

    `finding` names the policy of `Preflight` that could repair it, or is None.
    """

    def __init__(self, reason: str, finding: str | None = None) -> None:
        self.finding = finding
        super().__init__(reason)


def cell_text(value: object, zone: ZoneInfo | None) -> str | None:
    """The value as it stands in the file; None for a blank cell.

    `zone` is where instants are shown; a naive datetime under a zone counts as UTC.
    """
    kind = kind_of(value)
    if kind is None:
        raise Unwritable(
            f"Excel has no cell for {type(value).__name__}; turn it into text, a number or a date",
            "nested" if isinstance(value, list | tuple | dict | set) else None,
        )
    return WRITERS[kind](in_zone(value, zone) if isinstance(value, datetime) else value)


def plain_text(value: object, zone: ZoneInfo | None) -> str | None:
    """Return the value as a person would type it, for columns that are text by the author's choice.

    Raises Unwritable for what no cell holds.
    """
    kind = kind_of(value)
    if kind is None or kind is Kind.TEXT:
        return cell_text(value, zone)
    return as_typed(value, zone)


def cached_value(value: object, zone: ZoneInfo | None) -> tuple[str, str | None]:
    """Type and text of a value that is kept beside a formula."""
    kind = kind_of(value) if value is not None else None
    return CELL_TYPES.get(kind, "n"), None if value is None else cell_text(value, zone)


def number_text(value: object) -> str:
    """A calculated number as it stands in the file, with all its digits."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value) if isinstance(value, int) else repr(float(str(value)))


def has_outer_blanks(text: str) -> bool:
    """Return whether XML would lose something at its ends unless told to keep it."""
    return bool(text) and (text[0] <= " " or text[-1] <= " ")


def escaped(text: str) -> str:
    """Text as the file wants it, where `_x0041_` would mean `A`."""
    return ESCAPE_LOOKALIKE.sub("_x005F_", text)


def serial(day: date) -> int:
    number = day.toordinal() - SERIAL_OF_YEAR_1
    if number < FIRST_SERIAL:
        raise Unwritable(
            f"{day.isoformat()} is before 1900-03-01, where Excel's calendar goes wrong; use text",
            "early_dates",
        )
    return number


def _text(value: str) -> str | None:
    if fault := fault_in_text(value):
        raise Unwritable(fault, "control_characters" if FORBIDDEN.search(value) else "long_text")
    return escaped(value) or None


def _integer(value: int) -> str:
    if abs(value) > MAX_INTEGER:
        raise Unwritable(
            f"{value} has more than 15 digits, of which Excel keeps 15; use Column(as_text=True)",
            "digits",
        )
    return str(int(value))


def _float(value: float) -> str:
    if isnan(value):
        raise Unwritable("NaN is no number; leave the cell without a value", "nan")
    if isinf(value):
        raise Unwritable(NO_INFINITY, "infinity")
    return float.__repr__(value)


def _decimal(value: Decimal) -> str | None:
    if value.is_nan():
        return None
    if isinf(float(value)):  # also what a double cannot hold
        raise Unwritable(NO_INFINITY, "infinity")
    if len(value.normalize().as_tuple().digits) > MAX_DIGITS:
        raise Unwritable(
            f"{value} has more than 15 digits, of which Excel keeps 15; use Column(as_text=True)",
            "digits",
        )
    return format(value, "f")


def _datetime(value: datetime) -> str:
    return repr(min(serial(value.date()) + _share_of_day(value.time()), LAST_MOMENT))


def _share_of_day(value: time) -> float:
    passed = timedelta(
        hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
    )
    return passed / MICROSECOND / (SECONDS_PER_DAY * 10**6)


def _duration(value: timedelta) -> str:
    if value < timedelta(0):
        raise Unwritable(
            f"Excel shows a negative duration ({value}) as #####; give the column as a number of minutes",
            "negative_durations",
        )
    if value.days > LAST_SERIAL:
        raise Unwritable(
            f"Excel shows a duration of {value.days:,} days as #####; give the column as a number of hours"
        )
    return repr(value / timedelta(days=1))


WRITERS: dict[Kind, Callable[[Any], str | None]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.FLOAT: _float,
    Kind.DECIMAL: _decimal,
    Kind.DATE: lambda value: str(serial(value)),
    Kind.DATETIME: _datetime,
    Kind.TIME: lambda value: repr(_share_of_day(value)),
    Kind.DURATION: _duration,
    Kind.BOOLEAN: lambda value: "1" if value else "0",
    Kind.FORMULA: lambda value: value.text,
}

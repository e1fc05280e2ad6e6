"""A value of a document as JSON holds it, with no digit lost."""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

Cell = str | int | float | bool | None

EXACT = 2**53  # beyond it JavaScript, and much else that reads JSON, drops digits of whole numbers


def as_json(value: object) -> Cell:
    """Numbers as numbers where JSON's readers keep each digit, else as text, as are those not finite.

    Dates, times and durations are ISO 8601 (`2013-01-31`, `2013-01-31T06:00:00`, `06:00:00`, `PT30H15M`).
    """
    if value is None or isinstance(value, bool):
        return value
    return next((write(value) for kind, write in WRITERS if isinstance(value, kind)), str(value))


def duration(value: timedelta) -> str:
    """In hours, minutes and seconds: a day of a sheet is 24 hours."""
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(value, timedelta(minutes=1))
    hours, minutes = divmod(minutes, 60)
    exact = f"{seconds.total_seconds():.6f}".rstrip("0").rstrip(".")
    named = (f"{hours}H", f"{minutes}M", f"{exact}S")
    return f"{sign}PT{''.join(part for part in named if part[:-1] != '0') or '0S'}"


def _integer(value: int) -> Cell:
    return int(value) if abs(value) <= EXACT else str(int(value))


def _float(value: float) -> Cell:
    return float(value) if isfinite(value) else str(value)


def _decimal(value: Decimal) -> Cell:
    if not value.is_finite():
        return str(value)
    number = float(value)
    if isfinite(number) and Decimal(repr(number)) == value:
        return _integer(int(value)) if value == value.to_integral_value() else number
    return format(value, "f")


def _text(value: str) -> str:
    """Halves of surrogate pairs, which files hold and UTF-8 cannot, are joined or replaced."""
    if value.isascii():
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _nested(value: object) -> str:
    return _text(json.dumps(value, ensure_ascii=False, default=str))


# Order matters to subclasses: a datetime is a date.
WRITERS: tuple[tuple[type, Callable[[Any], Cell]], ...] = (
    (str, _text),
    (int, _integer),
    (float, _float),
    (Decimal, _decimal),
    (datetime, datetime.isoformat),
    (date, date.isoformat),
    (time, time.isoformat),
    (timedelta, duration),
    (bytes, bytes.hex),
    (list, _nested),
    (dict, _nested),
)

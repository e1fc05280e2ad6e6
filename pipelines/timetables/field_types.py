"""The type that each field of a schedule has to have, in an author's words. Knows nothing of what makes sense."""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from pipelines.timetables.calendars import Calendar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

INSTANT = (datetime, "a datetime(2026, 3, 8, tzinfo=UTC)")
LENGTH = (timedelta, "a timedelta(minutes=5)")
TYPES: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "timezone": (str, "a name such as 'Europe/Berlin'"),
    "params": (Mapping, "a dict such as {'origin': 'JFK'}"),
    "starts": INSTANT,
    "ends": INSTANT,
    "calendar": (Calendar, "a Calendar(country='US')"),
    "grace": LENGTH,
    "jitter": LENGTH,
    "by": ((time, timedelta), "a time(7, 30) nor a timedelta(hours=1)"),
    "stop_after": (int, "a whole number such as 3"),
    "interval": LENGTH,
    "anchor": INSTANT,
    "at": INSTANT,
}


def type_problems(schedule: "DataclassInstance") -> Iterator[str]:
    """A line for each field of a wrong type. None is right where it is the default."""
    for field in dataclasses.fields(schedule):
        value = getattr(schedule, field.name)
        if field.name not in TYPES or (value is None and field.default is None):
            continue
        types, words = TYPES[field.name]
        if not isinstance(value, types) or isinstance(value, bool):  # True is an int to Python
            yield f"{field.name}={value!r} is not {words}"

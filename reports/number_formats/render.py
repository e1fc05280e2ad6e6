"""One value as the text that a spreadsheet shows for it under a format code."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite, isnan
from typing import Any, TypeAlias

from reports.number_formats.codes import Section, sections_of
from reports.number_formats.formats import GENERAL
from reports.number_formats.moments import serial, shown_moment
from reports.number_formats.numbers import INFINITY, Unshowable, general, rounds_to_nothing, shown_number
from reports.text import spelled_out

HOLDS: dict[str, Callable[[Any, float], bool]] = {
    "<": lambda number, other: number < other,
    "<=": lambda number, other: number <= other,
    ">": lambda number, other: number > other,
    ">=": lambda number, other: number >= other,
    "=": lambda number, other: number == other,
    "<>": lambda number, other: number != other,
}
TEXT_SECTION = 3
Moment: TypeAlias = date | time | timedelta


def shown(value: object, code: str = GENERAL) -> str:
    """A missing value and NaN are nothing. What the code cannot show is shown as without a code.

    Control characters are spelled out, as `\\x1b`.
    """
    if value is None or (isinstance(value, float | Decimal) and isnan(value)):
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal | date | time | timedelta):
        return _counted(value, code)
    return _text(spelled_out(str(value)), sections_of(code))


def can_show(code: str) -> bool:
    """Whether numbers are shown as the code says."""
    try:
        for section in sections_of(code):
            if not section.is_moment and not section.is_general:
                shown_number(Decimal(1), section)
    except Unshowable:
        return False
    return True


def plain(value: Moment | float | Decimal) -> str:
    """Without any format."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return general(value) if isfinite(value) else _infinite(value)


def _counted(value: Moment | float | Decimal, code: str) -> str:
    try:
        if isinstance(value, date | time | timedelta):
            return _moment(value, code)
        return _number(value, code)
    except (Unshowable, OverflowError, ValueError):
        return plain(value)


def _text(value: str, sections: Sequence[Section]) -> str:
    section = sections[TEXT_SECTION] if len(sections) > TEXT_SECTION else sections[0]
    if not any(token.part == "text" for token in section.tokens):
        return value
    return "".join(value if token.part == "text" else token.text for token in section.tokens)


def _moment(value: Moment, code: str) -> str:
    section = sections_of(code)[0]
    if section.is_general:
        return plain(value)
    return shown_moment(value, section) if section.is_moment else _number(serial(value), code)


def _number(value: float | Decimal, code: str) -> str:
    if not isfinite(value):
        return _infinite(value)
    sections = sections_of(code)
    section, signed = _section_for(value, sections)
    if section.is_moment:
        return shown_moment(float(value), section)
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if section.is_general:
        return general(value if signed else -value)
    if any(token.part == "text" for token in section.tokens):  # `@`: a number as it is
        return general(value)
    text = shown_number(number, section)
    return f"-{text}" if signed and value < 0 and not rounds_to_nothing(text) else text


def _section_for(value: float | Decimal, sections: Sequence[Section]) -> tuple[Section, bool]:
    """The section that holds for a number, and whether a minus is shown before a negative one."""
    numeric = sections[:TEXT_SECTION]
    if any(section.condition for section in numeric):
        for section in numeric:
            if section.condition is None or HOLDS[section.condition[0]](value, section.condition[1]):
                return section, True
        return numeric[-1], True
    if len(numeric) == 1 or value > 0:
        return numeric[0], True
    if value < 0:
        return numeric[1], False
    return numeric[2 if len(numeric) > 2 else 0], True


def _infinite(value: float | Decimal) -> str:
    return INFINITY if value > 0 else f"-{INFINITY}"

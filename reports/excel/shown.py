"""A value as Excel would show it under a format, roughly: for notes, where nothing is formatted by itself."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from reports.blocks import Formula
from reports.excel.values import Unwritable, cell_text, escaped, in_zone, plain_text
from reports.number_formats.formats import GENERAL, NAMED, NUMBERS, Kind, shown_number
from reports.tables.objects import kind_of
from reports.text import made_writable

PIECE = re.compile(r'"[^"]*"|\\.|[Yy]+|[Mm]+|[Dd]+|[Hh]+|[Ss]+(?:\.0+)?|.')
PARTS = {
    "yyyy": "%Y",
    "yy": "%y",
    "mmmm": "%B",
    "mmm": "%b",
    "mm": "%m",
    "dddd": "%A",
    "ddd": "%a",
    "dd": "%d",
}
CLOCK = {"hh": "%H", "mm": "%M", "ss": "%S"}
FULL = {"y": "year", "m": "month", "d": "day", "h": "hour", "s": "second"}
FIRST_YEAR = 1000
BLANK = "blank"
LONGEST = 300  # characters of a text in a note


def shown(value: object, code: str, zone: ZoneInfo | None) -> str:
    """Text is cut to a length that a note can show."""
    if value is None or value == "":
        return BLANK
    kind = kind_of(value)
    if kind in NUMBERS:
        text = written(value, zone)[1]
        return str(value) if text is None else shown_number(text, code)
    if kind in SHOWN:
        return SHOWN[kind](value, code, zone)
    text = made_writable(str(value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def written(value: object, zone: ZoneInfo | None) -> tuple[Kind | None, str | None]:
    """Kind and text of a cell; what a cell cannot hold becomes text. The kind is None for a blank."""
    kind = kind_of(value)
    if value is None or kind is None:
        return (None, None) if value is None else (Kind.TEXT, escaped(made_writable(str(value))))
    if isinstance(value, Formula):
        return Kind.TEXT, escaped(formula_text(value))
    try:
        text = cell_text(value, zone)
    except (Unwritable, OverflowError, ValueError):
        return Kind.TEXT, escaped(_spelled(value, zone))
    return (None, None) if text is None else (kind, text)


def formula_text(formula: Formula) -> str:
    """With the value that was stored beside it, which is all that may have changed."""
    value = "" if formula.value is None else f" ({formula.value})"
    return made_writable(f"={formula.text}{value}")


def _spelled(value: object, zone: ZoneInfo | None) -> str:
    try:
        return made_writable(plain_text(value, zone) or "")
    except (Unwritable, OverflowError, ValueError):
        return made_writable(str(value))


def _moment(moment: datetime, code: str) -> str:
    if code == GENERAL:
        code = NAMED["datetime"]
    said, clock = "", False
    if moment.year < FIRST_YEAR:  # strftime may leave out zeros
        return moment.isoformat(sep=" ")
    for piece in PIECE.findall(code.partition(";")[0]):
        word = piece.lower().partition(".")[0]
        if word[:1] not in FULL:
            said += piece.strip('"').removeprefix("\\")
            continue
        clock = word[0] in "hs" or (clock and word[0] == "m")
        name = "minute" if clock and word[0] == "m" else FULL[word[0]]
        directive = (CLOCK if clock else PARTS).get(word)
        said += moment.strftime(directive) if directive else str(getattr(moment, name))
    return said


def _duration(passed: timedelta) -> str:
    sign = "-" if passed < timedelta(0) else ""
    minutes, seconds = divmod(int(abs(passed).total_seconds()), 60)
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{seconds:02}"


SHOWN: dict[Kind | None, Callable[[Any, str, ZoneInfo | None], str]] = {
    Kind.BOOLEAN: lambda value, *_: str(value).upper(),
    Kind.DATETIME: lambda value, code, zone: _moment(in_zone(value, zone), code),
    Kind.DATE: lambda value, code, _: _moment(datetime.combine(value, time()), code),
    Kind.TIME: lambda value, *_: value.isoformat(timespec="auto"),
    Kind.DURATION: lambda value, *_: _duration(value),
    Kind.FORMULA: lambda value, *_: formula_text(value),
}

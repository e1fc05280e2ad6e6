"""Cells of a worksheet's XML as plain values. Knows neither archives nor files."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from reports.number_formats.formats import Kind
from reports.reading.markup import Element, local
from reports.reading.serials import BUILTIN_KINDS, SINCE_1900, SINCE_1904, format_kind, moment

ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
DIGITS = "0123456789"


class Strings(Protocol):
    def __getitem__(self, number: int) -> str: ...


@dataclass(frozen=True)
class Formats:
    """Which styles show a number as a date, a time or a duration; `epoch` is the day that is 0."""

    kinds: Sequence[Kind | None]
    epoch: datetime

    @classmethod
    def of(cls, styles: Element | None, *, since_1904: bool) -> "Formats":
        epoch = SINCE_1904 if since_1904 else SINCE_1900
        if styles is None:
            return cls((), epoch)
        own = {
            int(one.get("numFmtId", -1)): format_kind(one.get("formatCode", ""))
            for one in styles.iterfind("{*}numFmts/{*}numFmt")
        }
        numbers = [int(one.get("numFmtId", 0)) for one in styles.iterfind("{*}cellXfs/{*}xf")]
        return cls([own[one] if one in own else BUILTIN_KINDS.get(one) for one in numbers], epoch)

    def value(self, number: float, style: int) -> object:
        """What a person sees in a cell of that style: the number, or the moment that it stands for."""
        kind = self.kinds[style] if 0 <= style < len(self.kinds) else None
        return number if kind is None else moment(number, kind, self.epoch)


def read_row(row: Element, columns: int, strings: Strings, formats: Formats) -> list[object]:
    """The values of the first `columns` cells, None for those that the file leaves out."""
    values: list[object] = []
    place = 0
    for cell in row:
        if local(cell) != "c":
            continue
        name = cell.get("r")
        place = _column(name.rstrip(DIGITS)) if name else place + 1
        if place > columns:
            break
        values += [None] * (place - len(values))
        values[place - 1] = _value(cell, strings, formats)
    return values


def string_of(element: Element) -> str:
    """The text of an `si` or an `is` as it is spelled: the runs of a formatted one, without reading aids."""
    if len(element) == 1 and local(element[0]) == "t":
        return element[0].text or ""
    found = [one.text or "" for one in element if local(one) == "t"]
    found += [one.text or "" for run in element if local(run) == "r" for one in run if local(one) == "t"]
    return "".join(found)


def unescape(text: str) -> str:
    """`_x0041_` is how a file spells `A`, and `_x005F_x0041_` how it spells `_x0041_`."""
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _value(cell: Element, strings: Strings, formats: Formats) -> object:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return next((unescape(string_of(one)) or None for one in cell if local(one) == "is"), None)
    text = next((one.text for one in cell if local(one) == "v"), None)
    if not text:
        return None
    if kind == "n":
        return formats.value(_number(text), int(cell.get("s", 0)))
    read: Callable[[str], object] = {
        "s": lambda text: unescape(strings[int(text)]) or None,
        "b": lambda text: text in {"1", "true"},
        "str": unescape,
    }.get(kind, str)  # what else there is, errors and ISO 8601 dates, reads as it stands
    return read(text)


def _number(text: str) -> float:
    """A sheet knows one kind of number: `1.0` is 1 to whoever looks at it."""
    try:
        return int(text)
    except ValueError:
        number = float(text)
        return int(number) if number.is_integer() else number


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number

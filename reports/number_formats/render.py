"""One value as the text that a spreadsheet shows for it under a format code.

A code is read once: its sections become a `CodeFormat`, which chooses the section for a value and fills it.
Whatever shows a value (a page, a note, a label, the width of a column) asks here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from math import isfinite, isnan
from typing import Any, TypeAlias

from reports.number_formats.codes import Section, sections_of
from reports.number_formats.formats import GENERAL
from reports.number_formats.fractions import FractionPattern
from reports.number_formats.general import exact, general
from reports.number_formats.moments import serial, shown_moment
from reports.number_formats.numbers import NumberPattern, Unshowable
from reports.text import spelled_out

INFINITY = "\N{INFINITY}"
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda number, other: number < other,
    "<=": lambda number, other: number <= other,
    ">": lambda number, other: number > other,
    ">=": lambda number, other: number >= other,
    "=": lambda number, other: number == other,
    "<>": lambda number, other: number != other,
}
TEXT_SECTION = 3
# What the sections of a code are for where they do not say it themselves, by how many there are.
IMPLIED: dict[int, tuple[tuple[str, float] | None, ...]] = {
    1: (None,),
    2: ((">=", 0), None),
    3: ((">", 0), ("<", 0), None),
}
Moment: TypeAlias = date | time | timedelta


@dataclass(frozen=True)
class SectionFormat:
    """A section for numbers. `condition` is when it holds: an operator and a number, or None where it always does.

    `drops_minus`: it is for negative numbers alone, whose sign it shows by itself.
    """

    section: Section
    condition: tuple[str, float] | None
    drops_minus: bool

    def holds(self, number: float | Decimal) -> bool:
        return self.condition is None or COMPARE[self.condition[0]](number, self.condition[1])

    @cached_property
    def pattern(self) -> "FractionPattern | NumberPattern":
        """The pattern of its digits. Raises Unshowable."""
        if self.section.has("fraction"):
            return FractionPattern.of(self.section)
        return NumberPattern.of(self.section)

    @cached_property
    def is_moment(self) -> bool:
        return self.section.is_moment

    @cached_property
    def _is_general(self) -> bool:
        return self.section.has("general") or self.section.has("text")

    def number(self, value: float | Decimal) -> str:
        """Return the text of a number. Raises Unshowable."""
        number = exact(value)
        if self._is_general:
            text, is_zero = self._with_general(abs(number)), not number
        else:
            text, is_zero = self.pattern.text(abs(number))
        return f"-{text}" if number < 0 and not self.drops_minus and not is_zero else text

    def _with_general(self, number: Decimal) -> str:
        text = general(number)
        return "".join(
            text if token.part in {"general", "text"} else token.text for token in self.section.tokens
        )


@dataclass(frozen=True)
class CodeFormat:
    """A format code that has been read. `text_section` is how text is shown; None: as it is."""

    numeric: tuple[SectionFormat, ...]
    text_section: Section | None

    @classmethod
    def of(cls, code: str) -> "CodeFormat":
        """Return the format of a code."""
        sections = sections_of(code)
        if len(sections) > TEXT_SECTION:
            return cls(_numeric(sections[:TEXT_SECTION]), sections[TEXT_SECTION])
        if sections[-1].has("text"):
            return cls(_numeric(sections[:-1] or sections), sections[-1])
        return cls(_numeric(sections), None)

    def number(self, value: float | Decimal) -> str:
        """Return the text of a finite number. Raises Unshowable, and OverflowError beyond the calendar."""
        chosen = self._section_for(value)
        if chosen.is_moment:
            return shown_moment(float(value), chosen.section)
        return chosen.number(value)

    def moment(self, value: Moment) -> str:
        """Return the text of a moment or a duration. Raises as `number` does."""
        days = serial(value)
        chosen = self._section_for(abs(days))
        return shown_moment(value, chosen.section) if chosen.is_moment else self.number(days)

    def text(self, value: str) -> str:
        """Return a text as the code shows it."""
        if self.text_section is None:
            return value
        return "".join(
            value if token.part in {"text", "general"} else token.text for token in self.text_section.tokens
        )

    def _section_for(self, value: float | Decimal) -> SectionFormat:
        return next((section for section in self.numeric if section.holds(value)), self.numeric[-1])


@lru_cache(maxsize=512)
def code_format(code: str) -> CodeFormat:
    """Return the format of a code, which is read once."""
    return CodeFormat.of(code)


def shown(value: object, code: str = GENERAL) -> str:
    """Return the value as a spreadsheet shows it under the code; nothing for a missing value and NaN.

    What the code cannot show is shown as without a code. Control characters are spelled out, as `\\x1b`.
    """
    if value is None or (isinstance(value, float | Decimal) and isnan(value)):
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal | date | time | timedelta):
        return _counted(value, code)
    return code_format(code).text(spelled_out(str(value)))


def can_show(code: str) -> bool:
    """Return whether numbers are shown as the code says."""
    try:
        for section in code_format(code).numeric:
            if not section.is_moment:
                section.number(1)
    except Unshowable:
        return False
    return True


def plain(value: Moment | float | Decimal) -> str:
    """Return the value as it is without any format."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return general(value)


def _counted(value: Moment | float | Decimal, code: str) -> str:
    try:
        if isinstance(value, date | time | timedelta):
            return code_format(code).moment(value)
        if not isfinite(value):
            return INFINITY if value > 0 else f"-{INFINITY}"
        return code_format(code).number(value)
    except (Unshowable, OverflowError, ValueError):
        return plain(value)


def _numeric(sections: tuple[Section, ...]) -> tuple[SectionFormat, ...]:
    implied = IMPLIED[len(sections)]
    conditions = [section.condition or default for section, default in zip(sections, implied, strict=True)]
    return tuple(
        SectionFormat(section, condition, _is_negative(conditions[: number + 1]))
        for number, (section, condition) in enumerate(zip(sections, conditions, strict=True))
    )


def _is_negative(conditions: list[tuple[str, float] | None]) -> bool:
    """Whether the last of the conditions lets negative numbers pass alone: those before have taken the others."""
    *before, last = conditions
    if last is not None:
        return last[0] in {"<", "<="} and last[1] <= 0
    return any(limit is not None and limit[0] in {">", ">="} and limit[1] <= 0 for limit in before)

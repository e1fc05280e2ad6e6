"""Conditional formats of a table's columns and rows, as frozen values. Knows neither Excel nor HTML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from reports.errors import BadBlock
from reports.palette import HIGHLIGHTS
from reports.text import fault_in_text

COLOUR = re.compile(r"[0-9A-Fa-f]{6}")
ICONS: dict[str, int] = {"arrows": 3, "lights": 3, "flags": 3, "signs": 3, "ratings": 5, "quarters": 5}
OPERATORS = frozenset({"<", "<=", "=", "!=", ">=", ">"})
TEXT_OPERATORS = frozenset({"contains", "begins", "ends"})
RANKS = frozenset({"top", "bottom"})
ALONE = frozenset({"blank", "filled", "duplicate"})
MAX_RANK = 1_000  # of Excel's own dialog
Value: TypeAlias = int | float | Decimal | str | date | datetime
Look = Literal["good", "late", "bad", "strong"]
LOOKS = frozenset({*HIGHLIGHTS, "strong"})


@dataclass(frozen=True)
class DataBar:
    """A bar in each cell, as long as its number. It begins at 0, or at the lowest number if that is negative.

    `low` and `high` fix the ends, so that bars of several tables can be compared.
    """

    colour: str = "9DB8D2"
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        check_colour("DataBar", self.colour)
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise BadBlock("DataBar", f"{self.low:g}, {self.high:g}", "low= must be below high=")


@dataclass(frozen=True)
class ColorScale:
    """Cells shaded from the lowest number to the highest; `middle` is the colour of their median."""

    low: str = "FFFFFF"
    high: str = "9DB8D2"
    middle: str | None = None

    def __post_init__(self) -> None:
        for colour in (self.low, self.high, *([self.middle] if self.middle else [])):
            check_colour("ColorScale", colour)


@dataclass(frozen=True)
class IconSet:
    """A sign before each number: `arrows`, `lights`, `flags` or `signs` of three, `ratings` or `quarters` of five.

    `at` are the numbers from which the next sign is shown, one fewer than there are signs; None: at equal parts
    of the way from the lowest to the highest. `reverse` turns the signs round, where little is good.
    """

    icons: Literal["arrows", "lights", "flags", "signs", "ratings", "quarters"] = "arrows"
    at: Sequence[float] | None = None
    reverse: bool = False

    def __post_init__(self) -> None:
        if self.icons not in ICONS:
            raise BadBlock("IconSet", self.icons, f"icons are one of {', '.join(ICONS)}")
        if self.at is not None:
            object.__setattr__(self, "at", tuple(self.at))
            if len(self.at) != ICONS[self.icons] - 1 or list(self.at) != sorted(set(self.at)):
                wanted = ICONS[self.icons] - 1
                raise BadBlock("IconSet(at=)", self.at, f"{self.icons} change at {wanted} rising numbers")


@dataclass(frozen=True)
class Highlight:
    """Cells that a rule holds for stand out: `Highlight("<", 0.7)`, `Highlight("between", 1, 5, look="good")`.

    Rules are `<`, `<=`, `=`, `!=`, `>=`, `>`, `between` and `outside` with one or two values; `contains`, `begins`
    and `ends` with text; `top` and `bottom` with a count; `blank`, `filled` and `duplicate` with nothing; and
    `formula` with a text in which `[name]` is the row's cell of a column: `Highlight("formula", "[late] > 2 *
    [flights]")`. `look` is `bad`, `late`, `good` or `strong` (bold). `row` marks the whole row of the table.
    """

    rule: str
    value: Value | None = None
    second: Value | None = None
    look: Look = "bad"
    row: bool = False

    def __post_init__(self) -> None:
        if self.look not in LOOKS:
            raise BadBlock("Highlight(look=)", self.look, f"it is one of {', '.join(sorted(LOOKS))}")
        wanted = 2 if self.rule in {"between", "outside"} else 0 if self.rule in ALONE else 1
        if self.rule not in OPERATORS | TEXT_OPERATORS | RANKS | ALONE | {"between", "outside", "formula"}:
            known = (
                "<, <=, =, !=, >=, >, between, outside, contains, begins, ends, top, bottom, blank, filled, "
            )
            raise BadBlock("Highlight", self.rule, f"a rule is one of {known}duplicate, formula")
        given = sum(value is not None for value in (self.value, self.second))
        if given != wanted or (wanted and self.value is None):
            raise BadBlock("Highlight", self.rule, f"this rule takes {wanted} values, and {given} are given")
        if self.rule in TEXT_OPERATORS | {"formula"} and not (isinstance(self.value, str) and self.value):
            raise BadBlock("Highlight", self.rule, "this rule takes a text")
        if self.rule in RANKS and not (isinstance(self.value, int) and 0 < self.value <= MAX_RANK):
            raise BadBlock("Highlight", self.value, f"this rule takes a count from 1 to {MAX_RANK:,}")
        if isinstance(self.value, str) and (fault := fault_in_text(self.value)):
            raise BadBlock("Highlight", self.value[:60], fault)


Mark: TypeAlias = DataBar | ColorScale | IconSet | Highlight
MARKS = (DataBar, ColorScale, IconSet, Highlight)


def checked_marks(where: str, given: Mark | Sequence[Mark]) -> tuple[Mark, ...]:
    """As a tuple. Raises BadBlock for what is no mark."""
    marks = (given,) if isinstance(given, MARKS) else tuple(given)
    for mark in marks:
        if not isinstance(mark, MARKS):
            raise BadBlock(where, mark, "a mark is a DataBar, ColorScale, IconSet or Highlight")
    return marks


def check_colour(part: str, colour: str) -> None:
    if not COLOUR.fullmatch(colour):
        raise BadBlock(part, colour, "a colour is six hexadecimal digits, such as '1F4E79'")

"""Conditional formats worked out, cell by cell: what a spreadsheet would do by itself. Knows no file format.

A rule that compares holds for values that can be compared with its own: a missing one is neither less nor more.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from reports.marks import ICONS, ColorScale, DataBar, Highlight, IconSet, Mark
from reports.palette import BAD, GOOD, HIGHLIGHTS, LATE, SOFT, ink_on
from reports.tables.objects import number_of


class Bar(NamedTuple):
    """A bar within a cell: where it begins and ends, as shares of the cell's width."""

    begin: float
    end: float
    colour: str


class Sign(NamedTuple):
    """A shape before the number, and what it means in words."""

    shape: str
    words: str
    colour: str


@dataclass(frozen=True)
class MarkStyle:
    """The style that marks give a cell. `ground` and `ink` are colours; None: as it is."""

    ground: str | None = None
    ink: str | None = None
    bold: bool = False
    bar: Bar | None = None
    sign: Sign | None = None


PLAIN = MarkStyle()
LOW, MIDDLE, HIGH = "low", "middle", "high"
THREE = ((LOW, BAD), (MIDDLE, LATE), (HIGH, GOOD))
SHAPES = {
    "arrows": "▼▶▲",
    "lights": "◆▲●",
    "flags": "⚑⚑⚑",
    "signs": "✕▲✓",
    "ratings": "▁▂▄▆█",
    "quarters": "○◔◑◕●",
}
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
}
TEXTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "begins": str.startswith,
    "ends": str.endswith,
}
StyleOf = Callable[[object], MarkStyle]


def styles_of(mark: Mark, values: Sequence[object]) -> StyleOf | None:
    """Return what the mark makes of each of a column's `values`; None for a rule that is a formula."""
    if isinstance(mark, Highlight):
        holds = rule_of(mark, values)
        return None if holds is None else partial(_highlighted, mark, holds)
    numbers = [number for value in values if (number := number_of(value)) is not None]
    if not numbers:
        return lambda _: PLAIN
    if isinstance(mark, DataBar):
        return partial(_barred, mark, *_ends(mark, numbers))
    if isinstance(mark, ColorScale):
        return partial(_shaded, mark, min(numbers), median(numbers), max(numbers))
    return partial(_signed, mark, _thresholds(mark, numbers))


def merged(first: MarkStyle, second: MarkStyle) -> MarkStyle:
    """Both; where they differ, the first, as in a spreadsheet."""
    if first is PLAIN or second is PLAIN:
        return second if first is PLAIN else first
    coloured = first if first.ground or first.ink else second
    return MarkStyle(
        coloured.ground,
        coloured.ink,
        first.bold or second.bold,
        first.bar or second.bar,
        first.sign or second.sign,
    )


def rule_of(mark: Highlight, values: Sequence[object]) -> Callable[[object], bool] | None:
    """Return whether a highlight's rule holds for a value."""
    rule, wanted, second = mark.rule, _plain(mark.value), _plain(mark.second)
    if rule in COMPARE:
        return lambda value: _compared(COMPARE[rule], value, wanted)
    if rule in {"between", "outside"}:
        return partial(_within, wanted, second, rule == "between")
    if rule in TEXTS:
        return lambda value: value is not None and TEXTS[rule](str(value).casefold(), str(wanted))
    if rule in {"top", "bottom"}:
        return _ranked(rule, int(mark.value), values)  # type: ignore[arg-type] # checked with the mark
    counts = Counter(map(_plain, values)) if rule == "duplicate" else Counter()
    alone: dict[str, Callable[[object], bool]] = {
        "duplicate": lambda value: not _is_blank(value) and counts[_plain(value)] > 1,
        "blank": _is_blank,
        "filled": lambda value: not _is_blank(value),
    }
    return alone.get(rule)


def _within(low: object, high: object, wanted: bool, value: object) -> bool:  # given by partial
    if not _comparable(_plain(value), low):
        return False
    return (_compared(COMPARE[">="], value, low) and _compared(COMPARE["<="], value, high)) is wanted


def _ranked(rule: str, count: int, values: Sequence[object]) -> Callable[[object], bool]:
    numbers = sorted(number for value in values if (number := number_of(value)) is not None)
    if not numbers:
        return lambda _: False
    end = numbers[-min(count, len(numbers))] if rule == "top" else numbers[min(count, len(numbers)) - 1]
    reaches = COMPARE[">=" if rule == "top" else "<="]
    return lambda value: (number := number_of(value)) is not None and reaches(number, end)


def _highlighted(mark: Highlight, holds: Callable[[object], bool], value: object) -> MarkStyle:
    if not holds(value):
        return PLAIN
    if mark.look not in HIGHLIGHTS:
        return MarkStyle(bold=True)
    ink, ground = HIGHLIGHTS[mark.look]
    return MarkStyle(ground, ink)


def _ends(mark: DataBar, numbers: Sequence[float]) -> tuple[float, float]:
    low = min(0.0, *numbers) if mark.low is None else mark.low
    high = max(0.0, *numbers) if mark.high is None else mark.high
    return low, high if high > low else low + 1


def _barred(mark: DataBar, low: float, high: float, value: object) -> MarkStyle:
    if (number := number_of(value)) is None:
        return PLAIN
    place, zero = (min(1.0, max(0.0, (one - low) / (high - low))) for one in (number, 0.0))
    colour = BAD if number < 0 else mark.colour
    return MarkStyle(bar=Bar(round(min(place, zero), 4), round(max(place, zero), 4), colour))


def _shaded(mark: ColorScale, low: float, middle: float, high: float, value: object) -> MarkStyle:
    if (number := number_of(value)) is None:
        return PLAIN
    steps = [(low, mark.low), (high, mark.high)]
    if mark.middle is not None:
        steps.insert(1, (middle, mark.middle))
    ground = steps[-1][1] if high > low else steps[0][1]
    for (begin, first), (end, second) in pairwise(steps):
        if number <= end and end > begin:
            ground = _mixed(first, second, max(0.0, (number - begin) / (end - begin)))
            break
    return MarkStyle(ground, ink_on(ground))


def _mixed(first: str, second: str, share: float) -> str:
    channels = [(int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (0, 2, 4)]
    return "".join(f"{round(one + (other - one) * share):02X}" for one, other in channels)


def _thresholds(mark: IconSet, numbers: Sequence[float]) -> list[float]:
    if mark.at is not None:
        return list(mark.at)
    low, high, count = min(numbers), max(numbers), ICONS[mark.icons]
    return [low + (high - low) * round(100 * step / count) / 100 for step in range(1, count)]


def _signed(mark: IconSet, thresholds: Sequence[float], value: object) -> MarkStyle:
    if (number := number_of(value)) is None:
        return PLAIN
    count = ICONS[mark.icons]
    level = bisect_right(thresholds, number)
    level = count - 1 - level if mark.reverse else level
    shape = SHAPES[mark.icons][level]
    if count == len(THREE):
        words, colour = THREE[level]
        return MarkStyle(sign=Sign(shape, words, colour))
    return MarkStyle(sign=Sign(shape, f"{level + 1} of {count}", SOFT))


def _plain(value: object) -> Any:
    """As values are compared: text without case, numbers and moments as numbers."""
    return value.casefold() if isinstance(value, str) else value if (n := number_of(value)) is None else n


def _comparable(one: object, other: object) -> bool:
    return one is not None and isinstance(one, str) == isinstance(other, str) and not isinstance(one, bool)


def _compared(compare: Callable[[Any, Any], bool], value: object, wanted: object) -> bool:
    one = _plain(value)
    return _comparable(one, wanted) and compare(one, wanted)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())

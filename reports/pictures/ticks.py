"""Where an axis has its labels, and what they say. Knows no picture format."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from reports.axes import TIME_UNITS, axis_code
from reports.number_formats.codes import sections_of
from reports.number_formats.formats import GENERAL, SECONDS_PER_DAY
from reports.number_formats.moments import EPOCH, serial
from reports.number_formats.render import shown

NEAR = 5 / 6  # of the highest: where the lowest is above, the axis does not begin at zero, as in Excel
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
TIMES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400)
MOST_DECIMALS = 10
MOST_YEARS = 9_999
HUGE = 1e15  # where digits are no longer counted


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, with a label at each of the ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str | list[str], ...]


def number_axis(numbers: Sequence[float], code: str, count: int, *, from_zero: bool, given: bool) -> Axis:
    """Round numbers, no more than about `count`. `given`: the code is the author's, and shown as it is."""
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    if from_zero or (low > 0 and low < high * NEAR) or (high < 0 and high > low * NEAR):
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = (min(low, 0.0), max(high, 0.0)) if low else (0.0, 1.0)
    step = _time_step(high - low, count) if sections_of(code)[0].is_moment else _step((high - low) / count)
    if "%" not in code and all(map(float.is_integer, map(float, numbers))):
        step = max(step, 1.0)  # there is no half of a flight
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(place * step, 12) + 0.0 for place in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks, _labels(ticks, code, given=given))


def date_axis(days: Sequence[float], room: float) -> Axis:
    """Of serial days: first days of months or years, or every so many days; `room` is how many labels fit."""
    low, high = min(days, default=0.0), max(days, default=1.0)
    for unit, length, code, steps in TIME_UNITS:
        for step in steps:
            if (high - low) / (step * length) <= room:
                return _dates(low, high, unit, step, code)
    years = math.ceil((high - low) / TIME_UNITS[-1][1] / room)
    return _dates(low, high, "years", years, "yyyy")


def _labels(ticks: Sequence[float], code: str, *, given: bool) -> tuple[str, ...]:
    """With as many decimals as the ticks have, whatever the column's values have."""
    bare = code if given else axis_code(code)
    if max(map(abs, ticks)) >= HUGE:
        bare = GENERAL
    last = re.search(r"[0#](?![^;]*[0#])", bare)
    decimals = max(-int(Decimal(repr(tick)).normalize().as_tuple().exponent) for tick in ticks)
    decimals = min(decimals - 2 * bare.count("%"), MOST_DECIMALS)
    if not given and decimals > 0 and last is not None and "." not in bare:
        bare = f"{bare[: last.end()]}.{'0' * decimals}{bare[last.end() :]}"
    return tuple(shown(tick, bare) for tick in ticks)


def _step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in STEPS if step * power >= rough * 0.999)


def _time_step(span: float, count: int) -> float:
    seconds = span * SECONDS_PER_DAY / count
    fitting = next((step for step in TIMES if step >= seconds), None)
    return fitting / SECONDS_PER_DAY if fitting else _step(seconds / SECONDS_PER_DAY)


def _dates(low: float, high: float, unit: str, step: int, code: str) -> Axis:
    if unit == "days":
        ticks = [float(day) for day in range(math.ceil(low), math.floor(high) + 1, step)]
    else:
        months = step if unit == "months" else 12 * step
        ticks = [day for day in _first_days(low, high, months) if low <= day <= high]
    ticks = ticks or [low]
    return Axis(low, high, tuple(ticks), tuple(shown(EPOCH + timedelta(days=tick), code) for tick in ticks))


def _first_days(low: float, high: float, months: int) -> list[float]:
    first = EPOCH + timedelta(days=low)
    number = (first.year * 12 + first.month - 1) // months * months
    days = []
    while number < MOST_YEARS * 12:
        day = serial(datetime(max(1, number // 12), number % 12 + 1, 1))  # noqa: DTZ001 # Excel's days have no zone
        if day > high:
            break
        days.append(day)
        number += months
    return days

"""Facts of a column's values: enough to choose a format and a width. Knows neither sheets nor XML."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reports.number_formats.formats import MAX_DECIMALS, SMALL, Facts, Kind
from reports.tables.buffers import TextBuffer, float_values, int_values, present
from reports.text import shown_width, spelled_out

SAMPLE = 1_000  # texts measured per column, spread over its whole length
SLICE = 65_536  # rows looked at in one go; what is sampled of each follows from the number of slices
MINUTE = 60 * 10**6  # microseconds
ASCII = 0x80
DAY = 1_440 * MINUTE
SCALE_AS_GIVEN = 4  # decimals of an exact type that are meant; a longer scale is often the database's default


def update(facts: Facts, kind: Kind, array: Any, step: int) -> None:
    """Add what a slice of a canonical array shows; every `step`-th of its texts is measured."""
    if len(array) == array.null_count:
        return
    facts.filled += len(array) - array.null_count
    UPDATES[kind](facts, array, step)


def learn(facts: Facts, kind: Kind, values: Sequence[Any]) -> None:
    """Add what Python values of one kind show; of instants, the wall clock.

    They may be larger than an array can hold, and the exponents of decimals lie further apart.
    """
    facts.filled += len(values)
    if kind in LEARNT:
        LEARNT[kind](facts, values)


def sample_step(rows: int) -> int:
    """Return how many of a table's texts go by for one that is measured."""
    return max(1, rows // SAMPLE)


def _learn_numbers(facts: Facts, values: Sequence[float]) -> None:
    _extend(facts, _double(min(values)), _double(max(values)))


def _learn_floats(facts: Facts, values: Sequence[float]) -> None:
    _learn_numbers(facts, values)
    facts.whole = facts.whole and all(value.is_integer() for value in values if isfinite(value))
    if facts.largest < SMALL:
        facts.sample.extend(map(repr, values[:SAMPLE]))


def _learn_decimals(facts: Facts, values: Sequence[Decimal]) -> None:
    _learn_numbers(facts, values)  # type: ignore[arg-type] # as numbers
    texts = [format(value, "f").partition(".")[2] for value in values]
    scale = max(map(len, texts))
    if scale > SCALE_AS_GIVEN:
        scale = max(len(text.rstrip("0")) for text in texts)
    facts.decimals = max(facts.decimals, scale)


def _learn_moments(facts: Facts, values: Sequence[datetime]) -> None:
    facts.seconds = facts.seconds or any(value.second or value.microsecond for value in values)


def _learn_durations(facts: Facts, values: Sequence[timedelta]) -> None:
    _extend(facts, min(values) / timedelta(days=1), max(values) / timedelta(days=1))


def _learn_texts(facts: Facts, values: Sequence[str]) -> None:
    _texts(facts, pa.array(map(spelled_out, values), pa.large_string()), 1)


def _double(number: float | Decimal) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer of more than 308 digits
        return math.copysign(math.inf, number)


def _numbers(facts: Facts, array: Any, _: int) -> None:
    ends = pc.min_max(array)
    _extend(facts, float(ends["min"].as_py()), float(ends["max"].as_py()))


def _floats(facts: Facts, array: Any, step: int) -> None:
    _numbers(facts, array, step)
    numbers = float_values(array)
    if facts.whole and not np.array_equal(numbers, np.trunc(numbers)):
        facts.whole = bool((numbers == np.trunc(numbers))[present(array)].all())
    if facts.largest < SMALL:
        facts.sample.extend(
            repr(float(number)) for number in numbers[::step][present(array)[::step]][:SAMPLE]
        )


def _decimals(facts: Facts, array: Any, step: int) -> None:
    _numbers(facts, array, step)
    scale = array.type.scale
    facts.decimals = max(facts.decimals, scale if scale <= SCALE_AS_GIVEN else _needed(array, facts.decimals))


def _needed(array: Any, known: int) -> int:
    """How many decimals some value has, of those that are shown; `known` are needed anyway."""
    for places in range(known, MAX_DECIMALS):
        if pc.all(pc.equal(pc.round(array, places, round_mode="towards_zero"), array)).as_py():
            return places
    return MAX_DECIMALS


def _moments(facts: Facts, array: Any, _: int) -> None:
    micros = int_values(array)[present(array)]
    facts.seconds = facts.seconds or bool((micros % MINUTE).any())


def _durations(facts: Facts, array: Any, _: int) -> None:
    ends = pc.min_max(array.view("int64"))
    _extend(facts, ends["min"].as_py() / DAY, ends["max"].as_py() / DAY)


def _texts(facts: Facts, array: Any, step: int) -> None:
    text = TextBuffer.of(array)
    facts.longest = max(facts.longest, int(text.lengths.max(initial=0)))
    facts.special = facts.special or any(sign in text.raw for sign in (b"&", b"<", b">", b"\r"))
    facts.lookalike = facts.lookalike or b"_x" in text.raw
    first, last = text.first_and_last()
    facts.edges = facts.edges or bool((first <= 32).any() or (last <= 32).any())
    facts.widest = max(facts.widest, _widest(text, array, step))
    facts.links = facts.links and pc.all(pc.starts_with(array[::step], "http")).as_py()


def _widest(text: TextBuffer, array: Any, step: int) -> int:
    """Characters shown of the widest of some texts."""
    if text.data.max(initial=0) < ASCII and b"\n" not in text.raw:
        return int(text.lengths[::step].max(initial=0))
    return max((shown_width(value) for value in array[::step].to_pylist() if value), default=0)


def _extend(facts: Facts, low: float, high: float) -> None:
    facts.low = low if facts.low is None else min(low, facts.low)
    facts.high = high if facts.high is None else max(high, facts.high)


UPDATES: dict[Kind, Callable[[Facts, Any, int], None]] = {
    Kind.INTEGER: _numbers,
    Kind.FLOAT: _floats,
    Kind.DECIMAL: _decimals,
    Kind.DATETIME: _moments,
    Kind.DURATION: _durations,
    Kind.TEXT: _texts,
    Kind.DATE: lambda facts, array, step: None,  # noqa: ARG005 # all dates look alike
    Kind.TIME: lambda facts, array, step: None,  # noqa: ARG005
    Kind.BOOLEAN: lambda facts, array, step: None,  # noqa: ARG005
}
LEARNT: dict[Kind, Callable[[Facts, Any], None]] = {
    Kind.INTEGER: _learn_numbers,
    Kind.FLOAT: _learn_floats,
    Kind.DECIMAL: _learn_decimals,
    Kind.DATETIME: _learn_moments,
    Kind.DURATION: _learn_durations,
    Kind.TEXT: _learn_texts,
}

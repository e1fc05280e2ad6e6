import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from pipelines.results.values import (
    Unserialisable,
    ValueChanged,
    adapter_of,
    canonical,
    difference,
    dump,
    parse,
)


class Colour(Enum):
    RED = "red"


class Leg(NamedTuple):
    day: date
    origin: str
    delay: float = math.nan


@dataclass(frozen=True)
class Box:
    size: float
    tags: tuple[str, ...] = ()


class Model(BaseModel):
    share: float


@pytest.mark.parametrize(
    ("value", "annotation", "text"),
    [
        (None, None, "null"),
        (math.nan, float, "NaN"),
        (-math.inf, float, "-Infinity"),
        (0.1 + 0.2, float, "0.30000000000000004"),
        (2**80, int, "1208925819614629174706176"),
        (0, float, "0.0"),
        (date(2013, 1, 5), date, '"2013-01-05"'),
        ([date(2013, 1, 5)], list[date], '["2013-01-05"]'),
        (Leg(date(2013, 1, 5), "JFK"), Leg, '["2013-01-05","JFK",NaN]'),
        (Box(math.inf, ("a",)), Box, '{"size":Infinity,"tags":["a"]}'),
        (Model(share=math.nan), Model, '{"share":NaN}'),
        ({"a": math.nan, "b": "NaN"}, dict[str, float | str], '{"a":NaN,"b":"NaN"}'),
        (b"\xff\x00", bytes, '"_wA="'),
        (Decimal("1.20"), Decimal, '"1.20"'),
        (timedelta(days=1, microseconds=3), timedelta, '"P1DT0.000003S"'),
        ({1, 2}, set[int], "[1,2]"),
        (Colour.RED, Colour, '"red"'),
        ("Zürich \x00 🛫", str, '"Zürich \\u0000 🛫"'),
        ({date(2013, 1, 5): [1]}, dict[date, list[int]], '{"2013-01-05":[1]}'),
        (np.float64(1.5), float, "1.5"),
        (np.int64(3), int, "3"),
        ([np.int64(3)], list[int], "[3]"),
    ],
)
def test_a_value_travels_as_json_by_its_declared_type(value: object, annotation: object, text: str) -> None:
    assert dump(value, annotation) == text
    assert difference(value, parse(text, annotation)) is None


@pytest.mark.parametrize(
    ("value", "annotation", "message"),
    [
        ((1, 2), list[int], "declared list[int], returned tuple (1, 2)"),
        (["a"], list[int], "declared int, returned str 'a'"),
        ((1, 2), Any, "the value: returned tuple (1, 2), came back as list [1, 2]"),
        ({1: 2}, Any, "the value: returned list [1], came back as list ['1']"),
        ({"a": [1, (2,)]}, dict[str, Any], "the value['a'][1]: returned tuple (2,), came back as list [2]"),
        (True, int, "the value: returned bool True, came back as int 1"),
        (1, bool, "declared bool, returned int 1"),
        (datetime(2013, 1, 5, tzinfo=UTC), date, "declared date, returned datetime"),
        (pd.Timestamp("2013-01-05"), datetime, "the value: returned Timestamp('2013-01-05 00:00:00')"),
        (object(), Any, "JSON cannot carry builtins.object"),
        (None, list[int], "returned NoneType None, which does not read back: Input should be a valid array"),
        ("\ud800", str, "returned str '\\ud800', which does not read back: Input should be a valid string"),
        (Box(1.0, ["a"]), Box, "declared tuple[str, ...], returned list ['a']"),  # type: ignore[arg-type] # the mistake
    ],
)
def test_a_value_that_would_come_back_as_another_is_refused(
    value: object, annotation: object, message: str
) -> None:
    with pytest.raises(ValueChanged) as caught:
        dump(value, annotation)

    assert str(caught.value).startswith(message)


def test_a_time_keeps_its_offset_though_not_the_name_of_its_zone() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))

    assert dump(noon, datetime) == '"2026-07-01T12:00:00+02:00"'
    assert difference(noon, noon.astimezone(UTC)) is not None


def test_a_type_that_json_cannot_carry_is_refused() -> None:
    with pytest.raises(Unserialisable, match=r"JSON cannot carry numpy\.ndarray; return a frame"):
        adapter_of(np.ndarray)


def test_items_that_differ_in_the_order_of_their_keys_alone_are_one() -> None:
    assert canonical({"b": 1, "a": [1.0]}, dict[str, Any]) == '{"a":[1.0],"b":1}'
    assert canonical(Leg(date(2013, 1, 5), "JFK", 2.5), Leg) == '["2013-01-05","JFK",2.5]'


TEXT = st.text(st.characters(exclude_categories=["Cs"]))  # lone surrogates are no text
JSON_LIKE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(JSON_LIKE)
def test_whatever_json_can_hold_comes_back_equal(value: object) -> None:
    assert difference(value, parse(dump(value, Any), Any)) is None


@given(st.lists(st.tuples(st.dates(), st.floats(), st.sampled_from(["UA", "DL"]))))
def test_lists_of_records_come_back_equal(rows: list[tuple[date, float, Literal["UA", "DL"]]]) -> None:
    legs = [Leg(day, carrier, delay) for day, delay, carrier in rows]

    assert difference(legs, parse(dump(legs, list[Leg]), list[Leg])) is None

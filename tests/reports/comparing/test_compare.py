"""Which rows came and went, which cells changed: exact about values and types, by a key that must be one."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from reports import Changes, Sheet, Table
from reports.errors import BadBlock, BadFrame, BadKey, UnknownColumn
from tests.support.real_data import real_data
from tests.support.workbooks.comparing import changed_keys, compared

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
NAN = float("nan")
SAME: list[tuple[str, Any, Any]] = [
    ("a whole number and a float", 1, 1.0),
    ("a whole number and a decimal", 1, Decimal("1.00")),
    ("a float and a decimal", 0.1, Decimal("0.10")),
    ("decimals of two scales", Decimal("2.5"), Decimal("2.500")),
    ("two NaN", NAN, NAN),
    ("two missing values", None, None),
    ("NaN and a missing value, both blank", NAN, None),
    ("empty text and a missing value, both blank", "", None),
    ("an instant in two zones", NOON, NOON.astimezone(timezone(timedelta(hours=9)))),
    ("a day and its midnight", date(2026, 11, 2), datetime(2026, 11, 2)),  # noqa: DTZ001 # a wall clock
    ("infinity", float("inf"), float("inf")),
    ("lists", [1, 2], [1, 2]),
]
OTHER: list[tuple[str, Any, Any]] = [
    ("numbers and text", 1, "1"),
    ("numbers and booleans", 1, True),
    ("neighbours beyond what floats count", 2**53, 2**53 + 1),
    ("a float and its neighbour that no float is", float(2**53), 2**53 + 1),
    ("a long decimal and the float next to it", Decimal("12345678901234567.89"), 12345678901234567.89),
    ("zero and a missing value", 0, None),
    ("false and a missing value", False, None),
    ("a blank and an empty text", " ", ""),
    ("an instant and a wall clock", NOON, NOON.replace(tzinfo=None)),
    ("a day and another time of it", date(2026, 11, 2), NOON.replace(tzinfo=None)),
    ("text in upper case", "a", "A"),
    ("infinities of two signs", float("inf"), float("-inf")),
    ("lists in another order", [1, 2], [2, 1]),
]


def arrow(key: list[Any], value: Any) -> pa.Table:
    return pa.table({"key": key, "v": pa.array([value])})


def objects(value: Any) -> pd.DataFrame:
    """A column that mixes kinds, so that it goes value by value."""
    return pd.DataFrame({"key": ["a", "b"], "v": pd.Series([value, Decimal(5)], dtype=object)})


@pytest.mark.parametrize(("said", "one", "other"), SAME, ids=[said for said, *_ in SAME])
def test_these_are_the_same(said: str, one: Any, other: Any) -> None:
    assert compared(arrow(["a"], one), arrow(["a"], other)).is_same, said
    assert compared(arrow(["a"], other), arrow(["a"], one)).is_same, said


@pytest.mark.parametrize(("said", "one", "other"), OTHER, ids=[said for said, *_ in OTHER])
def test_these_are_not(said: str, one: Any, other: Any) -> None:
    assert compared(arrow(["a"], one), arrow(["a"], other)).changed_cells == 1, said
    assert compared(arrow(["a"], other), arrow(["a"], one)).changed_cells == 1, said


@pytest.mark.parametrize("cases", [SAME, OTHER], ids=["the same", "another"])
def test_columns_of_several_kinds_are_compared_by_the_same_rules(cases: Any) -> None:
    for said, one, other in cases:
        if not isinstance(one, list):  # which a cell takes only as JSON
            assert compared(objects(one), objects(other)).is_same is (cases is SAME), said


def test_nanoseconds_count_and_units_do_not() -> None:
    def moments(*values: int, unit: str) -> pa.Table:
        return pa.table({"key": ["a", "b"], "v": pa.array(values, pa.timestamp(unit))})

    found = compared(moments(5_000_000, 5_000_001, unit="ns"), moments(5_000, 5_000, unit="us"))
    assert changed_keys(found) == {"v": ["b"]}


def test_rows_are_found_again_in_another_order_and_in_a_frame_of_another_library() -> None:
    now = pd.DataFrame({"key": ["c", "a", "n"], "n": [3, 1, 9], "t": ["x", None, "new"]})
    before = pl.DataFrame({"key": ["a", "b", "c"], "n": [1.0, 2.0, 2.5], "t": [None, "gone", "y"]})
    found = compared(now, before)
    assert (found.added.tolist(), found.removed, found.changed_rows, found.unchanged) == ([2], 1, 1, 1)
    assert [(cell.key, cell.column, cell.before, cell.now) for cell in found.cells] == [
        (("c",), "n", 2.5, 3),
        (("c",), "t", "y", "x"),
    ]
    assert list(found.first_added) == [("n", 9, "new")]
    assert list(found.first_removed) == [("b", 2.0, "gone")]


def test_several_columns_make_one_key_and_may_hold_numbers_of_other_types() -> None:
    now = pl.DataFrame({"day": [date(2026, 1, 1)] * 2, "gate": [1, 2], "n": [5, 6]})
    before = pd.DataFrame({"gate": [2.0, 1.0], "n": [6, 4], "day": pd.to_datetime(["2026-01-01"] * 2)})
    found = compared(now, before, key=["day", "gate"])
    assert [(cell.key, cell.before) for cell in found.cells] == [((date(2026, 1, 1), 1), 4)]


def test_columns_that_came_and_went_are_named_and_are_a_change() -> None:
    found = compared(pd.DataFrame({"key": [1], "new": [1]}), pd.DataFrame({"key": [1], "old": [1]}))
    assert (found.columns_added, found.columns_removed, found.is_same) == (("new",), ("old",), False)


def test_a_column_of_another_kind_than_before_is_named() -> None:
    found = compared(pd.DataFrame({"key": [1], "v": ["5"]}), pd.DataFrame({"key": [1], "v": [5]}))
    assert found.retyped == ("v",)


@pytest.mark.parametrize("kind", [int, float, Decimal])
def test_numbers_within_the_tolerance_are_the_same(kind: Any) -> None:
    values = [10, 11, 12, 13] if kind is int else [kind("1.0"), kind("1.1"), kind("1.2"), kind("1.3")]
    now = pd.DataFrame({"key": list("abcd"), "v": values, "w": values})
    before = pd.DataFrame({"key": list("abcd"), "v": values[:1] * 4, "w": values[:1] * 4})
    tolerance = 1 if kind is int else 0.1
    assert changed_keys(compared(now, before, tolerance=tolerance)) == {"v": ["c", "d"], "w": ["c", "d"]}
    assert changed_keys(compared(now, before, tolerance={"v": tolerance}))["w"] == ["b", "c", "d"]


def test_a_number_that_came_or_went_is_no_matter_of_tolerance() -> None:
    now = pd.DataFrame({"key": [1, 2, 3], "v": [None, 1.0, float("inf")]})
    before = pd.DataFrame({"key": [1, 2, 3], "v": [1.0, None, 1.0]})
    assert compared(now, before, tolerance=1e300).changed_cells == 3


def test_everything_is_counted_and_the_first_of_each_kind_are_listed() -> None:
    now = pl.DataFrame({"key": range(5_000), "v": range(1, 5_001), "w": [0] * 5_000})
    before = pl.DataFrame({"key": range(2_000, 7_000), "v": [0] * 5_000, "w": [1] * 5_000})
    found = compared(now, before, at_most=3)
    assert (len(found.added), found.removed, found.changed_rows, found.changed_cells) == (
        2000,
        2000,
        3000,
        6000,
    )
    assert [row[0] for row in found.first_added] == [0, 1, 2]
    assert [row[0] for row in found.first_removed] == [5000, 5001, 5002]
    assert [(cell.key, cell.column) for cell in found.cells[:3]] == [
        ((2000,), "v"),
        ((2000,), "w"),
        ((2001,), "v"),
    ]
    assert found.largest is not None
    assert found.largest.key == (4999,)
    assert found.largest.difference == 5000


def test_a_difference_has_no_digits_that_rounding_adds() -> None:
    found = compared(pd.DataFrame({"key": ["a"], "v": [0.3]}), pd.DataFrame({"key": ["a"], "v": [0.1]}))
    assert found.cells[0].difference == Decimal("0.2")


def test_a_difference_of_floats_has_the_digits_of_a_float_and_one_of_decimals_all() -> None:
    now, before = 0.24119043374, 3.2221765033608945
    found = compared(pd.DataFrame({"key": ["a"], "v": [now]}), pd.DataFrame({"key": ["a"], "v": [before]}))
    assert found.cells[0].difference == Decimal("-2.98098606962089")
    long = Decimal("12345678901234567890.01")
    exact = compared(
        pd.DataFrame({"key": ["a"], "v": [long]}), pd.DataFrame({"key": ["a"], "v": [Decimal("0.02")]})
    )
    assert exact.cells[0].difference == Decimal("12345678901234567889.99")


def test_a_frame_without_rows_is_one_of_which_all_is_new() -> None:
    now = pd.DataFrame({"key": ["a"], "v": [1]})
    assert len(compared(now, now.iloc[:0]).added) == 1
    assert compared(now.iloc[:0], now).removed == 1
    assert compared(now.iloc[:0], now.iloc[:0]).is_same


KEYS: list[tuple[Any, Any, str]] = [
    (["a", "b", "a"], ["a"], "'a' is 2 times in the frame (first in rows 1 and 3)"),
    (
        ["a"],
        ["x", "b", "b", "b", "x"],
        "'x' is 2 times in the frame before (first in rows 1 and 5), and so are 1 other",
    ),
    (["a", None], ["a"], "the frame has no value in row 2; fill it"),
    ([1.0], [NAN, NAN], "the frame before has no value in row 1 and 1 more"),
    ([1], ["1"], "it is integer in the frame and text in the frame before, so no row is the same"),
]


@pytest.mark.parametrize(("now", "before", "said"), KEYS)
def test_a_key_that_is_none_is_refused_and_named(now: Any, before: Any, said: str) -> None:
    with pytest.raises(BadKey) as caught:
        compared(pl.DataFrame({"key": now}), pl.DataFrame({"key": before}))
    assert str(caught.value).startswith("sheet 'Data', Changes(key=key): ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_wrong_word_is_refused_in_one_line() -> None:
    frame = pd.DataFrame({"key": ["a"], "v": ["x"]})
    batches = pa.table({"key": ["a"]}).to_reader()
    wrong: list[tuple[Any, type[Exception], str]] = [
        (lambda: Changes(frame, key=[]), BadBlock, "name one column"),
        (lambda: Changes(frame, key=["a", "a"]), BadBlock, "that differ"),
        (lambda: Changes(frame, key="key", tolerance=-1), BadBlock, "0 or more"),
        (lambda: Changes(frame, key="key", tolerance={"key": 1}), BadBlock, "take it out"),
        (lambda: Changes(frame, key="key", tolerance=None), BadBlock, "0 or more"),  # type: ignore[arg-type] # wrong
        (lambda: Changes(frame, key=None), BadBlock, "name one column"),  # type: ignore[arg-type] # wrong
        (lambda: Changes(frame, key="key", at_most=-1), BadBlock, "from 0 to"),
        (lambda: compared(frame, frame.set_index("key")), BadFrame, "Changes(before=)': the index (key)"),
        (lambda: compared(frame, "frame"), BadFrame, "Changes(before=)': its frame is a str"),
        (lambda: Changes(batches, key="key"), BadBlock, "streams cannot be compared"),
        (lambda: Table(batches, changes=Changes(frame, key="key")), BadBlock, "streams cannot be compared"),
        (lambda: Sheet("S", frame, changes=Changes(frame, key="kye")), UnknownColumn, "did you mean 'key'?"),
        (
            lambda: compared(frame, frame[["v"]]),
            UnknownColumn,
            "Changes(before=): the frame has no column 'key'",
        ),
        (lambda: compared(frame, frame, tolerance={"v": 1}), BadBlock, "a tolerance is for numbers"),
    ]
    for make, kind, said in wrong:
        with pytest.raises(kind) as caught:
            make()
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.real_data
def test_two_versions_of_the_list_of_failed_banks_differ_in_ten_cells() -> None:
    page = pd.read_html(real_data("html/fdic_banklist.html"))[0]
    file = pd.read_csv(real_data("csv/fdic_banklist.csv"))
    for frame, form in ((page, "%B %d, %Y"), (file, "%d-%b-%y")):
        for column in ("Closing Date", "Updated Date"):
            frame[column] = pd.to_datetime(frame[column], format=form)
    found = compared(page, file, key="CERT")
    updated = found.changed.get("Updated Date", ())
    assert (len(found.added), found.removed) == (0, 0)
    assert {name: len(rows) for name, rows in found.changed.items() if name != "Updated Date"} == {
        "Bank Name": 9,
        "Acquiring Institution": 1,
    }
    assert len(updated) == 0


def test_the_largest_change_may_be_a_fall_and_stand_in_any_column() -> None:
    before = pl.DataFrame({"key": ["a", "b"], "u": [10, 10], "v": [50, 50], "w": [0.5, 0.5]})
    now = pl.DataFrame({"key": ["a", "b"], "u": [10, 14], "v": [20, 51], "w": [0.5, 29.0]})
    found = compared(now, before)
    assert found.largest is not None
    assert (found.largest.key, found.largest.column) == (("a",), "v")
    assert found.largest.difference == -30


def test_of_equally_large_changes_the_first_column_is_told() -> None:
    before = pl.DataFrame({"key": ["a", "b"], "u": [1, 1], "v": [1, 1]})
    now = pl.DataFrame({"key": ["a", "b"], "u": [1, 4], "v": [-2, 1]})
    found = compared(now, before)
    assert found.largest is not None
    assert (found.largest.key, found.largest.column) == (("b",), "u")


def test_a_change_that_is_no_number_any_more_is_never_the_largest() -> None:
    before = pl.DataFrame({"key": ["a", "b"], "u": [1.0, 1.0], "v": [1.0, 1.0]})
    now = pl.DataFrame({"key": ["a", "b"], "u": [None, float("inf")], "v": [1.0, 1.25]})
    found = compared(now, before)
    assert found.largest is not None
    assert (found.largest.column, found.largest.difference) == ("v", Decimal("0.25"))

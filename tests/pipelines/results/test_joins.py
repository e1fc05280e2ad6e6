from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from pipelines.results.frames import read_table, to_arrow, to_pandas, write_frame
from pipelines.results.joins import PartsDiffer, join_tables

HINT = "; make the step return the same columns whatever the item"


def joined(frames: Sequence[pd.DataFrame], folder: Path) -> pd.DataFrame:
    parts = []
    for number, frame in enumerate(frames, start=1):
        write_frame(frame, "pandas", folder / f"{number}.parquet")
        parts.append((f'"{number}"', read_table(folder / f"{number}.parquet")))
    return to_pandas(join_tables(parts))


def one(values: Any, dtype: Any = None) -> pd.DataFrame:
    return pd.DataFrame({"a": pd.Series(values, dtype=dtype)})


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (one([1, 2]), one([3]), one([1, 2, 3])),
        (one([1]), one([2.5, None]), one([1, 2.5, None])),
        (one([None]), one(["x"]), one([None, "x"], "str")),
        (one(["x"]), one([np.nan]), one(["x", None], "str")),
        (one([], "int64"), one(["x"]), one(["x"])),
        (one([None]), one([None]), one([None, None])),
        (one([1], "Int64"), one([2], "int64"), one([1, 2], "Int64")),
        (one([1], "int64"), one([2, None], "Int64"), one([1, 2, None], "Int64")),
        (one([1], "Int64"), one([2.5], "Float64"), one([1, 2.5], "Float64")),
        (one([1], "int8"), one([200], "uint8"), one([1, 200], "int64")),
        (one([True]), one([None]), one([True, None], "boolean")),
        (one([2**53 + 1]), one([None]), one([2**53 + 1, None], "Int64")),
        (one(["x"], object), one(["y"]), one(["x", "y"], "str")),
        (one([Decimal("1.20")]), one([Decimal("100.345")]), one([Decimal("1.200"), Decimal("100.345")])),
        (one([date(2013, 1, 5)]), one([None]), one([date(2013, 1, 5), None], object)),
        (
            one(["2013-01-05"], "datetime64[s]"),
            one(["2013-01-06"], "datetime64[ns]"),
            one(["2013-01-05", "2013-01-06"], "datetime64[ns]"),
        ),
        (
            one(pd.Categorical(["x"], ["y", "x"])),
            one(pd.Categorical(["z"])),
            one(pd.Categorical(["x", "z"], ["y", "x", "z"])),
        ),
        (one([1, 2, 3])[lambda frame: frame.a > 1], one([4]), one([2, 3, 4])),
    ],
    ids=[
        "equal types",
        "numbers that become floats exactly",
        "none yet known",
        "all missing",
        "no rows",
        "missing in all",
        "nullable and plain",
        "plain and nullable",
        "nullable numbers that become floats",
        "widths of numbers",
        "truth and missing",
        "large numbers and missing",
        "texts",
        "decimals",
        "dates",
        "units of time",
        "categories",
        "an index that only counts",
    ],
)
def test_parts_are_laid_under_one_another(
    first: pd.DataFrame, second: pd.DataFrame, expected: pd.DataFrame, tmp_path: Path
) -> None:
    pd.testing.assert_frame_equal(joined([first, second], tmp_path), expected, check_exact=True)


def test_columns_in_another_order_are_the_same_columns(tmp_path: Path) -> None:
    first, second = pd.DataFrame({"a": [1], "b": ["x"]}), pd.DataFrame({"b": ["y"], "a": [2]})

    assert joined([first, second], tmp_path).to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}


def test_an_index_with_a_name_stays(tmp_path: Path) -> None:
    parts = [pd.DataFrame({"a": [n]}, index=pd.Index([f"row {n}"], name="k")) for n in (1, 2)]

    found = joined(parts, tmp_path)

    assert found.index.name == "k"
    assert list(found.index) == ["row 1", "row 2"]


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            one([1]),
            pd.DataFrame({"A": [1]}),
            "item \"2\": its frame lacks the columns 'a' and has the columns 'A', unlike that of item \"1\"",
        ),
        (
            pd.DataFrame({"day": [1], "dep_delay": [1]}),
            pd.DataFrame({"day": [1], "dep_dely": [1]}),
            "item \"2\": its frame lacks the columns 'dep_delay' and has the columns 'dep_dely', "
            "did you mean 'dep_delay'?, unlike that of item \"1\"",
        ),
        (one([1]), pd.DataFrame(), 'item "2": its frame lacks the columns \'a\', unlike that of item "1"'),
        (one([1]), one(["x"]), 'item "2": column \'a\' is large_string, but int64 in item "1"'),
        (one([True]), one([1]), 'item "2": column \'a\' is int64, but bool in item "1"'),
        (
            one([2**53 + 1]),
            one([0.5]),
            "item \"1\": column 'a' is int64, not exact as double (Integer value 9007199254740993 not in "
            "range: -9007199254740992 to 9007199254740992)",
        ),
        (
            one(pd.Categorical(["x"], ["y", "x"], ordered=True)),
            one(pd.Categorical(["x"], ["x", "y"], ordered=True)),
            'item "2": column \'a\' orders its categories unlike item "1"',
        ),
        (
            one(pd.date_range("2013", periods=1, tz="UTC")),
            one(pd.date_range("2013", periods=1)),
            'item "2": column \'a\' is timestamp[us], but timestamp[us, tz=UTC] in item "1"',
        ),
    ],
)
def test_parts_that_differ_are_refused_naming_item_and_column(
    first: pd.DataFrame, second: pd.DataFrame, message: str, tmp_path: Path
) -> None:
    with pytest.raises(PartsDiffer) as caught:
        joined([first, second], tmp_path)

    assert str(caught.value) == message + HINT


def test_frames_of_other_libraries_join_as_well() -> None:
    parts = [
        ('"1"', pa.table({"a": [1], "b": ["x"]})),
        ('"2"', to_arrow(pl.DataFrame({"a": [2], "b": ["y"]}), "polars")),
        ('"3"', to_arrow(pd.DataFrame({"a": [3], "b": ["z"]}), "pandas")),
    ]

    assert join_tables(parts).to_pydict() == {"a": [1, 2, 3], "b": ["x", "y", "z"]}

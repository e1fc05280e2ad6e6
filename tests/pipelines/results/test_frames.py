import math
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.annotations import FrameForm
from pipelines.results.equality import frame_difference, is_plain
from pipelines.results.frames import (
    FrameRefused,
    pack_table,
    plain_to_arrow,
    read_frame,
    to_arrow,
    to_pandas,
    unpack_table,
    write_frame,
)

MONDAY = pd.Timestamp("2013-01-07")
PANDAS = {
    "texts": pd.DataFrame({"a": ["x", None]}),
    "texts as objects": pd.DataFrame({"a": pd.Series(["x", None], dtype=object)}),
    "objects with NaN": pd.DataFrame({"a": pd.Series(["x", np.nan], dtype=object)}),
    "dates": pd.DataFrame({"a": [date(2013, 1, 5), None]}),
    "times": pd.DataFrame({"a": [time(6, 30)]}),
    "decimals": pd.DataFrame({"a": [Decimal("1.20"), None]}),
    "all missing": pd.DataFrame({"a": [None, None]}),
    "NaN and infinity": pd.DataFrame({"a": [1.5, np.nan, np.inf]}),
    "nullable numbers": pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}),
    "nullable truth": pd.DataFrame({"a": pd.array([True, None], dtype="boolean")}),
    "large numbers": pd.DataFrame({"a": np.array([1, 2**64 - 1], dtype="uint64")}),
    "times in seconds": pd.DataFrame({"a": np.array(["2013-01-05"], dtype="datetime64[s]")}),
    "times in nanoseconds": pd.DataFrame({"a": np.array(["2013-01-05"], dtype="datetime64[ns]")}),
    "times of a zone": pd.DataFrame({"a": pd.date_range(MONDAY, periods=2, tz="America/New_York")}),
    "durations": pd.DataFrame({"a": pd.to_timedelta([1, 2], unit="s")}),
    "categories": pd.DataFrame({"a": pd.Categorical(["a", "b"], categories=["b", "a"], ordered=True)}),
    "periods": pd.DataFrame({"a": pd.period_range("2013-01", periods=2, freq="M")}),
    "columns with numbers for names": pd.DataFrame([[1, 2], [3, 4]]),
    "columns of two levels": pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "x")])),
    "an index of labels": pd.DataFrame({"a": [1, 2]}, index=pd.Index(["u", "v"], name="k")),
    "an index after a filter": pd.DataFrame({"a": [1, 2]}, index=[5, 9]),
    "no rows": pd.DataFrame({"a": pd.Series([], dtype="int64")}),
    "dictionaries": pd.DataFrame({"a": [{"k": 1}, {"k": 2}]}),
}
ARROW = {
    "NaN beside null": pa.table({"a": [1.0, float("nan"), None]}),
    "categories": pa.table({"a": pa.array(["x", "y", "x"]).dictionary_encode()}),
    "lists": pa.table({"a": [[1], [2, 3], None]}),
    "lists with NaN": pa.table({"a": [[1.0, float("nan")]]}),
    "times in seconds": pa.table({"a": pa.array([1, 2], pa.timestamp("s", tz="UTC"))}),
}
POLARS = {
    "NaN beside null": pl.DataFrame({"a": [1.0, float("nan"), None]}),
    "categories": pl.DataFrame({"a": pl.Series(["x", "y"], dtype=pl.Categorical)}),
    "a closed list of words": pl.DataFrame({"a": pl.Series(["x", "y"], dtype=pl.Enum(["y", "x"]))}),
    "lists": pl.DataFrame({"a": [[1], [2, 3], None]}),
    "durations": pl.DataFrame({"a": pl.Series([1, 2]).cast(pl.Duration("us"))}),
}
ROUND_TRIPS = [
    *(pytest.param("pandas", frame, id=f"pandas: {name}") for name, frame in PANDAS.items()),
    *(pytest.param("arrow", frame, id=f"arrow: {name}") for name, frame in ARROW.items()),
    *(pytest.param("polars", frame, id=f"polars: {name}") for name, frame in POLARS.items()),
]


@pytest.mark.parametrize(("form", "frame"), ROUND_TRIPS)
def test_a_frame_comes_back_as_it_was(form: FrameForm, frame: Any, tmp_path: Path) -> None:
    write_frame(frame, form, tmp_path / "frame.parquet")
    back = read_frame(tmp_path / "frame.parquet", form)

    assert type(back) is type(frame)
    assert frame_difference(frame, back) is None


def rows_of(frame: Any) -> list[dict[str, Any]]:
    """Its rows, with the columns of an index that has names; NaN is null, which pandas cannot tell apart."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pd.DataFrame):
        named = [name for name in frame.index.names if name is not None]
        frame = pa.Table.from_pandas(frame.reset_index(named), preserve_index=False)
    table = frame.to_arrow() if isinstance(frame, pl.DataFrame) else frame
    return [{name: _without_nan(value) for name, value in sorted(row.items())} for row in table.to_pylist()]


def _without_nan(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value


@pytest.mark.parametrize(("form", "frame"), ROUND_TRIPS)
@pytest.mark.parametrize("other", ["pandas", "arrow", "polars", "lazy"])
def test_every_form_can_take_it_with_the_same_rows(
    form: FrameForm, frame: Any, other: FrameForm, tmp_path: Path
) -> None:
    write_frame(frame, form, tmp_path / "frame.parquet")
    back = read_frame(tmp_path / "frame.parquet", other)

    assert rows_of(back) == rows_of(frame)


def test_an_index_without_a_name_goes_with_pandas_alone(tmp_path: Path) -> None:
    write_frame(PANDAS["an index after a filter"], "pandas", tmp_path / "frame.parquet")

    assert read_frame(tmp_path / "frame.parquet", "arrow").column_names == ["a"]
    assert read_frame(tmp_path / "frame.parquet", "polars").columns == ["a"]
    assert read_frame(tmp_path / "frame.parquet", "lazy").collect_schema().names() == ["a"]


def test_a_folder_that_looks_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    folder = tmp_path / "day=2013-01-05"
    folder.mkdir()
    write_frame(pd.DataFrame({"a": [1]}), "pandas", folder / "frame.parquet")

    for form in ("pandas", "polars"):
        assert list(read_frame(folder / "frame.parquet", form).columns) == ["a"]


def test_a_lazy_frame_is_run_into_the_file(tmp_path: Path) -> None:
    write_frame(pl.LazyFrame({"a": [1, 2]}).filter(pl.col("a") > 1), "lazy", tmp_path / "frame.parquet")

    assert read_frame(tmp_path / "frame.parquet", "polars").to_dict(as_series=False) == {"a": [2]}
    assert read_frame(tmp_path / "frame.parquet", "path") == tmp_path / "frame.parquet"


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"a": [1, "x"]}), "Could not convert 'x' with type str"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "Duplicate column names found: ['a', 'a']"),
        (pd.DataFrame({"a": [1j]}), "Unsupported numpy type"),
        (pl.DataFrame({"a": [1]}), "declared pandas.DataFrame, returned polars.DataFrame"),
        (None, "declared pandas.DataFrame, returned builtins.NoneType"),
    ],
)
def test_what_parquet_cannot_carry_is_refused(frame: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(FrameRefused) as caught:
        write_frame(frame, "pandas", tmp_path / "frame.parquet")

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"a": [[1, 2]]}), "column 'a', row 0: returned list [1, 2], came back as ndarray"),
        (pd.DataFrame({"a": ["x", {1}]})[1:], "column 'a', row 0: returned set {1}, came back as ndarray"),
        (pd.DataFrame([[1, 2]], columns=["a", 1]), "columns: returned ['a', 1] (object)"),
        (pd.DataFrame(index=range(3)), "returned 3 rows of 0 columns, came back as 0 of 0"),
    ],
)
def test_what_would_come_back_changed_is_named(frame: Any, message: str, tmp_path: Path) -> None:
    write_frame(frame, "pandas", tmp_path / "frame.parquet")
    found = frame_difference(frame, read_frame(tmp_path / "frame.parquet", "pandas"))

    assert found is not None
    assert found.startswith(message)


A = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        (A, A.assign(a=[1, 3]), "column 'a', row 1: returned int 2, came back as int 3"),
        (A, A.astype({"a": "Int64"}), "column 'a': returned int64, came back as Int64"),
        (A, A[["b", "a"]], "columns: returned ['a', 'b'] (str), came back as ['b', 'a'] (str)"),
        (A, A.set_index("b"), "returned 2 rows of 2 columns, came back as 2 of 1"),
        (A, A.set_axis(["u", "v"]), "index: returned [0, 1] (int64), came back as ['u', 'v'] (str)"),
        (A, A.rename_axis("k"), "index: returned [0, 1] (int64), came back as [0, 1] (int64) named 'k'"),
        (pa.table({"a": [1]}), pa.table({"a": [1.0]}), "column 'a': returned int64, came back as double"),
        (pa.table({"a": [1, None]}), pa.table({"a": [1, 2]}), "column 'a', row 1: returned NoneType None"),
        (pa.table({"a": [1.0]}), pa.table({"a": [2.0]}), "column 'a', row 0: returned float 1.0"),
        (pl.DataFrame({"a": [1]}), pl.DataFrame({"a": [2]}), "column 'a', row 0: returned int 1"),
        (pl.DataFrame({"a": [1]}), pl.DataFrame({"b": [1]}), "columns: returned ['a'], came back as ['b']"),
    ],
)
def test_the_difference_between_two_frames_is_said(one: Any, other: Any, message: str) -> None:
    found = frame_difference(one, other)

    assert found is not None
    assert found.startswith(message)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.integers(-(2**63), 2**63 - 1),
            st.floats(),
            st.text(st.characters(exclude_categories=["Cs"])) | st.none(),
            st.dates() | st.none(),
        ),
        min_size=1,
    )
)
def test_any_rows_of_usual_types_come_back_equal(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, ...]]
) -> None:
    path = tmp_path_factory.mktemp("frames") / "frame.parquet"
    frame = pd.DataFrame(rows, columns=["number", "share", "text", "day"])

    write_frame(frame, "pandas", path)

    assert frame_difference(frame, read_frame(path, "pandas")) is None
    plain = frame.drop(columns="day").astype({"text": "str"})
    assert plain_to_arrow(plain).equals(to_arrow(plain, "pandas"), check_metadata=True)


PLAIN = pd.DataFrame(
    {
        "flag": np.array([True, False, True]),
        **{
            f"i{bits}": np.array([np.iinfo(f"i{bits // 8}").min, -1, 1], f"i{bits // 8}")
            for bits in (8, 16, 32, 64)
        },
        **{
            f"u{bits}": np.array([0, 1, np.iinfo(f"u{bits // 8}").max], f"u{bits // 8}")
            for bits in (8, 16, 32, 64)
        },
        "f32": np.array([np.nan, -0.0, np.inf], "f4"),
        "f64": np.array([np.nan, 5e-324, -np.inf]),
        "text": ["", None, "\U0001f600 a\nb"],
    }
)


def test_a_plain_frame_comes_back_as_it_was(tmp_path: Path) -> None:
    """So that it is enough to compare what Arrow made of it."""
    assert is_plain(PLAIN)
    write_frame(PLAIN, "pandas", tmp_path / "plain.parquet")

    for back in (
        read_frame(tmp_path / "plain.parquet", "pandas"),
        to_pandas(unpack_table(pack_table(to_arrow(PLAIN, "pandas")))),
    ):
        assert frame_difference(PLAIN, back) is None
        assert [np.signbit(side["f32"][1]) for side in (PLAIN, back)] == [True, True]


@pytest.mark.parametrize(
    "frame",
    [
        PLAIN,
        PLAIN[:0],
        PLAIN.head(1),
        PLAIN[["text"]],
        PLAIN[[]],
        PLAIN.astype({"text": pd.StringDtype("python", na_value=np.nan)}),
        PLAIN.rename(columns={"text": "Text \U0001f600"}),
    ],
    ids=["all types", "no rows", "one row", "texts", "no columns", "texts of Python", "names"],
)
def test_a_plain_frame_becomes_the_same_arrow_table_by_its_remembered_schema(frame: pd.DataFrame) -> None:
    frame = frame.reset_index(drop=True)
    assert is_plain(frame)

    for _ in range(2):
        assert plain_to_arrow(frame).equals(to_arrow(frame, "pandas"), check_metadata=True)


def test_what_an_author_notes_about_a_plain_frame_stays_with_it() -> None:
    frame = PLAIN.copy()
    frame.attrs["source"] = "the tower's book"

    assert to_pandas(plain_to_arrow(frame)).attrs == {"source": "the tower's book"}
    assert to_pandas(plain_to_arrow(PLAIN)).attrs == {}


def test_a_plain_frame_with_two_columns_of_one_name_is_refused() -> None:
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert is_plain(frame)

    with pytest.raises(FrameRefused, match="Duplicate column names found"):
        plain_to_arrow(frame)


@pytest.mark.parametrize(
    "frame",
    [
        PLAIN.set_index("text"),
        PLAIN[1:],
        PLAIN.rename_axis("row"),
        PLAIN.rename_axis(columns="field"),
        PLAIN.rename(columns={"text": 1}),
        PLAIN.astype({"i64": "Int64"}),
        PLAIN.astype({"text": "category"}),
        PLAIN.astype({"text": object}),
        PLAIN.assign(day=pd.Timestamp("2026-11-02")),
    ],
    ids=["index", "part", "named index", "named columns", "number", "Int64", "category", "object", "instant"],
)
def test_a_frame_with_anything_more_is_compared_value_by_value(frame: pd.DataFrame) -> None:
    assert not is_plain(frame)

import json
import math
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from pipelines.annotations import Form, FrameForm
from pipelines.results.items import items_of
from pipelines.results.store import (
    INLINE,
    INLINE_FRAME,
    Descriptor,
    NothingToJoin,
    ResultRefused,
    load,
    load_joined,
    save,
)
from presstime.artifacts import Artifacts

SALES = pd.DataFrame({"region": ["north", "south"], "total": [1.5, None]})
MANY_SALES = pd.concat([SALES] * (INLINE_FRAME // 16), ignore_index=True)
# Not plain: it goes into a file however small it is.
DATED_SALES = SALES.assign(day=pd.to_datetime(["2013-01-05", "2013-01-06"]))


class Split(NamedTuple):
    late: pd.DataFrame
    rest: pl.DataFrame
    limit: float


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts((tmp_path / "artifacts").as_uri())


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def stored(value: object, declared: object, artifacts: Artifacts, prefix: str = "run/step-1") -> Descriptor:
    """Save, and pass the descriptor through JSON as a row would."""
    descriptor: Descriptor = json.loads(json.dumps(save(value, declared, artifacts, prefix, step="sales")))
    return descriptor


def test_a_small_value_stays_in_its_descriptor_with_its_number_of_rows(
    artifacts: Artifacts, stack: ExitStack
) -> None:
    days = [date(2013, 1, 5), date(2013, 1, 6)]
    descriptor = stored(days, list[date], artifacts)

    assert descriptor == {"kind": "json", "rows": 2, "text": '["2013-01-05","2013-01-06"]'}
    assert load(descriptor, list[date], artifacts, stack) == days
    assert items_of(descriptor, artifacts) == ['"2013-01-05"', '"2013-01-06"']


def test_a_large_value_goes_to_the_store(artifacts: Artifacts, stack: ExitStack) -> None:
    words = ["ü" * 100] * (INLINE // 200)
    descriptor = stored(words, list[str], artifacts)

    assert descriptor == {"kind": "json", "rows": len(words), "key": "run/step-1-result.json"}
    assert load(descriptor, list[str], artifacts, stack) == words
    assert items_of(descriptor, artifacts)[0] == f'"{words[0]}"'


def test_a_frame_is_described_by_its_place_rows_and_columns(artifacts: Artifacts, stack: ExitStack) -> None:
    descriptor = stored(MANY_SALES, pd.DataFrame, artifacts)

    assert descriptor == {
        "kind": "frame",
        "key": "run/step-1-result.parquet",
        "rows": len(MANY_SALES),
        "columns": ["region", "total"],
    }
    pd.testing.assert_frame_equal(load(descriptor, pd.DataFrame, artifacts, stack), MANY_SALES)


@pytest.mark.parametrize("frame", [SALES, SALES.head(0)], ids=["two rows", "no row"])
def test_a_small_plain_frame_stays_in_its_descriptor(
    frame: pd.DataFrame, artifacts: Artifacts, stack: ExitStack
) -> None:
    descriptor = stored(frame, pd.DataFrame, artifacts)

    assert descriptor.keys() == {"kind", "arrow", "rows", "columns"}
    assert (descriptor["rows"], descriptor["columns"]) == (len(frame), ["region", "total"])
    assert not artifacts.exists("run/step-1-result.parquet")
    pd.testing.assert_frame_equal(load(descriptor, pd.DataFrame, artifacts, stack), frame)


def test_a_frame_stays_in_its_descriptor_up_to_its_limit_in_bytes(artifacts: Artifacts) -> None:
    """Numbers of 8 bytes: no other column, no text."""
    at_limit = pd.DataFrame({"a": range(INLINE_FRAME // 8)})
    beyond = pd.DataFrame({"a": range(INLINE_FRAME // 8 + 1)})

    assert "arrow" in stored(at_limit, pd.DataFrame, artifacts)
    assert "key" in stored(beyond, pd.DataFrame, artifacts)


def test_a_small_frame_of_other_types_goes_to_the_store(artifacts: Artifacts, stack: ExitStack) -> None:
    descriptor = stored(DATED_SALES, pd.DataFrame, artifacts)

    assert descriptor["key"] == "run/step-1-result.parquet"
    pd.testing.assert_frame_equal(load(descriptor, pd.DataFrame, artifacts, stack), DATED_SALES)


@pytest.mark.parametrize("sales", [SALES, DATED_SALES, MANY_SALES], ids=["small", "dated", "large"])
@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ("pandas", pd.DataFrame),
        ("arrow", pa.Table),
        ("polars", pl.DataFrame),
        ("lazy", pl.LazyFrame),
        ("path", Path),
    ],
)
def test_the_consumer_decides_the_form_of_a_frame(
    frame: FrameForm, kind: type, sales: pd.DataFrame, artifacts: Artifacts, stack: ExitStack
) -> None:
    descriptor = stored(sales, pd.DataFrame, artifacts)

    found = load(descriptor, pd.DataFrame, artifacts, stack, frame)

    assert isinstance(found, kind)
    if isinstance(found, Path):
        assert found.suffix == ".parquet"
        found = pl.read_parquet(found)
    if isinstance(found, pl.LazyFrame):
        found = found.collect()
    assert [str(region) for region in found["region"]] == sales["region"].tolist()


def test_a_record_of_frames_is_stored_field_by_field(artifacts: Artifacts, stack: ExitStack) -> None:
    split = Split(DATED_SALES, pl.DataFrame({"a": [1]}), float("nan"))

    descriptor = stored(split, Split, artifacts)
    found = load(descriptor, Split, artifacts, stack)

    assert isinstance(found, Split)
    pd.testing.assert_frame_equal(found.late, DATED_SALES)
    assert found.rest.equals(split.rest)
    assert math.isnan(found.limit)
    assert artifacts.exists("run/step-1-late.parquet")


def test_the_frames_of_a_generator_arrive_as_one(artifacts: Artifacts, stack: ExitStack) -> None:
    def pages() -> Iterator[pd.DataFrame]:
        yield pd.DataFrame({"a": [1, 2], "b": ["x", None]})
        yield pd.DataFrame({"a": [3], "b": [None]}, index=[7])

    descriptor = stored(pages(), Iterator[pd.DataFrame], artifacts)
    found = load(descriptor, Iterator[pd.DataFrame], artifacts, stack)

    assert descriptor["rows"] == 3
    expected = pd.DataFrame({"a": [1, 2, 3], "b": pd.Series(["x", None, None], dtype="str")})
    pd.testing.assert_frame_equal(found, expected)


def test_a_generator_keeps_the_dtypes_that_parquet_alone_would_lose(
    artifacts: Artifacts, stack: ExitStack
) -> None:
    page = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "t": ["2013-01-05", "2013-01-06"]})
    page["t"] = page["t"].astype("datetime64[s]")

    descriptor = stored(iter([page, page]), Iterator[pd.DataFrame], artifacts)

    assert load(descriptor, Iterator[pd.DataFrame], artifacts, stack).dtypes.equals(page.dtypes)


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([], "the generator yielded none"),
        (
            [pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})],
            "frame 2 of the generator has the columns ['b'], the first one had ['a']",
        ),
        (
            [pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [0.5]})],
            "item 2 of the generator: column 'a' is double, not exact as int64",
        ),
        ([pd.DataFrame({"a": [[1]]})], "frame 1 of the generator, column 'a', row 0: returned list [1]"),
        ([pl.DataFrame({"a": [1]})], "declared pandas.DataFrame, returned polars.DataFrame"),
    ],
)
def test_a_generator_whose_frames_do_not_fit_is_refused(
    frames: list[Any], message: str, artifacts: Artifacts
) -> None:
    with pytest.raises(ResultRefused) as caught:
        save(iter(frames), Iterator[pd.DataFrame], artifacts, "run/step-1", step="pages")

    assert message in str(caught.value)
    assert not artifacts.exists("run/step-1-result.parquet")


def test_a_step_may_return_none_where_it_says_so(artifacts: Artifacts, stack: ExitStack) -> None:
    descriptor = stored(None, pd.DataFrame | None, artifacts)

    assert descriptor == {"kind": "none"}
    assert load(descriptor, pd.DataFrame | None, artifacts, stack) is None


@pytest.mark.parametrize(
    ("value", "declared", "message"),
    [
        (
            (1, 2),
            list[int],
            "step 'sales' returned what cannot be handed on unchanged: "
            "declared list[int], returned tuple (1, 2)",
        ),
        (
            pd.DataFrame({"a": [{1}]}),
            pd.DataFrame,
            "step 'sales' returned what cannot be handed on unchanged: frame: column 'a', row 0: "
            "returned set {1}, came back as ndarray array([1])",
        ),
        (
            Split(pd.DataFrame({"a": [1j]}), pl.DataFrame(), 1.0),
            Split,
            "step 'sales' returned what cannot be handed on unchanged: field 'late', frame: "
            "Unsupported numpy type 15; Conversion failed for column a with type complex128",
        ),
        (
            (1, 2, 3),
            Split,
            "step 'sales' returned what cannot be handed on unchanged: declared Split, returned tuple",
        ),
    ],
)
def test_a_result_that_would_change_is_refused_naming_step_and_difference(
    value: object, declared: object, message: str, artifacts: Artifacts
) -> None:
    with pytest.raises(ResultRefused) as caught:
        save(value, declared, artifacts, "run/step-1", step="sales")

    assert str(caught.value) == message
    assert not artifacts.exists("run/step-1-result.parquet")


def parts_of(artifacts: Artifacts, *frames: pd.DataFrame | None) -> list[tuple[str, Descriptor | None]]:
    return [
        (f'"2013-01-0{day}"', None if frame is None else stored(frame, pd.DataFrame, artifacts, f"run/{day}"))
        for day, frame in enumerate(frames, start=1)
    ]


def test_the_parts_of_a_map_are_joined_in_item_order_without_those_that_failed(
    artifacts: Artifacts, stack: ExitStack
) -> None:
    parts = parts_of(artifacts, pd.DataFrame({"a": [1]}), None, pd.DataFrame({"a": [3]}))

    joined = load_joined(parts, Form("joined", "pandas"), pd.DataFrame, artifacts, stack, date)
    apart = load_joined(parts, Form("list", "arrow"), pd.DataFrame, artifacts, stack, date)
    by_item = load_joined(parts, Form("dict", "polars", optional=True), pd.DataFrame, artifacts, stack, date)

    assert joined.a.tolist() == [1, 3]
    assert [table.to_pydict() for table in apart] == [{"a": [1]}, {"a": [3]}]
    assert list(by_item) == [date(2013, 1, 1), date(2013, 1, 2), date(2013, 1, 3)]
    assert by_item[date(2013, 1, 2)] is None
    assert by_item[date(2013, 1, 3)].to_dict(as_series=False) == {"a": [3]}


@pytest.mark.parametrize("frame", ["pandas", "arrow", "polars", "lazy", "path"])
def test_small_and_large_parts_are_joined(frame: FrameForm, artifacts: Artifacts, stack: ExitStack) -> None:
    parts = parts_of(artifacts, SALES, MANY_SALES, SALES.head(0))

    found = load_joined(parts, Form("joined", frame), pd.DataFrame, artifacts, stack, date)

    if frame == "path":
        found = pl.read_parquet(found)
    if frame == "lazy":
        found = found.collect()
    assert [str(region) for region in found["region"]] == [*SALES["region"], *MANY_SALES["region"]]


@pytest.mark.parametrize("frame", ["pandas", "arrow", "polars", "lazy", "path"])
def test_joined_frames_come_in_every_form(frame: FrameForm, artifacts: Artifacts, stack: ExitStack) -> None:
    parts = parts_of(artifacts, pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]}))

    found = load_joined(parts, Form("joined", frame), pd.DataFrame, artifacts, stack, date)

    if frame == "path":
        found = pl.read_parquet(found)
    if frame == "lazy":
        found = found.collect()
    assert list(found["a"].to_numpy()) == [1, 2]


def test_polars_parts_of_one_schema_keep_the_types_that_arrow_lacks(
    artifacts: Artifacts, stack: ExitStack
) -> None:
    kind = pl.Enum(["late", "on time"])
    frames = [pl.DataFrame({"a": pl.Series([word], dtype=kind)}) for word in ("late", "on time")]
    parts = [(f'"{n}"', stored(frame, pl.DataFrame, artifacts, f"run/{n}")) for n, frame in enumerate(frames)]

    found = load_joined(parts, Form("joined", "polars"), pl.DataFrame, artifacts, stack, str)

    assert found.schema == {"a": kind}


def test_lists_are_chained(artifacts: Artifacts, stack: ExitStack) -> None:
    parts = [(f"{n}", stored([n, n + 1], list[int], artifacts)) for n in (1, 5)]

    assert load_joined(parts, Form("joined"), list[int], artifacts, stack, int) == [1, 2, 5, 6]
    assert load_joined(parts, Form("list"), list[int], artifacts, stack, int) == [[1, 2], [5, 6]]
    assert load_joined(parts, Form("dict"), list[int], artifacts, stack, int) == {1: [1, 2], 5: [5, 6]}


def test_nothing_to_join_is_an_error_for_frames_alone(artifacts: Artifacts, stack: ExitStack) -> None:
    with pytest.raises(NothingToJoin, match="nothing to join"):
        load_joined([], Form("joined", "pandas"), pd.DataFrame, artifacts, stack, date)

    optional = Form("joined", "pandas", optional=True)
    assert load_joined([], optional, pd.DataFrame, artifacts, stack, date) is None
    assert load_joined([], Form("joined"), list[int], artifacts, stack, date) == []
    assert load_joined([], Form("list", "pandas"), pd.DataFrame, artifacts, stack, date) == []
    assert load_joined([], Form("dict", "pandas"), pd.DataFrame, artifacts, stack, date) == {}

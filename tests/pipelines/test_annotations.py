import collections.abc
import typing
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional, Protocol, TypedDict

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from pipelines import Finding, From
from pipelines.annotations import (
    DocumentType,
    FindingsType,
    FrameType,
    RecordType,
    ResultType,
    ValueType,
    classify,
    holds_frame,
    spelled,
    strip_none,
)
from pipelines.loading.assignable import assignable
from reports import Workbook

Carrier = NewType("Carrier", str)


class Leg(NamedTuple):
    day: date
    delay: float


class Split(NamedTuple):
    late: pd.DataFrame
    limit: float


class Row(TypedDict):
    day: date


class Named(Protocol):
    name: str


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (pd.DataFrame, FrameType("pandas")),
        (pa.Table, FrameType("arrow")),
        (pl.DataFrame, FrameType("polars")),
        (pl.LazyFrame, FrameType("lazy")),
        (Path, FrameType("path")),
        (pd.DataFrame | None, FrameType("pandas", optional=True)),
        (Annotated[pd.DataFrame, From("days")], FrameType("pandas")),
        (Iterator[pd.DataFrame], FrameType("pandas", stream=True)),
        (Generator[pa.Table, None, None], FrameType("arrow", stream=True)),
        (Split, RecordType(Split, (("late", FrameType("pandas")), ("limit", ValueType(float))))),
        (Leg, ValueType(Leg)),
        (list[date], ValueType(list[date])),
        (Iterator[int], ValueType(Iterator[int])),
        (int | None, ValueType(int | None)),
        (Workbook, DocumentType(Workbook)),
        (Finding | None, FindingsType()),
        (list[Finding], FindingsType()),
    ],
    ids=str,
)
def test_an_annotation_says_what_kind_of_result_it_is(annotation: object, kind: ResultType) -> None:
    assert classify(annotation) == kind


def test_a_frame_inside_a_container_is_seen() -> None:
    assert holds_frame(dict[str, list[pd.DataFrame]])
    assert not holds_frame(dict[str, list[Path]])


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (dict[date, list[int] | None], "dict[date, list[int] | None]"),
        (Optional[int], "int | None"),  # noqa: UP045 # the older spelling is what is tested
        (tuple[int, ...], "tuple[int, ...]"),
        (Literal["a", 1], "Literal['a', 1]"),
        (Annotated[pd.DataFrame, 1], "DataFrame"),
    ],
)
def test_a_type_is_shown_as_an_author_writes_it(annotation: object, text: str) -> None:
    assert spelled(annotation) == text


def test_none_is_told_from_the_rest_of_a_union() -> None:
    assert strip_none(int | None) == (int, True)
    assert strip_none(int | str | None) == (int | str, True)
    assert strip_none(int) == (int, False)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (int, object),
        (Any, int),
        (int, float),
        (bool, int),
        (datetime, date),
        (int, int | None),
        (None, int | None),
        (Literal["a"], str),
        (Literal["a"], Literal["a", "b"]),
        (Carrier, str),
        (list[bool], list[int]),
        (list[int], Sequence[float]),
        (list[int], list),
        (list, list[int]),
        (dict[str, int], Mapping[str, float]),
        (tuple[int, ...], Sequence[int]),
        (tuple[int, int], tuple[int, ...]),
        (tuple[int, str], tuple[float, str]),
        (set[int], collections.abc.Set[int]),
        (pd.DataFrame, pa.Table),
        (pl.LazyFrame, Path),
        (pd.DataFrame, pa.Table | None),
        (Row, dict[str, Any]),
        (date, Named),
        (int | str, int | str | None),
        (Annotated[int, "unit"], int),
    ],
    ids=str,
)
def test_a_type_fits_where_a_type_checker_lets_it(source: object, target: object) -> None:
    assert assignable(source, target)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (float, int),
        (str, Carrier),
        (date, datetime),
        (int | None, int),
        (None, int),
        (str, Literal["a"]),
        (Literal["c"], Literal["a", "b"]),
        (list[int], list[str]),
        (list[date], list[list[date]]),
        (dict[str, int], dict[int, int]),
        (tuple[int, int], tuple[int, int, int]),
        (tuple[int, ...], tuple[int, int]),
        (tuple[str, ...], Sequence[int]),
        (list[int], tuple[int, ...]),
        (pd.DataFrame, list[pd.DataFrame]),
        (pd.DataFrame, str),
        (str, pd.DataFrame),
        (int, typing.Union[str, date]),  # noqa: UP007 # the older spelling is what is tested
    ],
    ids=str,
)
def test_a_type_does_not_fit_where_it_would_surprise(source: object, target: object) -> None:
    assert not assignable(source, target)

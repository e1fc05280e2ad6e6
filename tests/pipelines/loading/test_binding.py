from datetime import date
from pathlib import Path
from typing import Annotated

import pandas as pd
import pyarrow as pa

from pipelines import From, Interval, Params, Pipeline, Run
from pipelines.annotations import Form
from pipelines.loading.load import load_pipeline
from reports import Workbook
from tests.support.runs.declared import carriers, days, faults


class Website:
    """A provider that reaches outside, as the real ones do."""

    __presstime_provider__ = "website"
    __presstime_source__ = True


def test_an_interval_needs_a_period() -> None:
    p, q = Pipeline("p"), Pipeline("q")

    @p.extract
    def wanted(interval: Interval) -> list[date]:
        return interval.days

    @q.extract
    def welcome(interval: Interval | None, run: Run) -> int:
        return 1

    assert faults(p) == [
        "step 'wanted': parameter 'interval' asks for an Interval, and the pipeline has no period="
    ]
    assert [parameter.source for parameter in load_pipeline(q).steps["welcome"].parameters] == [
        "interval",
        "run",
    ]


class Filters(Params):
    origin: str = "JFK"


class Others(Params):
    origin: str = "JFK"


def test_params_are_those_of_the_pipeline() -> None:
    p, q = Pipeline("p", params=Filters), Pipeline("q")

    @p.extract
    @q.extract
    def other(filters: Others) -> int:
        return 1

    @p.extract
    def own(filters: Filters, any_params: Params) -> int:
        return 1

    assert faults(p) == [
        "step 'other': parameter 'filters' asks for Others, and the pipeline's parameters are Filters"
    ]
    assert faults(q) == [
        "step 'other': parameter 'filters' asks for Others, and the pipeline's parameters are not declared; "
        "give it params="
    ]


def test_a_source_is_for_extract_steps_alone() -> None:
    p = Pipeline("p")

    @p.extract
    def page(site: Website) -> str:
        return ""

    @p.transform
    def other(site: Website) -> str:
        return ""

    assert faults(p) == [
        "step 'other': parameter 'site' asks for the source Website; only an extract step gets one, "
        "so that a replay gives the same report"
    ]


def test_from_takes_a_step_under_another_name() -> None:
    p, q = Pipeline("p"), Pipeline("q")

    @p.transform
    @q.transform
    def total(
        frame: Annotated[pd.DataFrame, From(carriers)], also: Annotated[pa.Table, From("carriers")]
    ) -> int:
        return len(frame)

    p.extract(carriers)
    loaded = load_pipeline(p).steps["total"]

    assert [(parameter.source, parameter.form) for parameter in loaded.parameters] == [
        ("carriers", Form("one", "pandas")),
        ("carriers", Form("one", "arrow")),
    ]
    assert faults(q) == [
        "step 'total': From() of parameter 'frame' names 'carriers', which is no step of this pipeline: "
        "mark it first",
        "step 'total': From() of parameter 'also' names 'carriers', which is no step",
    ]


def test_a_type_that_does_not_fit_the_result_is_refused() -> None:
    p = Pipeline("p")
    p.extract(days)
    p.extract(carriers)

    @p.transform
    def count(days: list[str], carriers: dict[str, int]) -> int:
        return 1

    @p.report
    def book(count: str) -> Workbook:
        raise NotImplementedError

    @p.transform
    def after(book: object) -> int:
        return 1

    assert faults(p) == [
        "step 'count': parameter 'days' is list[str], but step 'days' returns list[date]",
        "step 'count': parameter 'carriers' is dict[str, int], but step 'carriers' returns DataFrame",
        "step 'book': parameter 'count' is str, but step 'count' returns int",
        "step 'after': parameter 'book' takes 'book', a report; a document cannot be taken",
    ]


def test_a_mapped_steps_parts_are_taken_joined_apart_or_by_item() -> None:
    p = Pipeline("p")
    p.extract(days)

    @p.extract(over=days)
    def flights(day: date) -> pd.DataFrame:
        raise NotImplementedError

    @p.extract(over=days)
    def notes(day: date) -> list[str]:
        raise NotImplementedError

    @p.transform
    def fine(
        joined: Annotated[pa.Table, From(flights)],
        apart: Annotated[list[pd.DataFrame], From(flights)],
        by_day: Annotated[dict[date, Path], From(flights)],
        chained: Annotated[list[str], From(notes)],
        single: Annotated[list[list[str]], From(notes)],
    ) -> int:
        return 1

    found = {parameter.name: parameter.form for parameter in load_pipeline(p).steps["fine"].parameters}
    assert found == {
        "joined": Form("joined", "arrow"),
        "apart": Form("list", "pandas"),
        "by_day": Form("dict", "path"),
        "chained": Form("joined"),
        "single": Form("list"),
    }


def test_a_mapped_steps_parts_taken_wrongly_are_refused_with_the_ways_there_are() -> None:
    p = Pipeline("p")
    p.extract(days)

    @p.extract(over=days)
    def count(day: date) -> int:
        return 1

    @p.extract(over=days)
    def flights(day: date) -> pd.DataFrame:
        raise NotImplementedError

    @p.transform
    def wrong(count: int, flights: dict[str, pd.DataFrame]) -> int:
        return count

    assert faults(p) == [
        "step 'wrong': parameter 'count' is int, but step 'count' returns int for each item; "
        "annotate it as list[int] or dict[date, int]",
        "step 'wrong': parameter 'flights' is dict[str, DataFrame], but step 'flights' returns DataFrame for "
        "each item; annotate it as DataFrame for all joined, list[DataFrame] or dict[date, DataFrame]",
    ]


def test_what_may_fail_must_be_taken_as_such() -> None:
    p, q = Pipeline("p"), Pipeline("q")
    for pipeline in (p, q):
        pipeline.extract(days)
        pipeline.extract(allow_failure=True)(carriers)

    def flights(day: date) -> pd.DataFrame:
        raise NotImplementedError

    p.extract(over=days, allow_failure=2)(flights)
    q.extract(over=days, allow_failure=2)(flights)

    @p.transform
    def wrong(carriers: pd.DataFrame, flights: dict[date, pd.DataFrame]) -> int:
        return 1

    @q.transform
    def right(
        carriers: pd.DataFrame | None,
        flights: dict[date, pd.DataFrame | None],
        all_flights: Annotated[pd.DataFrame, From("flights")],
    ) -> int:
        return 1

    assert faults(p) == [
        "step 'wrong': parameter 'carriers' takes 'carriers', which may fail (allow_failure); "
        "annotate it as DataFrame | None",
        "step 'wrong': parameter 'flights' takes 'flights', which may fail (allow_failure); "
        "annotate it as dict[date, DataFrame | None]",
    ]
    assert [need.optional for need in load_pipeline(q).graph.node("right").needs] == [True, True]


def test_items_come_from_a_list_of_their_type() -> None:
    p = Pipeline("p")
    p.extract(days)
    p.extract(carriers)

    @p.extract(over=days)  # type: ignore[arg-type] # the mistake
    def wrong_item(day: str) -> str:
        return day

    @p.extract(over=carriers)  # type: ignore[arg-type] # the mistake
    def no_list(carrier: str) -> str:
        return carrier

    @p.extract(over=days)  # type: ignore[arg-type] # the mistake
    def no_item() -> str:
        return ""

    assert faults(p) == [
        "step 'wrong_item': item 'day' is str, but 'days' lists date",
        "step 'no_list': over= names 'carriers', which returns DataFrame; it must return list[...]",
        "step 'no_item': is mapped but takes nothing; its first parameter is the item",
    ]


def test_a_map_may_run_over_the_lists_of_another_map() -> None:
    p = Pipeline("p")
    p.extract(days)

    @p.extract(over=days)
    def pages(day: date) -> list[int]:
        return [1]

    @p.extract(over=pages)
    def rows(page: int) -> str:
        return ""

    @p.extract(over=["EWR", "JFK"])
    def airport(code: str) -> str:
        return code

    loaded = load_pipeline(p)
    assert loaded.graph.node("rows").over == "pages"
    assert loaded.steps["rows"].item is int
    assert loaded.graph.node("airport").items == ('"EWR"', '"JFK"')

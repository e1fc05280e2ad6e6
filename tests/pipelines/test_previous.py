"""What a step gave the last time: taken by a later run of the pipeline, as an author sees it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import openpyxl
import pandas as pd
import pytest

from pipelines import Pipeline, Previous
from pipelines.loading.load import load_pipeline
from pipelines.results.store import ResultRefused
from pipelines.runs.seeding import NotTaken
from pipelines.testing import RunFailed, run_in_process
from reports import Changes, Sheet, Workbook
from tests.support.runs.declared import faults

AS_OF = datetime(2026, 12, 1, 6, tzinfo=UTC)
BEFORE = pd.DataFrame({"carrier": ["DL", "GA"], "flights": [20, 31]})


def monthly() -> Pipeline:
    p = Pipeline("monthly", period="month", title="Monthly")

    @p.extract
    def flights() -> pd.DataFrame:
        return pd.DataFrame({"carrier": ["DL", "GA", "UA"], "flights": [20, 35, 7]})

    @p.report
    def workbook(
        flights: pd.DataFrame, before: Annotated[pd.DataFrame | None, Previous("flights")]
    ) -> Workbook:
        return Workbook(Sheet("Flights", flights, changes=Changes(before, key="carrier")))

    return p


def lines(path: object, sheet: str) -> list[str]:
    book = openpyxl.load_workbook(str(path))
    return [str(cell) for row in book[sheet].iter_rows(values_only=True) for cell in row if cell is not None]


def test_the_first_run_has_nothing_to_compare_with_and_says_so() -> None:
    with run_in_process(monthly(), as_of=AS_OF) as run:
        (path,) = run.reports.values()
        assert "No report to compare with." in lines(path, "Changes")
        said = "There was no result of flights of 2026-10 with these parameters to compare with."
        assert said in lines(path, "About")


def test_a_report_compares_with_the_result_before_and_names_of_when_it_is() -> None:
    with run_in_process(monthly(), as_of=AS_OF, previous={"flights": BEFORE}) as run:
        (path,) = run.reports.values()
        assert "1 row added, 1 changed, largest: GA +4." in lines(path, "Changes")
        code = load_pipeline(monthly()).code_version
        said = f"Compared with the result of flights before: 2026-10, code {code}."
        assert said in lines(path, "About")


def test_the_same_comparison_gives_the_same_bytes() -> None:
    files = []
    for _ in range(2):
        with run_in_process(monthly(), as_of=AS_OF, previous={"flights": BEFORE}) as run:
            files.append(next(iter(run.reports.values())).read_bytes())
    assert files[0] == files[1]


def test_a_step_may_build_on_its_own_result_and_on_all_items_of_a_mapped_one() -> None:
    p = Pipeline("running")

    @p.extract(over=[1, 2])
    def part(number: int) -> pd.DataFrame:
        return pd.DataFrame({"n": [number]})

    @p.transform
    def total(
        part: pd.DataFrame,
        joined: Annotated[pd.DataFrame | None, Previous(part)],
        apart: Annotated[dict[int, pd.DataFrame] | None, Previous("part")],
        before: Annotated[int | None, Previous("total")],
    ) -> int:
        assert (joined is None) == (apart is None) == (before is None)
        if joined is None or apart is None or before is None:
            return int(part.n.sum())
        assert list(joined.n) == [5, 6]
        assert list(apart) == [1, 2]
        return int(part.n.sum()) + before

    earlier = {"part": {1: pd.DataFrame({"n": [5]}), 2: pd.DataFrame({"n": [6]})}, "total": 40}
    with run_in_process(p) as run:
        assert run.result("total") == 3
    with run_in_process(p, previous=earlier) as run:
        assert run.result("total") == 43


def test_faults_are_found_at_load() -> None:
    p = Pipeline("wrong")

    @p.extract
    def rows() -> pd.DataFrame:
        return BEFORE

    @p.transform
    def unknown(before: Annotated[pd.DataFrame | None, Previous("row")]) -> int:
        return 1

    @p.transform
    def never_none(before: Annotated[pd.DataFrame, Previous("rows")]) -> int:
        return 1

    @p.transform
    def other_type(before: Annotated[int | None, Previous(rows)]) -> int:
        return 1

    assert faults(p) == [
        "step 'unknown': Previous() of parameter 'before' names 'row', which is no step, did you mean 'rows'?",
        "step 'never_none': parameter 'before' takes what 'rows' gave the last time, and the first time there is "
        "none; annotate it as DataFrame | None",
        "step 'other_type': parameter 'before' is int | None, but step 'rows' returns DataFrame",
    ]


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ({"flihgts": BEFORE}, NotTaken, "which no step takes as Previous, did you mean 'flights'"),
        ({"flights": 5}, ResultRefused, "step 'flights' returned what cannot be handed on unchanged"),
    ],
)
def test_a_test_that_gives_what_nobody_takes_is_told_so(
    given: Mapping[str, object], kind: type[Exception], said: str
) -> None:
    with (
        pytest.raises(kind, match=said),
        run_in_process(monthly(), as_of=AS_OF, previous=given),
    ):
        pass


def test_a_key_that_is_no_key_fails_the_report_in_one_line() -> None:
    twice = pd.concat([BEFORE, BEFORE])
    with (
        pytest.raises(RunFailed, match=r"Changes\(key=carrier\): 'DL' is 2 times in the frame before"),
        run_in_process(monthly(), as_of=AS_OF, previous={"flights": twice.reset_index(drop=True)}),
    ):
        pass

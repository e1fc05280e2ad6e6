"""Whole runs in one process, through the code that workers run: what authors may rely on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
import pytest

from pipelines import Finding, Interval, Params, Pipeline, Run, Skip, fail, warn
from pipelines.testing import RunFailed, run_in_process
from reports import Sheet, Workbook


class Halves(NamedTuple):
    even: pd.DataFrame
    odd: pd.DataFrame


class Asked(Params):
    upto: int = 4


def test_everything_that_can_travel_between_steps_arrives(tmp_path: Path) -> None:
    p = Pipeline("everything", params=Asked, period="day", timezone="Europe/Lisbon")

    @p.extract
    def numbers(asked: Asked, interval: Interval, run: Run) -> list[int]:
        assert interval.label == "2026-11-01"
        assert run.as_of == datetime(2026, 11, 2, tzinfo=UTC)
        return list(range(asked.upto))

    @p.transform(over=numbers)
    def squares(number: int) -> pd.DataFrame:
        return pd.DataFrame({"n": [number], "square": [number**2]})

    @p.transform
    def halves(squares: pd.DataFrame) -> Halves:
        return Halves(squares[squares.n % 2 == 0], squares[squares.n % 2 == 1])

    @p.transform
    def stream(halves: Halves) -> Iterator[pd.DataFrame]:
        yield halves.even
        yield halves.odd

    @p.transform
    def total(stream: pd.DataFrame, squares: dict[int, pd.DataFrame]) -> float:
        assert list(squares) == [0, 1, 2, 3, 4]
        return float(stream["square"].sum())

    with run_in_process(
        p, params={"upto": 5}, interval="2026-11-01", as_of=datetime(2026, 11, 2, tzinfo=UTC)
    ) as run:
        assert run.result("total") == 30.0
        assert list(run.result("stream")["n"]) == [0, 2, 4, 1, 3]
        assert run.tasks["squares"] == ["succeeded"] * 5


def test_a_check_that_fails_stops_the_report_and_the_run() -> None:
    p = Pipeline("stopped")
    built: list[int] = []

    @p.extract
    def data() -> pd.DataFrame:
        return pd.DataFrame({"n": [1, 2]})

    @p.check
    def nothing_is_small(data: pd.DataFrame) -> Finding | None:
        return fail("too small", data)

    @p.report
    def book(data: pd.DataFrame) -> Workbook:
        built.append(1)
        return Workbook(Sheet("Data", data))

    with pytest.raises(RunFailed, match=r"nothing_is_small: too small \(2 rows\)"), run_in_process(p):
        pass
    with run_in_process(p, check=False) as run:
        assert (run.state, run.tasks["book"], dict(run.reports)) == ("failed", ["skipped"], {})
    assert built == []


def test_a_warning_comes_into_about(tmp_path: Path) -> None:
    p = Pipeline("warned", title="Warned")

    @p.extract
    def data() -> pd.DataFrame:
        return pd.DataFrame({"n": [1, 2]})

    @p.check
    def odd(data: pd.DataFrame) -> Finding | None:
        return warn("looks odd")

    @p.report
    def book(data: pd.DataFrame) -> Workbook:
        return Workbook(Sheet("Data", data))

    with run_in_process(p) as run:
        about = openpyxl.load_workbook(run.reports["Warned.xlsx"])["About"]
        cells = {cell for row in about.iter_rows(values_only=True) for cell in row}
    assert {"odd", "warn", "looks odd"} <= cells


def test_as_many_items_may_fail_as_the_author_allows() -> None:
    p = Pipeline("tolerant", title="Tolerant")

    @p.extract(over=["a", "b", "c"], allow_failure=1)
    def part(name: str) -> pd.DataFrame:
        if name == "b":
            raise ValueError("no b today")
        return pd.DataFrame({"name": [name]})

    @p.transform
    def names(part: dict[str, pd.DataFrame | None]) -> list[str]:
        return [name for name, frame in part.items() if frame is not None]

    @p.report
    def book(part: pd.DataFrame) -> Workbook:
        return Workbook(Sheet("Parts", part))

    with run_in_process(p) as run:
        assert run.result("names") == ["a", "c"]
        book_file = openpyxl.load_workbook(run.reports["Tolerant.xlsx"])
        assert [row[0] for row in book_file["Parts"].iter_rows(2, values_only=True)] == ["a", "c"]
        notes = [cell for row in book_file["About"].iter_rows(values_only=True) for cell in row]
        assert "part b failed and is left out: ValueError: no b today" in notes


def test_one_more_failure_than_allowed_fails_the_run() -> None:
    p = Pipeline("strict")

    @p.extract(over=["a", "b", "c"], allow_failure=1)
    def part(name: str) -> int:
        if name != "a":
            raise ValueError(f"no {name} today")
        return 1

    @p.transform
    def count(part: list[int]) -> int:
        return len(part)

    with run_in_process(p, check=False) as run:
        assert run.state == "failed"
        assert run.error == "part b: ValueError: no b today"
        assert run.tasks["count"] == ["skipped"]


def test_a_skipped_step_leaves_out_what_needs_it_and_the_run_succeeds() -> None:
    p = Pipeline("skipping")

    @p.extract
    def holiday() -> int:
        raise Skip("it is a holiday")

    @p.transform
    def needs_it(holiday: int) -> int:
        return holiday

    @p.transform
    def does_without(holiday: int | None) -> str:
        return f"got {holiday}"

    with run_in_process(p) as run:
        assert run.state == "succeeded"
        assert run.tasks["needs_it"] == ["skipped"]
        assert run.result("does_without") == "got None"


def test_a_step_is_tried_again_until_it_succeeds() -> None:
    p = Pipeline("persistent")
    tries: list[int] = []

    @p.extract(retries=2)
    def flaky() -> int:
        tries.append(1)
        if len(tries) < 2:
            raise ValueError("not yet")
        return len(tries)

    with run_in_process(p) as run:
        assert run.result("flaky") == 2


def test_a_map_over_the_results_of_a_map_goes_over_all_of_them() -> None:
    p = Pipeline("twice")

    @p.extract(over=["x", "y"])
    def pages(site: str) -> list[str]:
        return [f"{site}{n}" for n in (1, 2)]

    @p.extract(over=pages)
    def words(page: str) -> list[str]:
        return [page.upper()]

    @p.transform
    def everything(words: list[str]) -> list[str]:
        return words

    with run_in_process(p) as run:
        assert run.result("everything") == ["X1", "X2", "Y1", "Y2"]


def test_a_result_that_would_come_back_changed_fails_its_step() -> None:
    p = Pipeline("changed")

    @p.extract
    def pair() -> list[int]:
        return (1, 2)  # type: ignore[return-value] # the very mistake

    with pytest.raises(RunFailed, match="pair"), run_in_process(p):
        pass


def test_two_reports_of_one_name_are_an_error_that_names_both() -> None:
    p = Pipeline("alike")

    @p.extract
    def data() -> pd.DataFrame:
        return pd.DataFrame({"n": [1]})

    @p.report(over=["a/b", "a:b"], filename="Sales {item}")
    def book(item: str, data: pd.DataFrame) -> Workbook:
        return Workbook(Sheet("Data", data))

    with run_in_process(p, check=False) as run:
        assert run.state == "failed"
        assert run.error is not None
        assert "'Sales a-b' is there already, from book a/b" in run.error


def test_a_workbook_for_each_item_is_named_by_it() -> None:
    p = Pipeline("regions", title="Sales", period="month")

    @p.extract
    def data() -> pd.DataFrame:
        return pd.DataFrame({"n": [1]})

    @p.report(over=["north", "south"], filename="{title} {item} {interval}")
    def book(item: str, data: pd.DataFrame) -> Workbook:
        return Workbook(Sheet("Data", data))

    with run_in_process(p, interval="2026-10") as run:
        assert sorted(run.reports) == ["Sales north 2026-10.xlsx", "Sales south 2026-10.xlsx"]

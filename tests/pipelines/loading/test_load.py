import inspect
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from pydantic import SecretStr

from pipelines import Cron, Every, Finding, Params, Pipeline, Resource, TimeLimit
from pipelines.loading.errors import PipelineRefused
from pipelines.loading.load import load_pipeline
from presstime.errors import PresstimeError
from reports import Workbook
from tests.support.runs.declared import carriers, days, faults


def test_a_fault_names_file_line_and_step() -> None:
    p = Pipeline("p")

    @p.transform
    def punctuality(carrier: pd.DataFrame) -> pd.DataFrame:
        return carrier

    p.extract(carriers)
    with pytest.raises(PipelineRefused) as caught:
        load_pipeline(p)

    line = inspect.getsourcelines(punctuality)[1]
    assert str(caught.value) == (
        f"{__file__}:{line}: step 'punctuality': parameter 'carrier' is neither a step nor annotated with a "
        "provider, did you mean 'carriers'?"
    )
    assert caught.value.problem.pipeline == "p"


def test_every_fault_is_reported_at_once() -> None:
    p = Pipeline("P", period="moth", timezone="Europe/Berln", schedules=[Every(timedelta(0), name="often")])  # type: ignore[arg-type] # the mistake

    @p.extract(retries=-1)
    async def first(a, *rest: int, b: int = 3):  # type: ignore[no-untyped-def] # the mistakes
        return a

    @p.transform(timeout=timedelta(0), limit=0)
    def second(frist: int) -> int:
        return frist

    assert faults(p) == [
        "name 'P' is not lower-case words joined by '-', such as 'daily-sales'",
        "period='moth' is not one of 'hour', 'day', 'week', 'month', 'quarter', 'year'",
        "time zone 'Europe/Berln' is not an IANA name such as 'Europe/Berlin', did you mean 'Europe/Berlin'?",
        "schedule 'often': interval datetime.timedelta(0) is shorter than one second",
        "step 'first': is async; a step is a plain function, and over= runs items side by side",
        "step 'first': parameter 'a' has no annotation",
        "step 'first': takes *rest: int; name each parameter",
        "step 'first': parameter 'b' has a default; every value comes from a step or the Params",
        "step 'first': its result has no annotation",
        "step 'first': retries=-1 is less than none",
        "step 'second': timeout=datetime.timedelta(0) is not longer than nothing",
        "step 'second': limit=0 lets nothing run",
        "step 'second': limit= is for a mapped step: it says how many items run at the same time",
        "step 'second': parameter 'frist' is neither a step nor annotated with a provider, "
        "did you mean 'first'?",
    ]


def test_faults_in_how_a_step_is_tried_again_and_shared_are_reported() -> None:
    p = Pipeline("p", max_runs=0)

    @p.extract(  # type: ignore[call-overload, untyped-decorator] # the mistakes
        retries=2,
        retry_on=ValueError,
        backoff=timedelta(minutes=2),
        longest_backoff=timedelta(minutes=1),
        kill_after=timedelta(seconds=-1),
        resource="site",
    )
    def first() -> int:
        return 1

    @p.extract(retry_on=[ValueError], resource=Resource(" ", limit=0))
    def second() -> int:
        return 1

    assert faults(p) == [
        "max_runs=0 lets nothing run",
        "step 'first': longest_backoff=datetime.timedelta(seconds=60) is shorter than the first, "
        "datetime.timedelta(seconds=120)",
        "step 'first': retry_on=<class 'ValueError'> is not a list of exception classes",
        "step 'first': kill_after=datetime.timedelta(days=-1, seconds=86399) is less than nothing",
        "step 'first': resource='site' is not a pipelines.Resource",
        "step 'second': retry_on= says what is tried again, and retries= says never",
        "step 'second': resource ' ' needs a name of 1 to 80 characters",
        "step 'second': resource ' ': limit=0 lets nothing run",
    ]


def test_what_a_step_says_of_its_tries_is_part_of_the_graph() -> None:
    p = Pipeline("p")

    @p.extract(
        retries=2,
        backoff=timedelta(seconds=3),
        longest_backoff=timedelta(minutes=1),
        timeout=timedelta(minutes=2),
        kill_after=timedelta(seconds=30),
        resource=Resource("example.org", limit=2),
    )
    def first() -> int:
        return 1

    (node,) = load_pipeline(p).graph.nodes

    assert (node.backoff_s, node.longest_backoff_s, node.soft_limit_s, node.hard_limit_s) == (3, 60, 120, 150)
    assert (node.resource, node.resource_limit) == ("example.org", 2)


class Login(Params):
    password: SecretStr


@pytest.mark.parametrize(
    ("pipeline", "fault"),
    [
        (Pipeline("p", params=Login), "parameter 'password' is a secret"),
        (Pipeline("p", params=int), "params=<class 'int'> is not a subclass of pipelines.Params"),  # type: ignore[arg-type] # the mistake
        (
            Pipeline("p", schedules=[Cron("* * * * *", name="a"), Cron("0 * * * *", name="a")]),
            "two schedules have the name 'a'",
        ),
        (
            Pipeline("p", schedules=[Cron("0 25 * * *", name="a")]),
            "schedule 'a': cron line '0 25 * * *': hour '25' is not 0 to 23",
        ),
        (
            Pipeline("p", schedules=["0 6 * * *"]),  # type: ignore[list-item] # the mistake
            "schedule '0 6 * * *' is none of Cron, Every and Once",
        ),
        (
            Pipeline("p", filename="{intervall}"),
            "filename '{intervall}' has {intervall}, did you mean 'interval'?",
        ),
        (
            Pipeline("p", filename="{interval}"),
            "filename '{interval}' has {interval}, and the pipeline has no period=",
        ),
        (Pipeline("p", filename="{"), "filename '{': "),
        (Pipeline("p", deadline=timedelta(0)), "deadline=datetime.timedelta(0) is not longer than nothing"),
        (Pipeline("p"), "has no steps; mark functions with its decorators"),
        (Pipeline("a" * 81), "has 81 characters; 80 are allowed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_with_the_declaration_is_said(pipeline: Pipeline, fault: str) -> None:
    assert any(fault in found for found in faults(pipeline))


def test_two_steps_of_one_name_are_refused_and_name_tells_them_apart() -> None:
    p, q = Pipeline("p"), Pipeline("q")
    p.extract(days)
    p.extract(days)
    q.extract(days)
    q.extract(name="more")(days)

    line = inspect.getsourcelines(days)[1]
    assert faults(p) == [f"step 'days': line {line} has a step of this name; give one name="]
    assert list(load_pipeline(q).steps) == ["days", "more"]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"allow_failure": 2}, "allow_failure=2 counts items, and the step is not mapped; say True"),
        (
            {"over": [1], "allow_failure": True},
            "a mapped step is how many items may fail, not True",
        ),
        ({"over": [1], "allow_failure": 0}, "allow_failure=0 allows none"),
        ({"over": []}, "over= is an empty list: nothing would ever run"),
        ({"over": [1, 2, 1]}, "over= has the item 1 twice"),
        ({"over": ["x"]}, "item 'x' of over= is no int: declared int, returned str 'x'"),
        ({"over": "abc"}, "over='abc' is neither a step nor a list"),
        ({"over": days}, "over= names 'days', which is no step of this pipeline: mark it first"),
        ({"name": "a-b"}, "name 'a-b' cannot be the name of a parameter, and so not of a step"),
        ({"after": [days]}, "after= names 'days', which is no step of this pipeline: mark it first"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_with_an_option_is_said(options: dict[str, object], fault: str) -> None:
    p = Pipeline("p")

    def numbered(item: int) -> int:
        return item

    p.extract(**options)(numbered)  # type: ignore[call-overload] # as an author without mypy

    assert any(found.endswith(fault) for found in faults(p))


class Holder(NamedTuple):
    frame: pd.DataFrame
    bad: np.ndarray[tuple[int], np.dtype[np.float64]]


@pytest.mark.parametrize(
    ("result", "fault"),
    [
        (np.dtype, "returns dtype: JSON cannot carry"),
        (
            list[pd.DataFrame],
            "returns list[DataFrame]; return one frame, a NamedTuple of frames",
        ),
        (Path, "returns Path; a Path is a way to take a frame, return the frame itself"),
        (Workbook, "returns Workbook; only a report hands out a document"),
        (Finding | None, "returns Finding | None; only a check returns findings"),
        (Holder, "returns Holder, whose field 'bad' is refused: JSON cannot carry"),
        (Iterator[int], "is a generator; only frames are yielded"),
    ],
    ids=str,
)
def test_a_result_that_cannot_be_handed_on_is_refused(result: object, fault: str) -> None:
    p = Pipeline("p")

    def plain() -> object:
        return None

    def generator() -> object:
        yield 1

    function = generator if "generator" in fault else plain
    function.__annotations__["return"] = result
    p.extract(function)

    assert any(fault in found for found in faults(p))


def test_checks_return_findings_and_reports_documents() -> None:
    p = Pipeline("p")

    def verdict() -> bool:
        return True

    p.check(verdict)  # type: ignore[type-var] # the mistake

    @p.report
    def book() -> str:
        return ""

    assert faults(p) == [
        "step 'verdict': returns bool; a check returns Finding | None or list[Finding]",
        "step 'book': returns str; a report returns a document of `reports`, such as Workbook",
    ]


def every_carrier_is_known(carriers: pd.DataFrame) -> Finding | None:
    return None


def book(carriers: pd.DataFrame) -> Workbook:
    raise NotImplementedError


def test_every_report_waits_for_every_check_unless_it_guards_others() -> None:
    p = Pipeline("p")
    p.report(book)
    p.report(name="second")(book)
    p.report(name="third")(book)
    p.extract(carriers)
    p.check(every_carrier_is_known)

    @p.report
    def fourth() -> Workbook:
        raise NotImplementedError

    @p.check(guards=[fourth])
    def narrow() -> list[Finding]:
        return []

    graph = load_pipeline(p).graph
    gates = {node.name: [n.step for n in node.needs if n.kind == "gate"] for node in graph.nodes}

    assert gates["book"] == gates["second"] == gates["third"] == ["every_carrier_is_known"]
    assert gates["fourth"] == ["every_carrier_is_known", "narrow"]
    assert graph.nodes[0].name == "carriers"


def test_guards_name_reports() -> None:
    p = Pipeline("p")
    p.extract(carriers)
    p.check(guards=[carriers, book])(every_carrier_is_known)

    assert faults(p) == [
        "step 'every_carrier_is_known': guards= names 'carriers', of kind extract, not a report",
        "step 'every_carrier_is_known': guards= names 'book', which is no step of this pipeline: "
        "mark it first",
    ]


def test_a_circle_through_a_check_is_found_and_named() -> None:
    p = Pipeline("p")
    p.extract(carriers)
    p.report(book)
    p.check(after=[book])(every_carrier_is_known)

    assert faults(p) == [
        "step 'book': waits for itself: book -> every_carrier_is_known -> book",
    ]


def test_filenames_tell_the_reports_of_a_run_apart() -> None:
    p = Pipeline("p", period="month")

    @p.report(over=["EWR"], filename="Sales {interval}")
    def each(item: str) -> Workbook:
        raise NotImplementedError

    @p.report(filename="{item}")
    def single() -> Workbook:
        raise NotImplementedError

    assert faults(p) == [
        "step 'each': filename 'Sales {interval}' would be the same for every item; put {item} in it",
        "step 'single': filename has {item}, and the step is not mapped",
    ]


def test_two_reports_of_one_filename_are_refused() -> None:
    p = Pipeline("p", filename="Sales")
    p.extract(carriers)
    p.report(book)
    p.report(name="second")(book)
    p.report(name="third", filename="Other")(book)

    assert faults(p) == [
        "step 'second': has the filename 'Sales', as report 'book' has; put {step} in it or give each its own"
    ]


def test_what_is_no_plain_function_is_refused() -> None:
    p = Pipeline("p")
    p.extract(name="made")(type("Made", (), {}))

    assert faults(p) == ["step 'made': is a type, not a plain function"]


def test_a_loaded_step_is_called_with_its_item_first() -> None:
    p = Pipeline("p")
    p.extract(days)

    @p.extract(over=["EWR"])
    def airport(code: str, /, days: list[date]) -> str:
        return f"{code} {len(days)}"

    step = load_pipeline(p).steps["airport"]

    assert step.call({"code": "JFK", "days": [date(2013, 1, 5)]}) == "JFK 1"


def test_a_loaded_pipeline_carries_what_names_its_code() -> None:
    p = Pipeline("flight-punctuality")
    p.extract(days)
    loaded = load_pipeline(p)

    assert loaded.title == "Flight punctuality"
    assert loaded.file == __file__
    assert loaded.code_version.endswith("+" + loaded.file_sha256[:12])
    assert loaded.params_schema["additionalProperties"] is False


def test_a_time_limit_is_tried_again_unless_the_listed_exceptions_leave_it_out() -> None:
    p = Pipeline("limits")

    @p.extract(retries=1)
    def whatever() -> int:
        return 1

    @p.extract(retries=1, retry_on=[ConnectionError, TimeLimit])
    def listed() -> int:
        return 1

    @p.extract(retries=1, retry_on=[PresstimeError])
    def covered() -> int:
        return 1

    @p.extract(retries=1, retry_on=[ConnectionError])
    def left_out() -> int:
        return 1

    graph = load_pipeline(p).graph
    names = ("whatever", "listed", "covered", "left_out")
    assert [graph.node(name).retry_overtime for name in names] == [True, True, True, False]

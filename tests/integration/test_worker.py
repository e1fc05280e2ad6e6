"""Runs on real workers, without a keeper: the fast path is enough when nothing breaks. On both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from pipelines.backfills.driving import drive
from pipelines.backfills.making import BackfillRequest, make
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.models import Backfill, BackfillState, Report, Run, Task
from scheduler.celery_app import create_app
from scheduler.outbox import Publisher
from tests.support.installations.installation import Installation
from tests.support.installations.on_any_broker import (
    MONTH,
    test_a_run_goes_from_extract_to_workbook_on_several_processes,
    test_a_step_that_raises_fails_the_run_with_one_line_and_no_report,
    test_sys_exit_in_a_step_is_a_failure_like_any_other,
    test_the_same_run_twice_gives_the_same_bytes_and_a_second_version,
)
from tests.support.servers.demo_site import demo_process

__all__ = [  # what is true of any broker runs here too, with this module's `with_worker`
    "test_a_run_goes_from_extract_to_workbook_on_several_processes",
    "test_a_step_that_raises_fails_the_run_with_one_line_and_no_report",
    "test_sys_exit_in_a_step_is_a_failure_like_any_other",
    "test_the_same_run_twice_gives_the_same_bytes_and_a_second_version",
]

SHAPES = '''
"""Maps in a branch, over the result of a map, and over nothing; several joins; a fork."""

import pandas as pd
from pipelines import Pipeline
from reports import Sheet, Workbook

shapes = Pipeline("shapes")


@shapes.extract
def letters() -> list[str]:
    return ["a", "b", "c"]


@shapes.extract
def nothing() -> list[str]:
    return []


@shapes.extract
def number() -> int:
    return 1


@shapes.transform(over=letters)
def pairs(letter: str) -> list[str]:
    return [letter + "1", letter + "2"]


@shapes.transform(over=pairs)
def loud(word: str) -> str:
    return word.upper()


@shapes.transform(over=nothing)
def never(word: str) -> str:
    raise AssertionError


@shapes.transform
def more(number: int) -> int:
    return number + 1


@shapes.transform
def joined(more: int, letters: list[str]) -> str:
    return f"{more}{len(letters)}"


@shapes.transform
def joined_again(joined: str, loud: list[str], never: list[str], number: int) -> str:
    return f"{joined} {sorted(loud)} {never} {number}"


@shapes.report
def book(joined_again: str, joined: str) -> Workbook:
    return Workbook(Sheet("Shapes", pd.DataFrame({"joined": [joined, joined_again]})))
'''


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def with_worker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """One worker serves all these tests; each writes the pipeline that it needs."""
    url = request.getfixturevalue("postgres").create_database() if request.param == "postgresql" else ""
    with Installation(tmp_path_factory.mktemp("worker"), url) as made:
        made.write_pipeline("month", MONTH)
        made.make_tables()
        made.start_valkey()
        made.start("worker")
        yield made


@pytest.fixture(scope="module")
def demo_url() -> Iterator[str]:
    with demo_process() as (_, url):
        yield url


def test_maps_within_branches_and_joins_of_joins_end_right(with_worker: Installation) -> None:
    with_worker.write_pipeline("shapes", SHAPES)

    run = with_worker.finished(with_worker.submit("shapes"))

    assert (run.state, run.error) == ("succeeded", None)
    with with_worker.runtime.sessions() as session:
        of_run = select(Task).where(Task.run_id == run.id)
        tasks = session.scalars(of_run).all()
        assert {task.attempt for task in tasks} == {1}
        assert sorted(task.step for task in tasks if task.item is not None) == ["loud"] * 6 + ["pairs"] * 3
        (output,) = [task.output for task in tasks if task.step == "joined_again"]
    assert output is not None
    assert output["text"] == "\"23 ['A1', 'A2', 'B1', 'B2', 'C1', 'C2'] [] 1\""


FETCH = """
import pandas as pd
from pipelines import Pipeline
from pipelines.sources import Web
from reports import Sheet, Workbook

fetch = Pipeline("fetch")


@fetch.extract
def page(web: Web) -> pd.DataFrame:
    return web.table("ADDRESS")


@fetch.report
def book(page: pd.DataFrame) -> Workbook:
    return Workbook(Sheet("Page", page))
"""


@pytest.mark.parametrize(
    ("address", "said"),
    [("http://127.0.0.1:9/", "127.0.0.1:9"), ("SITE/broken", "500"), ("SITE/", "table")],
    ids=["unreachable", "HTTP 500", "no table"],
)
def test_a_site_that_cannot_be_read_fails_the_run_with_one_line_and_no_report(
    with_worker: Installation, demo_url: str, address: str, said: str
) -> None:
    with_worker.write_pipeline("fetch", FETCH.replace("ADDRESS", address.replace("SITE", demo_url)))

    run = with_worker.finished(with_worker.submit("fetch"))

    assert run.state == "failed"
    assert run.error is not None
    assert run.error.startswith("page: ")
    assert said in run.error
    assert "\n" not in run.error
    with with_worker.runtime.sessions() as session:
        assert session.scalars(select(Report).where(Report.run_id == run.id)).all() == []


DAILY = """
from pipelines import Interval, Pipeline

p = Pipeline("daily", period="day")


@p.extract
def one(interval: Interval) -> str:
    return interval.label
"""


def test_a_backfill_makes_each_of_its_runs_a_few_at_a_time(with_worker: Installation) -> None:
    with_worker.write_pipeline("daily", DAILY)
    publisher = Publisher(create_app(lambda: with_worker.settings), with_worker.runtime)
    with with_worker.runtime.sessions.begin() as session:
        sync(session, with_worker.runtime.registry, utc_now())
    with with_worker.runtime.sessions() as session, session.begin():
        asked = BackfillRequest("2026-01-01", "2026-01-06", {}, max_active=2)
        made = make(session, with_worker.runtime.registry.get("daily"), asked, "ada", utc_now()).id
        drive(session, made, with_worker.runtime.registry.get, with_worker.runtime.items, utc_now())
    publisher.publish_enqueued(session)

    def over() -> bool:
        with with_worker.runtime.sessions() as session:
            return session.get_one(Backfill, made).state is BackfillState.FINISHED

    with_worker.wait("the end of the backfill", over)
    with with_worker.runtime.sessions() as session:
        runs = session.scalars(select(Run).where(Run.backfill_id == made).order_by(Run.id)).all()
    assert [run.interval_label for run in runs] == [f"2026-01-{day:02}" for day in range(1, 7)]
    assert {run.state for run in runs} == {"succeeded"}
    for run in runs:
        before = [one for one in runs if one.created_at < run.created_at]
        assert sum(one.finished_at is None or one.finished_at > run.created_at for one in before) < 2

"""Runs on real workers, without a keeper: the fast path is enough when nothing breaks. On both databases."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.backfills.driving import drive
from pipelines.backfills.making import BackfillRequest, make
from pipelines.runs.request import Origin, request_run
from pipelines.runs.states import RUN_FINAL
from pipelines.runs.submit import submit
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.database import create_engine
from presstime.migrations import upgrade
from presstime.models import Backfill, BackfillState, Event, OutboxMessage, Report, Run, Stage, Task, Trigger
from scheduler.celery_app import create_app
from scheduler.outbox import Publisher
from scheduler.runtime import Runtime
from tests.support.installations.installation import Installation
from tests.support.servers.demo_site import demo_process

MONTH = '''
"""Three sheets about a month."""

import os
import pandas as pd
from pipelines import Finding, Interval, Pipeline, warn
from reports import Sheet, Workbook

month = Pipeline("month", period="month", timezone="America/New_York")


@month.extract
def days(interval: Interval) -> list[str]:
    return [day.isoformat() for day in interval.days]


@month.extract(over=days)
def rows(day: str) -> pd.DataFrame:
    return pd.DataFrame({"day": [day] * 3, "n": [1, 2, 3], "pid": [os.getpid()] * 3})


@month.extract
def names() -> pd.DataFrame:
    return pd.DataFrame({"n": [1, 2, 3], "name": ["one", "two", "three"]})


@month.transform
def named(rows: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    return rows.merge(names, on="n")


@month.check
def complete(named: pd.DataFrame) -> Finding | None:
    return warn("a warning for About", len(named))


@month.report
def book(named: pd.DataFrame) -> Workbook:
    return Workbook(Sheet("Named", named))
'''

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

LEAVES = """
import sys
from pipelines import Pipeline

p = Pipeline("leaves")


@p.extract
def one() -> int:
    sys.exit(3)
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """One worker serves all these tests; each writes the pipeline that it needs."""
    url = request.getfixturevalue("postgres").create_database() if request.param == "postgresql" else ""
    made = Installation(tmp_path_factory.mktemp("worker"), url)
    made.write_pipeline("month", MONTH)
    engine = create_engine(made.settings.effective_database_url)
    upgrade(engine)
    engine.dispose()
    made.start_valkey()
    made.start("worker")
    yield made
    made.stop_all()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with demo_process() as (_, url):
        yield url


@pytest.fixture
def runtime(installation: Installation) -> Iterator[Runtime]:
    opened = installation.runtime()
    yield opened
    opened.engine.dispose()


def start_run(
    installation: Installation,
    runtime: Runtime,
    name: str,
    interval: str | None = None,
    publisher: Publisher | None = None,
) -> UUID:
    with runtime.sessions.begin() as session:
        sync(session, runtime.registry, utc_now())
    request = request_run(
        runtime.registry.get(name),
        params={},
        interval=interval,
        as_of=utc_now(),
        origin=Origin(Trigger.CLI),
    )
    with runtime.sessions() as session, session.begin():
        run = submit(session, request, runtime.items)
    publisher = publisher or Publisher(create_app(lambda: installation.settings), runtime)
    publisher.publish_enqueued(session)
    return run.id


def ended(installation: Installation, runtime: Runtime, run_id: UUID) -> Run:
    def look() -> Run | None:
        with runtime.sessions() as session:
            run = session.get_one(Run, run_id)
            return run if run.state in RUN_FINAL else None

    run: Run = installation.wait(f"the end of run {run_id}", look)
    return run


def test_a_run_goes_from_extract_to_workbook_on_several_processes(
    installation: Installation, runtime: Runtime
) -> None:
    run_id = start_run(installation, runtime, "month", "2013-01")
    run = ended(installation, runtime, run_id)

    assert (run.state, run.error) == ("succeeded", None)
    with runtime.sessions() as session:
        chord = _stage_of(session, run_id, "rows")
        assert (chord.kind, chord.size, chord.published) == ("chord", 31, 1)
        pids = set(session.scalars(select(Task.pid).where(Task.run_id == run_id, Task.step == "rows")))
        assert len(pids) > 1
        assert session.scalars(select(Task.attempt).where(Task.run_id == run_id)).unique().all() == [1]
        report = session.scalars(select(Report).where(Report.run_id == run_id)).one()
        assert report.filename == "Month 2013-01.xlsx"
        mine = select(OutboxMessage).where(OutboxMessage.run_id == run_id)
        assert session.scalars(mine).all() == [], "everything was sent by who committed it"
        numbers = session.scalars(
            select(Event.number).where(Event.run_id == run_id).order_by(Event.number)
        ).all()
        assert numbers == list(range(1, len(numbers) + 1))
    backend: Any = create_app(lambda: installation.settings).backend  # Celery's attributes have no types
    assert backend.client.keys("celery-task-meta-*") == [], "SQL knows how tasks ended, Celery need not"


def _stage_of(session: Session, run_id: UUID, step: str) -> Stage:
    stage_id = session.scalars(
        select(Task.stage_id).where(Task.run_id == run_id, Task.step == step).limit(1)
    ).one()
    return session.get_one(Stage, stage_id)


def test_the_same_run_twice_gives_the_same_bytes_and_a_second_version(
    installation: Installation, runtime: Runtime
) -> None:
    installation.write_pipeline("month", MONTH.replace('"pid": [os.getpid()] * 3', '"pid": [1] * 3'))
    runtime.registry.refresh()

    for _ in range(2):
        run_id = start_run(installation, runtime, "month", "2013-02")
        assert ended(installation, runtime, run_id).state == "succeeded"

    with runtime.sessions() as session:
        reports = select(Report).where(Report.name == "Month 2013-02").order_by(Report.version)
        first, second = session.scalars(reports).all()
    assert first.sha256 == second.sha256
    assert (second.version, second.supersedes) == (2, first.id)


def test_maps_within_branches_and_joins_of_joins_end_right(
    installation: Installation, runtime: Runtime
) -> None:
    installation.write_pipeline("shapes", SHAPES)
    runtime.registry.refresh()

    run = ended(installation, runtime, start_run(installation, runtime, "shapes"))

    assert (run.state, run.error) == ("succeeded", None)
    with runtime.sessions() as session:
        of_run = select(Task).where(Task.run_id == run.id)
        tasks = session.scalars(of_run).all()
        assert {task.attempt for task in tasks} == {1}
        assert sorted(task.step for task in tasks if task.item is not None) == ["loud"] * 6 + ["pairs"] * 3
        (output,) = [task.output for task in tasks if task.step == "joined_again"]
    assert output is not None
    assert output["text"] == "\"23 ['A1', 'A2', 'B1', 'B2', 'C1', 'C2'] [] 1\""


def test_a_step_that_raises_fails_the_run_with_one_line_and_no_report(
    installation: Installation, runtime: Runtime
) -> None:
    installation.write_pipeline(
        "month",
        MONTH.replace(
            'return pd.DataFrame({"n"', 'raise ValueError("no such name")\n    return pd.DataFrame({"n"'
        ),
    )
    runtime.registry.refresh()

    run = ended(installation, runtime, start_run(installation, runtime, "month", "2013-01"))

    assert (run.state, run.error) == ("failed", "names: ValueError: no such name")
    with runtime.sessions() as session:
        assert session.scalars(select(Report).where(Report.run_id == run.id)).all() == []
        states = dict(
            session.execute(
                select(Task.step, Task.state).where(Task.run_id == run.id, Task.step != "rows")
            ).all()
        )
    assert states == {
        "days": "succeeded",
        "names": "failed",
        "named": "skipped",
        "complete": "skipped",
        "book": "skipped",
    }


def test_sys_exit_in_a_step_is_a_failure_like_any_other(installation: Installation, runtime: Runtime) -> None:
    installation.write_pipeline(
        "leaves",
        LEAVES,
    )
    runtime.registry.refresh()

    run = ended(installation, runtime, start_run(installation, runtime, "leaves"))

    assert (run.state, run.error) == ("failed", "one: SystemExit: 3")


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
    installation: Installation, runtime: Runtime, site: str, address: str, said: str
) -> None:
    installation.write_pipeline("fetch", FETCH.replace("ADDRESS", address.replace("SITE", site)))
    runtime.registry.refresh()

    run = ended(installation, runtime, start_run(installation, runtime, "fetch"))

    assert run.state == "failed"
    assert run.error is not None
    assert run.error.startswith("page: ")
    assert said in run.error
    assert "\n" not in run.error
    with runtime.sessions() as session:
        assert session.scalars(select(Report).where(Report.run_id == run.id)).all() == []


DAILY = """
from pipelines import Interval, Pipeline

p = Pipeline("daily", period="day")


@p.extract
def one(interval: Interval) -> str:
    return interval.label
"""


def test_a_backfill_makes_each_of_its_runs_a_few_at_a_time(
    installation: Installation, runtime: Runtime
) -> None:
    installation.write_pipeline("daily", DAILY)
    runtime.registry.refresh()
    publisher = Publisher(create_app(lambda: installation.settings), runtime)
    with runtime.sessions.begin() as session:
        sync(session, runtime.registry, utc_now())
    with runtime.sessions() as session, session.begin():
        asked = BackfillRequest("2026-01-01", "2026-01-06", {}, max_active=2)
        made = make(session, runtime.registry.get("daily"), asked, "ada", utc_now()).id
        drive(session, made, runtime.registry.get, runtime.items, utc_now())
    publisher.publish_enqueued(session)

    def over() -> bool:
        with runtime.sessions() as session:
            return session.get_one(Backfill, made).state is BackfillState.FINISHED

    installation.wait("the end of the backfill", over)
    with runtime.sessions() as session:
        runs = session.scalars(select(Run).where(Run.backfill_id == made).order_by(Run.id)).all()
    assert [run.interval_label for run in runs] == [f"2026-01-{day:02}" for day in range(1, 7)]
    assert {run.state for run in runs} == {"succeeded"}
    for run in runs:
        before = [one for one in runs if one.created_at < run.created_at]
        assert sum(one.finished_at is None or one.finished_at > run.created_at for one in before) < 2

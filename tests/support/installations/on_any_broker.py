"""Tests of runs on real workers that hold with Redis as the broker and with RabbitMQ.

A module that imports them has a fixture `with_worker`, whose pipelines are those of `MONTH`.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from presstime.models import Event, OutboxMessage, Report, Stage, Task
from scheduler.celery_app import create_app
from tests.support.installations.installation import Installation

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

LEAVES = """
import sys
from pipelines import Pipeline

p = Pipeline("leaves")


@p.extract
def one() -> int:
    sys.exit(3)
"""


def test_a_run_goes_from_extract_to_workbook_on_several_processes(with_worker: Installation) -> None:
    run_id = with_worker.submit("month", "2013-01")
    run = with_worker.finished(run_id)

    assert (run.state, run.error) == ("succeeded", None)
    with with_worker.runtime.sessions() as session:
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
    backend: Any = create_app(lambda: with_worker.settings).backend  # Celery's attributes have no types
    assert backend.client.keys("celery-task-meta-*") == [], "SQL knows how tasks ended, Celery need not"


def _stage_of(session: Session, run_id: UUID, step: str) -> Stage:
    stage_id = session.scalars(
        select(Task.stage_id).where(Task.run_id == run_id, Task.step == step).limit(1)
    ).one()
    return session.get_one(Stage, stage_id)


def test_the_same_run_twice_gives_the_same_bytes_and_a_second_version(with_worker: Installation) -> None:
    with_worker.write_pipeline("month", MONTH.replace('"pid": [os.getpid()] * 3', '"pid": [1] * 3'))

    for _ in range(2):
        run_id = with_worker.submit("month", "2013-02")
        assert with_worker.finished(run_id).state == "succeeded"

    with with_worker.runtime.sessions() as session:
        reports = select(Report).where(Report.name == "Month 2013-02").order_by(Report.version)
        first, second = session.scalars(reports).all()
    assert first.sha256 == second.sha256
    assert (second.version, second.supersedes) == (2, first.id)


def test_a_step_that_raises_fails_the_run_with_one_line_and_no_report(with_worker: Installation) -> None:
    with_worker.write_pipeline(
        "month",
        MONTH.replace(
            'return pd.DataFrame({"n"', 'raise ValueError("no such name")\n    return pd.DataFrame({"n"'
        ),
    )

    run = with_worker.finished(with_worker.submit("month", "2013-01"))

    assert (run.state, run.error) == ("failed", "names: ValueError: no such name")
    with with_worker.runtime.sessions() as session:
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


def test_sys_exit_in_a_step_is_a_failure_like_any_other(with_worker: Installation) -> None:
    with_worker.write_pipeline(
        "leaves",
        LEAVES,
    )

    run = with_worker.finished(with_worker.submit("leaves"))

    assert (run.state, run.error) == ("failed", "one: SystemExit: 3")

"""The keeper as a whole, while its broker is away: what stands in SQL goes on. On both databases."""

import logging
import os
import platform
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, update

from bench._cost_history import gather_statistics
from bench._cost_sql import explain, listening
from pipelines.runs.complete import Result, succeed
from presstime.database import database_now
from presstime.models import Leader, OutboxMessage, Run, Schedule
from presstime.settings import Settings
from scheduler.celery_app import create_app
from scheduler.keeper import Gap, Keeper
from scheduler.leading import Leadership
from scheduler.projection import Projection
from scheduler.repairs import late_schedules
from scheduler.runtime import runtime_of
from tests.support.alarms import Sessions, add, row
from tests.support.runs.graphs import claimed, events_of, expire, submitted, tasks_of
from tests.support.runs.nodes import chain

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
LATER = datetime(2126, 11, 2, tzinfo=UTC)
HOURLY = '''
"""Every hour."""

from pipelines import Cron, Pipeline

hourly = Pipeline("hourly", schedules=[Cron("0 * * * *", name="hourly")])


@hourly.extract
def one() -> int:
    return 1
'''


@pytest.fixture
def keeper(engine: Engine, tmp_path: Path) -> Iterator[Keeper]:
    """No broker listens on this installation's socket."""
    folder = tmp_path / "pipelines"
    folder.mkdir()
    (folder / "hourly.py").write_text(HOURLY)
    url = engine.url.render_as_string(hide_password=False)
    settings = Settings(data_dir=tmp_path / "data", database_url=url, pipelines=[folder])
    app = create_app(lambda: settings)
    yield Keeper(app)
    runtime_of(app).engine.dispose()
    app.close()


def test_a_schedule_that_is_due_fires_without_a_broker(
    keeper: Keeper, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    assert keeper.round()
    with sessions.begin() as session:
        session.execute(
            update(Schedule)
            .where(Schedule.pipeline == "hourly")
            .values(cursor=database_now(-7200), next_at=database_now(-3600))
        )

    with caplog.at_level(logging.WARNING):
        assert keeper.round()

    with sessions() as session:
        run = session.scalars(select(Run).where(Run.pipeline == "hourly")).one()
        assert session.scalars(select(OutboxMessage).where(OutboxMessage.run_id == run.id)).all()
    assert "the broker is away" in caplog.text


def test_a_schedule_that_cannot_be_decided_about_spoils_no_other(
    keeper: Keeper, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    bad = add(sessions, "bad", spec={"kind": "moon", "name": "bad"})
    assert keeper.round()
    with sessions.begin() as session:
        session.execute(update(Schedule).values(cursor=database_now(-7200), next_at=database_now(-3600)))

    with caplog.at_level(logging.WARNING):
        assert keeper.round()

    with sessions() as session:
        assert session.scalars(select(Run.pipeline)).all() == ["hourly"]
        assert session.scalars(
            select(Schedule.next_at).where(Schedule.id == bad, Schedule.next_at > database_now())
        ).all()
    assert f"schedule {bad} could not be decided about" in caplog.text


def test_schedules_that_are_due_or_changed_are_found_by_index(sessions: Sessions, engine: Engine) -> None:
    with sessions.begin() as session:
        session.execute(insert(Schedule), [dict(row(f"s{n}", next_at=LATER)) for n in range(5_000)])
    gather_statistics(engine)

    with listening(engine) as heard:
        late_schedules(sessions)
        projection = Projection(create_app(Settings), sessions)
        projection._follow(NOW)

    plans = ["\n".join(explain(engine, statement)) for statement in heard.statements.values()]
    assert ["ix_schedules_next_at" in plans[0], "ix_schedules_updated_at" in plans[1]] == [True, True], plans


def test_a_lost_task_is_made_ready_without_a_broker(keeper: Keeper, sessions: Sessions) -> None:
    run_id = submitted(sessions, *chain("a"))
    task = tasks_of(sessions, run_id, "a")[0]
    attempt = claimed(sessions, task)
    assert attempt is not None
    expire(sessions, task)

    assert keeper.round()

    assert "task.lost" in [event.kind for event in events_of(sessions, run_id)]
    with sessions.begin() as session:
        assert not succeed(session, attempt, Result(output={"too": "late"}))


def test_of_two_keepers_one_leads_until_its_lease_is_over(sessions: Sessions) -> None:
    first, second = Leadership("keeper", "keeper-7@here"), Leadership("keeper", "keeper-7@there")
    with sessions.begin() as session:
        assert [first.take(session), second.take(session), first.take(session)] == [True, False, True]
        session.execute(update(Leader).values(lease_until=database_now(-1)))
        assert [second.take(session), first.take(session)] == [True, False]


def test_a_keeper_that_died_on_this_machine_is_succeeded_at_once(sessions: Sessions) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    dead = Leadership("keeper", f"keeper-{ended.pid}@{platform.node()}")
    with sessions.begin() as session:
        assert dead.take(session)
        assert Leadership("keeper", f"keeper-{os.getpid()}@{platform.node()}").take(session)


def test_after_a_while_without_a_look_everybody_gets_time_to_renew() -> None:
    gap = Gap(lease_seconds=15)

    assert not gap.looked(NOW, 100)
    assert gap.over(100)
    assert not gap.looked(NOW + timedelta(seconds=1), 101)
    assert gap.looked(NOW + timedelta(seconds=60), 102), (
        "the machine slept: only the database's clock went on"
    )
    assert not gap.over(111)
    assert gap.over(112)
    assert not gap.looked(NOW + timedelta(seconds=61), 103)
    assert gap.looked(NOW + timedelta(seconds=62), 150), "the database was away"

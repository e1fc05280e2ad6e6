"""A process that has read its pipelines starts what was written since, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery import Celery
from sqlalchemy import func, select

from pipelines.backfills.driving import drive
from pipelines.backfills.making import BackfillRequest, make
from pipelines.runs.ending import end_run
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.models import Backfill, BackfillState, Firing, Run, RunState, Schedule
from scheduler.celery_app import create_app
from scheduler.outbox import Publisher
from scheduler.runtime import runtime_of
from scheduler.tasks import fire_schedules
from tests.support.installations.installation import Installation

DAILY = """
from pipelines import Cron, Interval, Pipeline

p = Pipeline("NAME", period="day", schedules=[Cron("0 6 * * *", name="NAME")])


@p.extract
def one(interval: Interval) -> str:
    return interval.label
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def with_broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    url = request.getfixturevalue("postgres").create_database() if request.param == "postgresql" else ""
    with Installation(tmp_path_factory.mktemp("code"), url) as made:
        made.write_pipeline("first", DAILY.replace("NAME", "first"))
        made.make_tables()
        made.start_valkey()
        yield made


@pytest.fixture
def early(with_broker: Installation) -> Iterator[Celery]:
    """A process that has read the pipelines, and not looked at them since."""
    app = create_app(lambda: with_broker.settings)
    assert "first" in runtime_of(app).registry.pipelines
    yield app
    runtime_of(app).engine.dispose()


def test_an_alarm_starts_what_was_written_after_its_process_read_the_pipelines(
    with_broker: Installation, early: Celery
) -> None:
    """It would skip the instant for good: the pipeline is unknown to it."""
    with_broker.write_pipeline("late", DAILY.replace("NAME", "late"))
    with_broker.runtime.registry.refresh()
    with with_broker.runtime.sessions.begin() as session:
        sync(session, with_broker.runtime.registry, utc_now() - timedelta(days=1))
        schedule = session.scalars(select(Schedule.id).where(Schedule.pipeline == "late")).one()

    fire_schedules(early, [schedule])

    with with_broker.runtime.sessions() as session:
        assert session.scalars(select(Firing.decision).where(Firing.schedule_id == schedule)).all() == [
            "fired"
        ]


def test_a_backfill_goes_on_in_a_process_that_read_the_pipelines_earlier(
    with_broker: Installation, early: Celery
) -> None:
    """It would pause, and nobody would resume it."""
    with_broker.write_pipeline("later", DAILY.replace("NAME", "later"))
    with_broker.runtime.registry.refresh()
    with with_broker.runtime.sessions() as session, session.begin():
        sync(session, with_broker.runtime.registry, utc_now())
        asked = BackfillRequest("2026-01-01", "2026-01-02", {}, max_active=1)
        made = make(session, with_broker.runtime.registry.get("later"), asked, "ada", utc_now()).id
        drive(session, made, with_broker.runtime.registry.get, with_broker.runtime.items, utc_now())
        run = session.scalars(select(Run).where(Run.backfill_id == made)).one()
        end_run(session, run, RunState.CANCELLED)
    Publisher(early, runtime_of(early)).publish_enqueued(session)

    with with_broker.runtime.sessions() as session:
        row = session.get_one(Backfill, made)
        assert (row.state, row.reason) == (BackfillState.RUNNING, None)
        assert session.scalar(select(func.count(Run.id)).where(Run.backfill_id == made)) == 2

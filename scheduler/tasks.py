"""The three messages that Celery carries: execute a task, look at a run again, decide about a schedule.

None of them raises, rejects or ignores: what happened stands in SQL, and a message is always acknowledged as
done, because a chord hangs on anything else.
"""

import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from celery import Celery
from sqlalchemy import update
from sqlalchemy.orm import Session

from pipelines.runs.advance import advance_stage
from pipelines.runs.events import UnknownRun
from pipelines.schedules.fire import fire
from presstime.clock import utc_now
from presstime.database import database_now
from presstime.models import Schedule
from scheduler.outage import until_answered
from scheduler.outbox import Publisher
from scheduler.runtime import runtime_of

log = logging.getLogger("presstime.worker")

TOGETHER = 50  # schedules that one message names, and one transaction decides about
PUT_OFF = 60.0  # seconds


def register(app: Celery) -> None:
    """Add the tasks to this application alone. One stable name executes any step of any pipeline."""

    @app.task(name="presstime.step", bind=True, shared=False)
    def step(self, task_id: str) -> None:  # type: ignore[no-untyped-def] # Celery's task class is not generic here
        # Whoever only publishes registers the tasks too, and must not load pandas for it.
        from scheduler.attempts import run_task  # noqa: PLC0415 # see above

        _quietly(lambda: run_task(app, UUID(task_id), self.request.hostname or "worker"))

    @app.task(name="presstime.advance", shared=False)
    def advance(run_id: str, stage_id: str) -> None:
        _quietly(lambda: advance_run(app, UUID(run_id), UUID(stage_id)))

    @app.task(name="presstime.fire", shared=False)
    def alarm(*schedule_ids: str) -> None:
        _quietly(lambda: fire_schedules(app, [UUID(schedule_id) for schedule_id in schedule_ids]))


def advance_run(app: Celery, run_id: UUID, stage_id: UUID) -> None:
    runtime = runtime_of(app)
    session, _ = until_answered(
        runtime.sessions, lambda session: advance_stage(session, run_id, stage_id, runtime.items)
    )
    Publisher(app, runtime).publish_enqueued(session)


def fire_schedules(app: Celery, schedule_ids: Sequence[UUID]) -> None:
    """Decide about many together: a transaction for each takes twice as long."""
    for first in range(0, len(schedule_ids), TOGETHER):
        some = schedule_ids[first : first + TOGETHER]
        try:
            _fire(app, some)
        except Exception:
            if len(some) == 1:
                _put_off(app, some[0])
                continue
            log.exception("%s schedules are decided about one by one, because of one of them", len(some))
            for schedule_id in some:
                fire_schedules(app, [schedule_id])


def _fire(app: Celery, schedule_ids: Sequence[UUID]) -> None:
    runtime = runtime_of(app)
    runtime.registry.refresh()  # else it would start yesterday's code, or find none
    find, read, now = runtime.registry.get, runtime.items, utc_now()

    def decide(session: Session) -> None:
        for schedule_id in schedule_ids:
            fire(session, schedule_id, find, read, now)

    session, _ = until_answered(runtime.sessions, decide)
    Publisher(app, runtime).publish_enqueued(session)


def _put_off(app: Celery, schedule_id: UUID) -> None:
    """Have the keeper try again later a schedule that cannot be decided about, so that no other waits behind it."""
    log.exception("schedule %s could not be decided about; it is tried again in %g s", schedule_id, PUT_OFF)
    with runtime_of(app).sessions.begin() as session:
        session.execute(
            update(Schedule).where(Schedule.id == schedule_id).values(next_at=database_now(PUT_OFF))
        )


def _quietly(work: Callable[[], None]) -> None:
    """Nothing that goes wrong here is the message's fault: SQL still says what is to be done."""
    try:
        work()
    except UnknownRun as error:
        log.info("%s", error)
    except Exception:
        log.exception("a message could not be served; what it asked for is tried again")

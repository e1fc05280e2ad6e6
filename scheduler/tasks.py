"""The three messages that Celery carries: execute a task, look at a run again, decide about a schedule.

None of them raises, rejects or ignores: what happened stands in SQL, and a message is always acknowledged as
done, because a chord hangs on anything else.
"""

import logging
from collections.abc import Callable
from uuid import UUID

from celery import Celery

from pipelines.runs.advance import advance_stage
from pipelines.runs.events import UnknownRun
from presstime.clock import utc_now
from scheduler.fire import fire
from scheduler.outage import until_answered
from scheduler.outbox import Publisher
from scheduler.runtime import runtime_of

log = logging.getLogger("presstime.worker")


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
    def alarm(schedule_id: str) -> None:
        _quietly(lambda: fire_schedule(app, UUID(schedule_id)))


def advance_run(app: Celery, run_id: UUID, stage_id: UUID) -> None:
    runtime = runtime_of(app)
    session, _ = until_answered(
        runtime.sessions, lambda session: advance_stage(session, run_id, stage_id, runtime.items)
    )
    Publisher(app, runtime).publish_asked(session)


def fire_schedule(app: Celery, schedule_id: UUID) -> None:
    runtime = runtime_of(app)
    find, read, now = runtime.registry.get, runtime.items, utc_now()
    session, _ = until_answered(runtime.sessions, lambda session: fire(session, schedule_id, find, read, now))
    Publisher(app, runtime).publish_asked(session)


def _quietly(work: Callable[[], None]) -> None:
    """Nothing that goes wrong here is the message's fault: SQL still says what is to be done."""
    try:
        work()
    except UnknownRun as error:
        log.info("%s", error)
    except Exception:
        log.exception("a message could not be served; what it asked for is tried again")

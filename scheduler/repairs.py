"""What the keeper puts right. Each repair reads SQL alone, and does no harm when it is done twice."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from pipelines.runs.complete import fail_lost, fail_run, release
from pipelines.runs.events import lock_run, record
from pipelines.runs.outbox import ask
from pipelines.runs.states import RUN_FINAL
from presstime.database import database_now
from presstime.models import Intent, OutboxMessage, Run, RunState, Schedule, Stage, Task, TaskState

log = logging.getLogger("presstime.keeper")

LOSSES = 10  # attempts of one task that may vanish before it is given up
JOIN_GRACE = 3.0  # seconds after its last task in which a stage's own `advance` should have come
FIRST_RESEND = 5.0  # seconds; doubles with each further resend of the same stage
LONGEST_RESEND = 300.0
ALARM_GRACE = 5.0  # seconds after which a due schedule no longer waits for beat
BATCH = 200


def requeue_lost(sessions: sessionmaker[Session], since: datetime | None) -> int:
    """Tasks whose lease ran out: their process died, or stands still."""
    with sessions() as session:
        lost = session.execute(
            select(Task.id, Task.run_id)
            .where(
                Task.state == TaskState.RUNNING,
                Task.lease_until < database_now(),
                _recent(Task.run_id, since),
            )
            .limit(BATCH)
        ).all()
    for task_id, run_id in lost:
        with sessions.begin() as session:
            _requeue(session, task_id, run_id)
    return len(lost)


def _requeue(session: Session, task_id: UUID, run_id: UUID) -> None:
    run = lock_run(session, run_id)
    task = session.scalar(
        select(Task).where(
            Task.id == task_id, Task.state == TaskState.RUNNING, Task.lease_until < database_now()
        )
    )
    if task is None or run.state in RUN_FINAL:
        return
    task.losses += 1
    log.warning("attempt %s of %s was lost (run %s, worker %s)", task.attempt, task.step, run.id, task.worker)
    if task.losses > LOSSES:
        fail_lost(session, run, task)
    else:
        release(session, run, task, "task.lost")


def advance_joined(sessions: sessionmaker[Session], since: datetime | None) -> int:
    """Stages whose tasks are all done, but whose `advance` never came."""
    with sessions() as session:
        stages = session.execute(
            select(Stage.id, Stage.run_id)
            .join(Run)
            .where(
                Run.state.in_([RunState.QUEUED, RunState.RUNNING]),
                Stage.open_tasks == 0,
                Stage.seen_at.is_(None),
                Stage.closed_at < database_now(-JOIN_GRACE),
                _recent(Stage.run_id, since),
            )
            .limit(BATCH)
        ).all()
    for stage_id, run_id in stages:
        with sessions.begin() as session:
            run = lock_run(session, run_id)
            stage = session.get_one(Stage, stage_id)
            if stage.seen_at is None and run.state not in RUN_FINAL:
                stage.seen_at = database_now()
                record(session, run, "stage.joined", {"stage": stage.number})
                ask(session, run, Intent.ADVANCE)
                log.warning("the join of stage %s never came (run %s)", stage.number, run.id)
    return len(stages)


def resend_unclaimed(sessions: sessionmaker[Session], since: datetime | None) -> int:
    """Stages with ready tasks that nobody claimed: their messages may be gone. The pauses grow."""
    unclaimed = exists().where(
        Task.stage_id == Stage.id,
        Task.state == TaskState.READY,
        Task.waiting.is_(False),
        or_(Task.not_before.is_(None), Task.not_before <= database_now()),
    )
    moving = exists().where(Task.stage_id == Stage.id, Task.started_at > database_now(-FIRST_RESEND))
    pending = exists().where(OutboxMessage.stage_id == Stage.id)
    with sessions() as session:
        stages = session.execute(
            select(Stage.id, Stage.run_id, Stage.published, Stage.published_at, database_now().label("now"))
            .join(Run)
            .where(
                Run.state.in_([RunState.QUEUED, RunState.RUNNING]),
                Stage.open_tasks > 0,
                Stage.published_at < database_now(-FIRST_RESEND),
                unclaimed,
                ~moving,
                ~pending,
                _recent(Stage.run_id, since),
            )
            .limit(BATCH)
        ).all()
    due = [
        row for row in stages if (row.now - row.published_at).total_seconds() >= resend_pause(row.published)
    ]
    for row in due:
        with sessions.begin() as session:
            run = lock_run(session, row.run_id)
            if run.state in RUN_FINAL:
                continue
            stage = session.get_one(Stage, row.id)
            record(session, run, "stage.resent", {"stage": stage.number, "sends": stage.published})
            ask(session, run, Intent.PUBLISH, stage_id=stage.id, after=timedelta(0))
            log.warning(
                "stage %s has ready tasks that nobody claimed; sent again (run %s)", stage.number, run.id
            )
    return len(due)


def resend_pause(published: int) -> float:
    """Seconds to wait for a claim after the `published`-th send."""
    return float(min(LONGEST_RESEND, FIRST_RESEND * 2 ** (published - 1)))


def fail_overdue(sessions: sessionmaker[Session], since: datetime | None) -> int:
    """Runs that are not finished by the deadline that their pipeline sets."""
    with sessions() as session:
        overdue = session.scalars(
            select(Run.id)
            .where(
                Run.state.in_([RunState.QUEUED, RunState.RUNNING]),
                Run.deadline_at < database_now(),
                _recent(Run.id, since),
            )
            .limit(BATCH)
        ).all()
    for run_id in overdue:
        with sessions.begin() as session:
            run = lock_run(session, run_id)
            if run.state not in RUN_FINAL:
                fail_run(session, run, f"not finished by its deadline, {run.deadline_at:%Y-%m-%d %H:%M:%S}Z")
                log.warning("run %s is not finished by its deadline", run.id)
    return len(overdue)


def late_schedules(sessions: sessionmaker[Session]) -> list[UUID]:
    """Schedules that are due and that no alarm rang for."""
    with sessions() as session:
        return list(
            session.scalars(
                select(Schedule.id).where(
                    Schedule.removed_at.is_(None), Schedule.next_at < database_now(-ALARM_GRACE)
                )
            )
        )


def _recent(column: InstrumentedAttribute[UUID], since: datetime | None) -> ColumnElement[bool]:
    """Only runs made after `since`: what `presstime run` starts leaves older ones alone."""
    if since is None:
        return true()
    return column.in_(select(Run.id).where(Run.created_at >= since))

"""What the keeper puts right. Each repair reads SQL alone, and does no harm when it is done twice."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select, text, true
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from pipelines.runs.claims import Held
from pipelines.runs.complete import Failure, fail
from pipelines.runs.ending import end_run
from pipelines.runs.events import lock_run, record
from pipelines.runs.giving_back import held_task, let_go, lose
from pipelines.runs.outbox import ask
from pipelines.runs.states import RUN_FINAL
from presstime.database import database_now
from presstime.models import Intent, OutboxMessage, Run, RunState, Schedule, Stage, Task, TaskState
from presstime.models.runs import HELD, UNFINISHED

log = logging.getLogger("presstime.keeper")

JOIN_GRACE = 3.0  # seconds after its last task in which a stage's own `advance` should have come
FIRST_RESEND = 5.0  # seconds; doubles with each further resend of the same stage
LONGEST_RESEND = 300.0
ALARM_GRACE = 5.0  # seconds after which a due schedule no longer waits for beat
BATCH = 200
UNFINISHED_RUN = f"runs.{UNFINISHED}"  # in words that the partial index knows


def requeue_lost(sessions: sessionmaker[Session], since: datetime | None) -> int:
    """Tasks whose lease ran out: their process died, or stands still. The cancelled ones are let go of."""
    with sessions() as session:
        lost = session.execute(
            select(Task.id, Task.state)
            .where(text(HELD), Task.lease_until < database_now(), _recent(Task.run_id, since))
            .limit(BATCH)
        ).all()
    for task_id, state in lost:
        with sessions.begin() as session:
            held = held_task(session, task_id)
            if state == TaskState.RUNNING:
                _requeue(session, held)
            else:
                let_go(session, held)
    return len(lost)


def _requeue(session: Session, held: Held) -> None:
    losses, worker = session.execute(select(Task.losses, Task.worker).where(Task.id == held.task_id)).one()
    if lose(session, held, losses):
        log.warning(
            "attempt %s of %s was lost (run %s, worker %s)", held.number, held.node.name, held.run_id, worker
        )


def fail_overtime(sessions: sessionmaker[Session], since: datetime | None) -> int:
    """Attempts that take longer than their step may: their result will not be taken."""
    with sessions() as session:
        late = session.scalars(
            select(Task.id)
            .where(
                text(HELD),
                Task.state == TaskState.RUNNING,
                Task.time_limit_at < database_now(),
                _recent(Task.run_id, since),
            )
            .limit(BATCH)
        ).all()
    for task_id in late:
        with sessions.begin() as session:
            held = held_task(session, task_id)
            seconds = held.node.hard_limit_s
            if fail(session, held, Failure(f"took longer than {seconds:g} s", "TimeLimit")):
                log.warning("%s took longer than %s s (run %s)", held.node.name, seconds, held.run_id)
    return len(late)


def advance_joined(sessions: sessionmaker[Session], since: datetime | None) -> int:
    """Stages whose tasks are all done, but whose `advance` never came."""
    with sessions() as session:
        stages = session.execute(
            select(Stage.id, Stage.run_id)
            .join(Run)
            .where(
                text(UNFINISHED_RUN),
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
                record(session, run.id, "stage.joined", {"stage": stage.number})
                ask(session, run.id, Intent.ADVANCE)
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
                text(UNFINISHED_RUN),
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
            record(session, run.id, "stage.resent", {"stage": stage.number, "sends": stage.published})
            ask(session, run.id, Intent.PUBLISH, stage_id=stage.id, after=timedelta(0))
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
                text(UNFINISHED_RUN),
                Run.deadline_at < database_now(),
                _recent(Run.id, since),
            )
            .limit(BATCH)
        ).all()
    for run_id in overdue:
        with sessions.begin() as session:
            run = lock_run(session, run_id)
            if run.state not in RUN_FINAL:
                error = f"not finished by its deadline, {run.deadline_at:%Y-%m-%d %H:%M:%S}Z"
                end_run(session, run, RunState.FAILED, error)
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

"""Repairs of the keeper. Each reads SQL alone, and does no harm when it is done twice."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select, text, true, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, sessionmaker

from pipelines.markers import TimeLimit
from pipelines.runs.claims import Held
from pipelines.runs.complete import Failure, fail
from pipelines.runs.ending import end_run
from pipelines.runs.events import lock_run, record
from pipelines.runs.handback import held_task, let_go, lose
from pipelines.runs.limits import wake
from pipelines.runs.listing import made_since
from pipelines.runs.missing_code import note_missing_code
from pipelines.runs.outbox import enqueue
from pipelines.runs.states import IS_UNFINISHED, RUN_FINAL
from presstime.database import database_now, reading
from presstime.models import Intent, OutboxMessage, Run, RunState, Schedule, Stage, Task, TaskState
from presstime.models.runs import HELD
from scheduler.redbeat import name_of

log = logging.getLogger("presstime.keeper")

JOIN_GRACE = 3.0  # seconds after its last task in which a stage's own `advance` should have come
FIRST_RESEND = 5.0  # seconds; doubles with each further resend of the same stage
LONGEST_RESEND = 300.0
FORGOTTEN = 1.0  # seconds since it was sent after which a stage counts as lost with its broker's memory
ALARM_GRACE = 2.5  # seconds after which a due schedule no longer waits for beat; it is to start within 5
BATCH = 200
HELD_TASK = text(f"tasks.{HELD}")  # in the words of the partial index
# Not by a join alone: SQLite would read all stages, and look for the run of each.
OF_UNFINISHED = Stage.run_id.in_(select(Run.id).where(IS_UNFINISHED).correlate(None))
OTHER = aliased(Task)
HELD_OTHER = OTHER.lease_until.is_not(None)


def _nothing(session: Session) -> None:
    pass


@dataclass(frozen=True)
class Hands:
    """The means of repairs to read and write. `then` gets each committed session; `since` leaves older runs."""

    sessions: sessionmaker[Session]
    then: Callable[[Session], None] = _nothing
    since: datetime | None = None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self.sessions() as session:
            with session.begin():
                yield session
            self.then(session)

    def recent(self, column: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
        if self.since is None:
            return true()
        return column.in_(select(Run.id).where(made_since(self.since)))


def fail_overtime(hands: Hands) -> int:
    """Attempts that take longer than their step may: their result will not be taken."""
    with reading(hands.sessions) as session:
        late = session.scalars(
            select(Task.id)
            .where(
                HELD_TASK,
                Task.state == TaskState.RUNNING,
                Task.time_limit_at < database_now(),
                hands.recent(Task.run_id),
            )
            .limit(BATCH)
        ).all()
    for task_id in late:
        with hands.writing() as session:
            held = held_task(session, task_id)
            over = TimeLimit(held.node.soft_limit_s)
            line = f"{over} and did not stop within {held.node.kill_after_s:g} s more"
            failure = Failure(line, type(over).__name__, retryable=held.node.retry_overtime)
            if fail(session, held, failure):
                log.warning("%s %s (run %s)", held.node.name, line, held.run_id)
    return len(late)


def restart_limits(hands: Hands) -> None:
    """Give every attempt its whole time again, after a while in which nothing could run."""
    with reading(hands.sessions) as session:
        running = session.scalars(
            select(Task.id).where(HELD_TASK, Task.state == TaskState.RUNNING, hands.recent(Task.run_id))
        ).all()
    for task_id in running:
        with hands.writing() as session:
            held = held_task(session, task_id)
            session.execute(
                update(Task)
                .where(Task.id == task_id, Task.attempt == held.number, HELD_TASK)
                .values(time_limit_at=database_now(held.node.hard_limit_s))
                .execution_options(synchronize_session=False)
            )


def requeue_lost(hands: Hands) -> int:
    """Tasks whose lease ran out: their process died, or stands still. The cancelled ones are let go of."""
    with reading(hands.sessions) as session:
        lost = session.execute(
            select(Task.id, Task.state)
            .where(HELD_TASK, Task.lease_until < database_now(), hands.recent(Task.run_id))
            .limit(BATCH)
        ).all()
    for task_id, state in lost:
        with hands.writing() as session:
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


def advance_joined(hands: Hands) -> int:
    """Stages whose tasks are all done, but whose `advance` never came."""
    with reading(hands.sessions) as session:
        stages = session.execute(
            select(Stage.id, Stage.run_id)
            .join(Run)
            .where(
                OF_UNFINISHED,
                Stage.open_tasks == 0,
                Stage.seen_at.is_(None),
                Stage.generation == Run.generation,
                Stage.closed_at < database_now(-JOIN_GRACE),
                hands.recent(Stage.run_id),
            )
            .limit(BATCH)
        ).all()
    for stage_id, run_id in stages:
        with hands.writing() as session:
            run = lock_run(session, run_id)
            stage = session.get_one(Stage, stage_id)
            if stage.seen_at is None and run.state not in RUN_FINAL:
                stage.seen_at = database_now()
                record(session, run.id, "stage.joined", {"stage": stage.number})
                enqueue(session, run.id, Intent.ADVANCE)
                log.warning("the join of stage %s never came (run %s)", stage.number, run.id)
    return len(stages)


def resend_unclaimed(
    hands: Hands,
    *,
    forgotten: bool,
    waits: Callable[[UUID], bool],
    has_code: Callable[[str, str], bool],
) -> int:
    """Stages with ready tasks that nobody claimed: their messages may be gone.

    `forgotten`: the broker has lost its memory, so that whatever was sent is sent again. Otherwise one is sent
    again after pauses that grow, and not while `waits` says that messages stand before it in its queues.
    `has_code` says whether a pipeline is there in the version that a run began with.
    """
    grace = FORGOTTEN if forgotten else FIRST_RESEND
    with reading(hands.sessions) as session:
        stages = session.execute(_unclaimed(grace, hands)).all()
    resent = 0
    for row in stages:
        pause = resend_pause(row.published)
        due = (row.now - row.published_at).total_seconds() >= pause
        if forgotten or (due and not waits(row.id)):
            resent += _resend(hands, row.id, row.run_id, "the broker lost its memory" if forgotten else "")
    _tell_stranded(hands, {row.run_id for row in stages if row.published > 1}, has_code)
    return resent


def _tell_stranded(hands: Hands, ids: set[UUID], has_code: Callable[[str, str], bool]) -> None:
    with reading(hands.sessions) as session:
        runs = session.execute(select(Run.id, Run.pipeline, Run.code_version).where(Run.id.in_(ids))).all()
    for run_id in [row.id for row in runs if not has_code(row.pipeline, row.code_version)]:
        with hands.writing() as session:
            run = lock_run(session, run_id)
            if run.state not in RUN_FINAL and note_missing_code(session, run):
                log.warning("run %s of %s waits for code version %s", run.id, run.pipeline, run.code_version)


def _unclaimed(grace: float, hands: Hands) -> Select[UUID, UUID, int, datetime | None, datetime]:
    ready = exists().where(
        Task.stage_id == Stage.id,
        Task.state == TaskState.READY,
        Task.waiting.is_(False),
        or_(Task.not_before.is_(None), Task.not_before <= database_now()),
    )
    pending = exists().where(OutboxMessage.stage_id == Stage.id)
    return (
        select(Stage.id, Stage.run_id, Stage.published, Stage.published_at, database_now().label("now"))
        .where(
            OF_UNFINISHED,
            Stage.open_tasks > 0,
            Stage.published_at < database_now(-grace),
            ready,
            ~pending,
            hands.recent(Stage.run_id),
        )
        .limit(BATCH)
    )


def _resend(hands: Hands, stage_id: UUID, run_id: UUID, why: str) -> int:
    with hands.writing() as session:
        run = lock_run(session, run_id)
        if run.state in RUN_FINAL:
            return 0
        stage = session.get_one(Stage, stage_id)
        data = {"stage": stage.number, "sends": stage.published}
        record(session, run.id, "stage.resent", data | ({"why": why} if why else {}))
        if why:
            stage.published = 0  # what comes now is its first send to this broker
        enqueue(session, run.id, Intent.PUBLISH, stage_id=stage.id)
        log.warning("stage %s is sent again, %s (run %s)", stage.number, why or "nobody claimed it", run.id)
    return 1


def resend_pause(published: int) -> float:
    """Seconds to wait for a claim after the `published`-th send."""
    return float(min(LONGEST_RESEND, FIRST_RESEND * 2 ** (published - 1)))


def wake_turned_away(hands: Hands) -> int:
    """Tasks that a limit turned away and that no running task will send again, because none is left."""
    others = exists().where(
        HELD_OTHER,
        or_(
            OTHER.resource == Task.resource,
            (OTHER.run_id == Task.run_id) & (OTHER.step == Task.step),
        ),
    )
    with reading(hands.sessions) as session:
        waiting = session.execute(
            select(Task.id, Task.run_id)
            .join(Run)
            .where(text("tasks.waiting"), IS_UNFINISHED, ~others, hands.recent(Task.run_id))
            .limit(BATCH)
        ).all()
    for task_id, run_id in waiting:
        with hands.writing() as session:
            lock_run(session, run_id)
            wake(session, run_id, task_id)
            log.warning("a task that waited for a place is sent again (run %s)", run_id)
    return len(waiting)


def fail_overdue(hands: Hands) -> int:
    """Runs that are not finished by the deadline that their pipeline sets."""
    with reading(hands.sessions) as session:
        overdue = session.scalars(
            select(Run.id)
            .where(IS_UNFINISHED, Run.deadline_at < database_now(), hands.recent(Run.id))
            .limit(BATCH)
        ).all()
    for run_id in overdue:
        with hands.writing() as session:
            run = lock_run(session, run_id)
            if run.state not in RUN_FINAL:
                error = f"not finished by its deadline, {run.deadline_at:%Y-%m-%d %H:%M:%S}Z"
                end_run(session, run, RunState.FAILED, error)
                log.warning("run %s is not finished by its deadline", run.id)
    return len(overdue)


def late_schedules(sessions: sessionmaker[Session]) -> list[UUID]:
    """Schedules that are due and that no alarm rang for, in the order of their names: those waiting longest.

    A beat that lives and is late does no harm: whoever comes second finds nothing to decide.
    """
    with reading(sessions) as session:
        late = session.execute(
            select(Schedule.id, Schedule.pipeline, Schedule.name)
            .where(Schedule.removed_at.is_(None), Schedule.next_at < database_now(-ALARM_GRACE))
            .order_by(Schedule.next_at)
            .limit(BATCH)
        ).all()
    # As beat does: two transactions that lock in one order cannot wait for each other.
    return [row.id for row in sorted(late, key=lambda row: name_of(row.pipeline, row.name))]

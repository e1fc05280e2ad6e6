"""A task given up by its process before it was done: handed back, lost, or let go of after a cancel."""

from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from pipelines.graph import Graph
from pipelines.runs.attempt_guard import IS_HELD, LET_GO, goes_on, keep_failure, leave_stage, named
from pipelines.runs.claims import ChainPosition, Held, Worker
from pipelines.runs.events import record
from pipelines.runs.limits import free_slot
from pipelines.runs.outbox import enqueue
from pipelines.runs.stages import MARK_SEEN
from presstime.database import database_now, rows_changed
from presstime.models import Intent, Run, Stage, Task, TaskState
from presstime.models.tables import TASKS

LOSSES = 10  # attempts of one task that may vanish before it is given up

HAND_BACK = update(TASKS).where(*IS_HELD).values(state=TaskState.READY, stage_id=None, **LET_GO)
IS_LOST = (*IS_HELD, TASKS.c.lease_until < database_now())
LOSE = (
    update(TASKS)
    .where(*IS_LOST)
    .values(state=TaskState.READY, stage_id=None, losses=TASKS.c.losses + 1, **LET_GO)
)
GIVE_UP = (
    update(TASKS)
    .where(*IS_LOST)
    .values(
        state=TaskState.FAILED,
        losses=TASKS.c.losses + 1,
        error=bindparam("line"),
        error_type="Lost",
        finished_at=database_now(),
        **LET_GO,
    )
)
RELEASE = (
    update(TASKS)
    .where(
        TASKS.c.id == bindparam("task"),
        TASKS.c.attempt == bindparam("number"),
        TASKS.c.state != TaskState.RUNNING,
        TASKS.c.lease_until.is_not(None),
    )
    .values(**LET_GO)
)


def held_task(session: Session, task_id: UUID) -> Held:
    """A task that some process holds, read from its row."""
    task = session.get_one(Task, task_id)
    run = session.get_one(Run, task.run_id)
    stage = session.get(Stage, task.stage_id) if task.stage_id else None
    return Held(
        run_id=run.id,
        task_id=task.id,
        number=task.attempt,
        node=Graph.from_json(run.graph).node(task.step),
        item=task.item,
        errors=task.errors,
        stage=ChainPosition(stage.id, stage.mapped, task.branch, task.place) if stage else None,
    )


def hand_back(session: Session, held: Held) -> bool:
    """Make the task ready again because its worker stops; counts neither as an error nor as a loss."""
    if not goes_on(session, held.run_id):
        return False
    handed = session.execute(HAND_BACK, {"task": held.task_id, "number": held.number})
    if not rows_changed(handed):
        return False
    keep_failure(session, held, "its worker stopped, and gave it back", "HandedBack")
    _go_on_without(session, held, "task.handed-back")
    return True


def hand_back_in_doubt(session: Session, task_id: UUID, worker: Worker) -> None:
    """Undo a claim of this process of which it does not know whether it was committed."""
    task = session.get(Task, task_id)
    if (
        task is not None
        and task.state is TaskState.RUNNING
        and (task.worker, task.pid) == (worker.name, worker.pid)
    ):
        hand_back(session, held_task(session, task_id))


def lose(session: Session, held: Held, losses: int) -> bool:
    """Take the task from an attempt whose lease ran out; `losses` are those before."""
    if not goes_on(session, held.run_id):
        return False
    who = {"task": held.task_id, "number": held.number}
    given_up = losses >= LOSSES
    line = f"lost: {losses + 1} attempts ended without a word"
    taken = session.execute(GIVE_UP, {**who, "line": line}) if given_up else session.execute(LOSE, who)
    if not rows_changed(taken):
        return False
    keep_failure(session, held, "its process died or stood still; its lease ran out", "Lost")
    if given_up:
        record(session, held.run_id, "task.failed", {**named(held), "error": line}, task_id=held.task_id)
    _go_on_without(session, held, "task.lost")
    return True


def let_go(session: Session, held: Held) -> bool:
    """Note that the process of a cancelled attempt is done with it, so that its place is free."""
    released = session.execute(RELEASE, {"task": held.task_id, "number": held.number})
    if not rows_changed(released):
        return False
    free_slot(session, held.run_id, held.node)
    return True


def _go_on_without(session: Session, held: Held, kind: str) -> None:
    record(session, held.run_id, kind, {**named(held), "attempt": held.number}, task_id=held.task_id)
    leave_stage(session, held, succeeded=False)
    if held.stage is not None:
        # Its message may never be counted, and then nobody joins.
        session.execute(MARK_SEEN, {"stage": held.stage.stage_id})
    free_slot(session, held.run_id, held.node)
    enqueue(session, held.run_id, Intent.ADVANCE)

"""Guard every change of a task that a process holds: the run goes on, the attempt is the newest, the stage counts.

A process that completes, fails or gives up a task locks the run first (`goes_on`), changes the task on condition of
its attempt (`IS_HELD`), and then takes it out of its stage (`leave_stage`), which counts the stage down and lets go
the next task of its chain.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, case, insert, select, update
from sqlalchemy.orm import Session

from pipelines.runs.claims import ChainPosition, Held
from pipelines.runs.outbox import enqueue
from pipelines.runs.states import RUN_FINAL
from presstime.database import database_now, rows_changed
from presstime.models import Intent, TaskState
from presstime.models.tables import FAILED_ATTEMPTS, RUNS, STAGES, TASKS

IS_HELD = (
    TASKS.c.id == bindparam("task"),
    TASKS.c.attempt == bindparam("number"),
    TASKS.c.state == TaskState.RUNNING,
)
LET_GO: dict[str, Any] = {"lease_until": None, "time_limit_at": None}
LOCK = select(RUNS.c.state).where(RUNS.c.id == bindparam("run")).with_for_update()
KEEP = insert(FAILED_ATTEMPTS).from_select(
    [column.name for column in FAILED_ATTEMPTS.c],
    select(
        TASKS.c.id,
        TASKS.c.attempt,
        TASKS.c.worker,
        TASKS.c.started_at,
        database_now(),
        bindparam("line", type_=Text),
        bindparam("why", type_=Text),
        bindparam("trace", type_=Text),
        bindparam("logged", type_=Text),
    ).where(TASKS.c.id == bindparam("task")),
)
FOLLOWING = (
    update(TASKS)
    .where(
        TASKS.c.stage_id == bindparam("stage"),
        TASKS.c.branch == bindparam("of_branch"),
        TASKS.c.place == bindparam("at"),
        TASKS.c.state == TaskState.PENDING,
    )
    .values(state=TaskState.READY)
)
DETACH = (
    update(TASKS)
    .where(
        TASKS.c.stage_id == bindparam("stage"),
        TASKS.c.branch == bindparam("of_branch"),
        TASKS.c.place > bindparam("behind"),
    )
    .values(stage_id=None)
)
LEAVE = (
    update(STAGES)
    .where(STAGES.c.id == bindparam("stage"))
    .values(
        open_tasks=STAGES.c.open_tasks - bindparam("gone"),
        closed_at=case((STAGES.c.open_tasks == bindparam("gone"), database_now()), else_=STAGES.c.closed_at),
    )
    .returning(STAGES.c.open_tasks, STAGES.c.seen_at)
)


def goes_on(session: Session, run_id: UUID) -> bool:
    """Lock the run; False when it is gone, or has ended without this attempt."""
    state = session.execute(LOCK, {"run": run_id}).scalar_one_or_none()
    return state is not None and state not in RUN_FINAL


def keep_failure(  # noqa: PLR0917 # the columns of the row
    session: Session, held: Held, error: str, error_type: str, traceback: str = "", log: str = ""
) -> None:
    """Note an attempt that came to nothing: its successor's traces take the place of its own in the task."""
    session.execute(
        KEEP,
        {
            "task": held.task_id,
            "line": error,
            "why": error_type,
            "trace": traceback or None,
            "logged": log or None,
        },
    )


def named(held: Held) -> dict[str, Any]:
    """Step and item, as events name a task."""
    return {"step": held.node.name} if held.item is None else {"step": held.node.name, "item": held.item}


def leave_stage(session: Session, held: Held, *, succeeded: bool) -> None:
    """The last to leave asks for what the stage's `advance` came too early for.

    What was to follow a task that did not succeed leaves with it: `advance` decides what becomes of it.
    """
    position = held.stage
    if position is None:
        return
    gone = 1
    if succeeded:
        _let_go(session, position)
    else:
        gone += _detach_followers(session, position)
    stage = session.execute(LEAVE, {"stage": position.stage_id, "gone": gone}).one()
    if stage.open_tasks == 0 and stage.seen_at is not None:
        enqueue(session, held.run_id, Intent.ADVANCE)


def _let_go(session: Session, position: ChainPosition) -> None:
    if not position.mapped:
        session.execute(
            FOLLOWING, {"stage": position.stage_id, "of_branch": position.branch, "at": position.index + 1}
        )


def _detach_followers(session: Session, position: ChainPosition) -> int:
    if position.mapped:
        return 0
    gone = session.execute(
        DETACH, {"stage": position.stage_id, "of_branch": position.branch, "behind": position.index}
    )
    return rows_changed(gone)

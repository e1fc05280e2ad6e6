"""What it takes to change a task that a process holds: the run goes on, and the attempt is still the newest."""

from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, insert, select
from sqlalchemy.orm import Session

from pipelines.runs.claims import RUNS, TASKS, Held
from pipelines.runs.states import RUN_FINAL
from presstime.database import database_now, table_of
from presstime.models import FailedAttempt, TaskState

IS_HELD = (
    TASKS.c.id == bindparam("task"),
    TASKS.c.attempt == bindparam("number"),
    TASKS.c.state == TaskState.RUNNING,
)
FAILED = table_of(FailedAttempt)
LET_GO: dict[str, Any] = {"lease_until": None, "time_limit_at": None}
LOCK = select(RUNS.c.state).where(RUNS.c.id == bindparam("run")).with_for_update()
KEEP = insert(FAILED).from_select(
    [column.name for column in FAILED.c],
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

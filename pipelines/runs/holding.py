"""What it takes to change a task that a process holds: the run goes on, and the attempt is still the newest."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pipelines.runs.claims import RUNS, TASKS, Held
from pipelines.runs.states import RUN_FINAL
from presstime.models import TaskState

IS_HELD = (
    TASKS.c.id == bindparam("task"),
    TASKS.c.attempt == bindparam("number"),
    TASKS.c.state == TaskState.RUNNING,
)
LET_GO: dict[str, Any] = {"lease_until": None, "time_limit_at": None}
LOCK = select(RUNS.c.state).where(RUNS.c.id == bindparam("run")).with_for_update()


def goes_on(session: Session, run_id: UUID) -> bool:
    """Lock the run; False when it is gone, or has ended without this attempt."""
    state = session.execute(LOCK, {"run": run_id}).scalar_one_or_none()
    return state is not None and state not in RUN_FINAL


def named(held: Held) -> dict[str, Any]:
    """Step and item, as events name a task."""
    return {"step": held.node.name} if held.item is None else {"step": held.node.name, "item": held.item}

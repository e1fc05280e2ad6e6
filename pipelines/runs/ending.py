"""Ends a whole run before its time, with all that is open in it."""

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from pipelines.runs.events import record
from pipelines.runs.queueing import wake_next
from pipelines.runs.states import TASK_OPEN, move_run
from presstime.database import database_now
from presstime.models import Run, RunState, TaskState
from presstime.models.tables import TASKS

CANCEL_TASKS = (
    update(TASKS)
    # An attempt under way loses its task now; its lease stays until its process has let go.
    .where(TASKS.c.run_id == bindparam("run"), TASKS.c.state.in_(sorted(TASK_OPEN)))
    .values(state=TaskState.CANCELLED, waiting=False, finished_at=database_now())
)


def end_run(
    session: Session, run: Run, state: RunState, error: str | None = None, actor: str | None = None
) -> None:
    """Fail or cancel a run whose row the caller has locked."""
    session.execute(CANCEL_TASKS, {"run": run.id})
    move_run(session, run, state, error=error, finished_at=database_now())
    said = {"error": error, "actor": actor}
    record(session, run.id, f"run.{state}", {key: value for key, value in said.items() if value})
    wake_next(session, run)

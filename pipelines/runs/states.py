"""The states of runs and tasks: which are final or open, and which may follow which.

A run changes its state here alone, by an UPDATE on condition of the state before. A task changes it where it is
claimed, completed, given back or left out: each an UPDATE of the same kind.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, text, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from presstime.database import database_now
from presstime.errors import PresstimeError
from presstime.models import Run, RunState, TaskState
from presstime.models.runs import UNFINISHED, UNSUCCESSFUL
from presstime.models.tables import TASKS

RUN_MOVES: dict[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.SKIPPED, RunState.FAILED, RunState.CANCELLED}),
    RunState.RUNNING: frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED}),
    RunState.SUCCEEDED: frozenset(),
    RunState.FAILED: frozenset({RunState.QUEUED}),
    RunState.CANCELLED: frozenset({RunState.QUEUED}),
    RunState.SKIPPED: frozenset(),
}
RUN_FINAL = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED, RunState.SKIPPED})
# The same in the words of partial indexes: without them a look at what goes on would read all that ever ran.
IS_UNFINISHED = text(f"runs.{UNFINISHED}")
IS_UNSUCCESSFUL = text(f"runs.{UNSUCCESSFUL}")
TASK_OPEN = frozenset({TaskState.PENDING, TaskState.READY, TaskState.RUNNING})
TASK_IS_DUE = or_(TASKS.c.not_before.is_(None), TASKS.c.not_before <= database_now())


class IllegalMove(PresstimeError):
    """A bug of ours: a state that may not follow."""

    def __init__(self, run_id: UUID, new: RunState) -> None:
        super().__init__(f"run {run_id} is in a state that {new} may not follow")


def move_run(session: Session, run: Run, new: RunState, **values: Any) -> None:
    """Change the state of a run whose row the caller has locked, and other columns with it."""
    changed = {"state": new, **values}
    after = session.execute(
        update(Run)
        .where(Run.id == run.id, Run.state.in_([old for old, moves in RUN_MOVES.items() if new in moves]))
        .values(**changed)
        .returning(*(getattr(Run, name) for name in changed))
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if after is None:
        raise IllegalMove(run.id, new)
    for name, value in zip(changed, after, strict=True):
        set_committed_value(run, name, value)

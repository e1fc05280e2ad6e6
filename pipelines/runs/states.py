"""Which state may follow which. Every change of a run's or a task's state goes through here.

The database refuses what may not follow: each change is an UPDATE on condition of the state before.
"""

from typing import Any, TypeVar

from sqlalchemy import text, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from presstime.errors import PresstimeError
from presstime.models import Run, RunState, Task, TaskState
from presstime.models.runs import UNFINISHED, UNSUCCESSFUL

State = TypeVar("State", RunState, TaskState)

RUN_MOVES: dict[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.SKIPPED, RunState.FAILED, RunState.CANCELLED}),
    RunState.RUNNING: frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED}),
    RunState.SUCCEEDED: frozenset(),
    RunState.FAILED: frozenset({RunState.QUEUED}),
    RunState.CANCELLED: frozenset({RunState.QUEUED}),
    RunState.SKIPPED: frozenset(),
}
TASK_MOVES: dict[TaskState, frozenset[TaskState]] = {
    TaskState.PENDING: frozenset({TaskState.READY, TaskState.SKIPPED, TaskState.CANCELLED}),
    TaskState.READY: frozenset(
        {TaskState.RUNNING, TaskState.PENDING, TaskState.SKIPPED, TaskState.CANCELLED}
    ),
    TaskState.RUNNING: frozenset(
        {
            TaskState.SUCCEEDED,
            TaskState.FAILED,
            TaskState.READY,  # a retry, a loss or a hand-back
            TaskState.SKIPPED,  # the step itself said that there is nothing to do
            TaskState.CANCELLED,
        }
    ),
    TaskState.SUCCEEDED: frozenset(),
    TaskState.FAILED: frozenset({TaskState.PENDING}),
    TaskState.SKIPPED: frozenset({TaskState.PENDING}),
    TaskState.CANCELLED: frozenset({TaskState.PENDING}),
}
RUN_FINAL = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED, RunState.SKIPPED})
# The same in the words of partial indexes: without them a look at what goes on would read all that ever ran.
IS_UNFINISHED = text(f"runs.{UNFINISHED}")
IS_UNSUCCESSFUL = text(f"runs.{UNSUCCESSFUL}")
TASK_OPEN = frozenset({TaskState.PENDING, TaskState.READY, TaskState.RUNNING})


class IllegalMove(PresstimeError):
    """A bug of ours: a state that may not follow."""

    def __init__(self, what: str, new: str) -> None:
        super().__init__(f"{what} is in a state that {new} may not follow")


def move_run(session: Session, run: Run, new: RunState, **values: Any) -> None:
    """Change the state of a run whose row the caller has locked, and other columns with it."""
    _move(session, run, new, sources_of(new, RUN_MOVES), values)


def move_task(session: Session, task: Task, new: TaskState, **values: Any) -> None:
    """Change the state of a task whose run the caller has locked, and other columns with it."""
    _move(session, task, new, sources_of(new, TASK_MOVES), values)


def sources_of(new: State, moves: dict[State, frozenset[State]]) -> list[State]:
    """The states that `new` may follow: the condition of an UPDATE."""
    return [old for old, allowed in moves.items() if new in allowed]


def _move(session: Session, row: Run | Task, new: object, sources: list[Any], values: dict[str, Any]) -> None:
    model = type(row)
    changed = {"state": new, **values}
    after = session.execute(
        update(model)
        .where(model.id == row.id, model.state.in_(sources))
        .values(**changed)
        .returning(*(getattr(model, name) for name in changed))
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if after is None:
        raise IllegalMove(f"{model.__name__.lower()} {row.id}", str(new))
    for name, value in zip(changed, after, strict=True):
        set_committed_value(row, name, value)

"""Which state may follow which. Every change of a run's or a task's state goes through here."""

from presstime.errors import PresstimeError
from presstime.models import Run, RunState, Task, TaskState

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
            TaskState.RUNNING,  # claimed again after its lease ran out
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
TASK_OPEN = frozenset({TaskState.PENDING, TaskState.READY, TaskState.RUNNING})


class IllegalMove(PresstimeError):
    """A bug of ours: a state that may not follow."""

    def __init__(self, what: str, old: str, new: str) -> None:
        super().__init__(f"{what} is {old} and cannot become {new}")


def move_run(run: Run, new: RunState) -> None:
    """Change the state of a run whose row the caller has locked."""
    if new not in RUN_MOVES[run.state]:
        raise IllegalMove(f"run {run.id}", run.state, new)
    run.state = new


def move_task(task: Task, new: TaskState) -> None:
    """Change the state of a task whose run the caller has locked."""
    if new not in TASK_MOVES[task.state]:
        raise IllegalMove(f"task {task.id} ({task.step})", task.state, new)
    task.state = new


def sources_of(new: TaskState) -> list[TaskState]:
    """The states that `new` may follow: the condition of an UPDATE over many tasks."""
    return [old for old, allowed in TASK_MOVES.items() if new in allowed]

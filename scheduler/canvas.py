"""Turns a stage into a Celery canvas: a chain, or a chord, that ends in `advance`. Holds ids only."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from celery import Celery, chain, chord
from celery.canvas import Signature
from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.graph import Graph
from presstime.models import Run, Stage, StepKind, Task, TaskState

QUEUE = {
    StepKind.EXTRACT: "extract",
    StepKind.TRANSFORM: "transform",
    StepKind.CHECK: "transform",
    StepKind.REPORT: "report",
    StepKind.LOAD: "report",
}
SOFT_MARGIN = 5.0  # seconds between a step's own time limit, which it can catch, and the hard one


@dataclass(frozen=True)
class TaskRef:
    """What a message needs to know about a task."""

    id: UUID
    step: str
    kind: StepKind
    timeout: float | None


def read_stage(session: Session, stage: Stage) -> list[list[TaskRef]]:
    """The stage's tasks that are still to be done, by branch."""
    run = session.get_one(Run, stage.run_id)
    timeouts = {node.name: node.timeout_s for node in Graph.from_json(run.graph).nodes}
    rows = session.execute(
        select(Task.id, Task.step, Task.kind, Task.branch)
        .where(Task.stage_id == stage.id, Task.state.in_([TaskState.PENDING, TaskState.READY]))
        .order_by(Task.branch, Task.place)
    )
    branches: dict[int, list[TaskRef]] = {}
    for task_id, step, kind, branch in rows:
        branches.setdefault(branch, []).append(TaskRef(task_id, step, kind, timeouts[step]))
    return list(branches.values())


def compile_stage(
    app: Celery, run_id: UUID, stage_id: UUID, branches: Sequence[Sequence[TaskRef]]
) -> Signature:
    """The canvas of a stage. Its signatures are made anew each time: a second send is another canvas."""
    end = advance_signature(app, run_id, stage_id)
    if len(branches) > 1:
        return chord([_branch(app, branch) for branch in branches], end)
    return chain(*[task_signature(app, task) for branch in branches for task in branch], end)


def task_signature(app: Celery, task: TaskRef) -> Signature:
    options: dict[str, object] = {"queue": QUEUE[task.kind]}
    if task.timeout is not None:
        options |= {"soft_time_limit": task.timeout, "time_limit": task.timeout + SOFT_MARGIN}
    return app.signature("presstime.step", args=(str(task.id),), immutable=True, options=options)


def advance_signature(app: Celery, run_id: UUID, stage_id: UUID | None = None) -> Signature:
    args = (str(run_id), str(stage_id) if stage_id else None)
    return app.signature("presstime.advance", args=args, immutable=True, options={"queue": "control"})


def _branch(app: Celery, tasks: Sequence[TaskRef]) -> Signature:
    signatures = [task_signature(app, task) for task in tasks]
    return signatures[0] if len(signatures) == 1 else chain(*signatures)

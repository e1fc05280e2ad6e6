"""Turns a stage into a Celery canvas: a chain, or a chord, that ends in `advance`. Holds ids only."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from celery import Celery, chain, chord
from celery.canvas import Signature
from sqlalchemy import Text, bindparam, cast, select
from sqlalchemy.orm import Session

from pipelines.graph import Node, parse_graph
from presstime.models import Lane, StepKind, TaskState
from presstime.models.tables import RUNS, STAGES, TASKS
from scheduler.queues import CONTROL, queue_of

OPEN_TASKS = (
    select(TASKS.c.id, TASKS.c.step, TASKS.c.kind, TASKS.c.branch)
    .where(TASKS.c.stage_id == bindparam("stage"), TASKS.c.state.in_([TaskState.PENDING, TaskState.READY]))
    .order_by(TASKS.c.branch, TASKS.c.place)
)
STAGE = (
    select(STAGES.c.lane, cast(RUNS.c.graph, Text).label("graph"))
    .join(RUNS, RUNS.c.id == STAGES.c.run_id)
    .where(STAGES.c.id == bindparam("stage"))
)
TASK = (
    select(TASKS.c.id, TASKS.c.step, TASKS.c.kind, STAGES.c.lane, cast(RUNS.c.graph, Text).label("graph"))
    .join(RUNS, RUNS.c.id == TASKS.c.run_id)
    .outerjoin(STAGES, STAGES.c.id == TASKS.c.stage_id)
    .where(TASKS.c.id == bindparam("task"))
)
# After the database has failed an attempt for its time, its process is killed: never before.
KILL_LATER = 1.0  # seconds


@dataclass(frozen=True)
class TaskRef:
    """The part of a task that its message needs."""

    id: UUID
    queue: str
    soft_limit_s: float
    hard_limit_s: float


def read_stage(session: Session, stage_id: UUID) -> list[list[TaskRef]]:
    """The stage's tasks that are still to be done, by branch; none when it is gone."""
    stage = session.execute(STAGE, {"stage": stage_id}).one_or_none()
    if stage is None:
        return []
    graph = parse_graph(stage.graph)
    branches: dict[int, list[TaskRef]] = {}
    for row in session.execute(OPEN_TASKS, {"stage": stage_id}):
        branches.setdefault(row.branch, []).append(_task(row.id, row.kind, stage.lane, graph.node(row.step)))
    return list(branches.values())


def read_task(session: Session, task_id: UUID) -> TaskRef | None:
    row = session.execute(TASK, {"task": task_id}).one_or_none()
    if row is None:
        return None
    return _task(row.id, row.kind, row.lane or Lane.BULK, parse_graph(row.graph).node(row.step))


def _task(task_id: UUID, kind: StepKind, lane: Lane, node: Node) -> TaskRef:
    return TaskRef(task_id, queue_of(kind, lane), node.soft_limit_s, node.hard_limit_s + KILL_LATER)


def compile_stage(
    app: Celery, run_id: UUID, stage_id: UUID, branches: Sequence[Sequence[TaskRef]]
) -> Signature:
    """The canvas of a stage. Its signatures are made anew each time: a second send is another canvas."""
    end = _advance_signature(app, run_id, stage_id)
    if len(branches) > 1:
        return chord([_branch(app, branch) for branch in branches], end)
    return chain(*[task_signature(app, task) for branch in branches for task in branch], end)


def task_signature(app: Celery, task: TaskRef) -> Signature:
    options = {
        "queue": task.queue,
        "soft_time_limit": task.soft_limit_s,
        "time_limit": task.hard_limit_s,
    }
    return app.signature("presstime.step", args=(str(task.id),), immutable=True, options=options)


def _advance_signature(app: Celery, run_id: UUID, stage_id: UUID) -> Signature:
    args = (str(run_id), str(stage_id))
    return app.signature("presstime.advance", args=args, immutable=True, options={"queue": CONTROL})


def _branch(app: Celery, tasks: Sequence[TaskRef]) -> Signature:
    signatures = [task_signature(app, task) for task in tasks]
    return signatures[0] if len(signatures) == 1 else chain(*signatures)

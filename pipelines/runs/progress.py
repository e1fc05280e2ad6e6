"""Counts in the database how far each step of a run is: a map may have ten thousand tasks."""

from typing import Any

from sqlalchemy import and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from pipelines.graph import Graph
from pipelines.runs.planning import Progress
from pipelines.runs.states import TASK_IS_DUE, TASK_OPEN
from presstime.models import Run, TaskState
from presstime.models.tables import TASKS

SKIP = "Skip"  # `error_type` of a task that was skipped by choice, its own or that of a step before it
BROKEN = "Upstream"  # `error_type` of a task that was skipped because of a failure before it


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


IS_OPEN = TASKS.c.state.in_(TASK_OPEN)
KEPT_FROM_RUNNING = and_(TASKS.c.state == TaskState.SKIPPED, TASKS.c.error_type == BROKEN)
COUNTS = (
    select(
        TASKS.c.step,
        _count(IS_OPEN),
        _count(and_(IS_OPEN, TASKS.c.stage_id.is_(None), TASKS.c.state != TaskState.RUNNING, TASK_IS_DUE)),
        _count(TASKS.c.state == TaskState.SUCCEEDED),
        # In a run that goes on, what was cancelled was left so when another task alone was tried again.
        _count(TASKS.c.state.in_([TaskState.FAILED, TaskState.CANCELLED])),
        _count(and_(TASKS.c.state == TaskState.SKIPPED, TASKS.c.error_type == SKIP)),
        _count(KEPT_FROM_RUNNING),
    )
    .where(TASKS.c.run_id == bindparam("run"))
    .group_by(TASKS.c.step)
)


def progress_of(session: Session, run: Run, graph: Graph) -> dict[str, Progress]:
    rows = session.execute(COUNTS, {"run": run.id})
    progress = {step: _counted([int(n) for n in counts]) for step, *counts in rows}
    for node in graph.nodes:
        if node.name not in progress:
            progress[node.name] = _without_tasks(run.expanded.get(node.name))
    return progress


def _counted(counts: list[int]) -> Progress:
    still_open, free, succeeded, failed, absent, broken = counts
    return Progress(still_open, free, succeeded, failed, absent, broken)


def _without_tasks(expanded: dict[str, Any] | None) -> Progress:
    if expanded is None:
        return Progress(expanded=False)
    return Progress(
        broken=int("broken" in expanded), absent=int("absent" in expanded), failed=int("failed" in expanded)
    )

"""How far each step of a run is, counted in the database: a map may have ten thousand tasks."""

from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from pipelines.graph import Graph
from pipelines.runs.left import Progress
from pipelines.runs.states import TASK_OPEN
from presstime.database import database_now
from presstime.models import Run, Task, TaskState

SKIP = "Skip"  # `error_type` of a task that was skipped by choice, its own or that of a step before it
BROKEN = "Upstream"  # `error_type` of a task that was skipped because of a failure before it


def progress_of(session: Session, run: Run, graph: Graph) -> dict[str, Progress]:
    is_open = Task.state.in_(TASK_OPEN)
    due = or_(Task.not_before.is_(None), Task.not_before <= database_now())

    def count(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    rows = session.execute(
        select(
            Task.step,
            count(is_open),
            count(and_(is_open, Task.stage_id.is_(None), Task.state != TaskState.RUNNING, due)),
            count(Task.state == TaskState.SUCCEEDED),
            # In a run that goes on, what was cancelled was left so when another task alone was tried again.
            count(Task.state.in_([TaskState.FAILED, TaskState.CANCELLED])),
            count(and_(Task.state == TaskState.SKIPPED, Task.error_type == SKIP)),
            count(and_(Task.state == TaskState.SKIPPED, Task.error_type == BROKEN)),
        )
        .where(Task.run_id == run.id)
        .group_by(Task.step)
    )
    found = {step: _counted([int(n) for n in counts]) for step, *counts in rows}
    for node in graph.nodes:
        if node.name not in found:
            found[node.name] = _without_tasks(run.expanded.get(node.name))
    return found


def _counted(counts: list[int]) -> Progress:
    still_open, free, succeeded, failed, absent, broken = counts
    return Progress(still_open, free, succeeded, failed, absent, broken)


def _without_tasks(expanded: dict[str, Any] | None) -> Progress:
    if expanded is None:
        return Progress(expanded=False)
    return Progress(
        broken=int("broken" in expanded), absent=int("absent" in expanded), failed=int("failed" in expanded)
    )

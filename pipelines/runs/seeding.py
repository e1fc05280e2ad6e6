"""A run that never was, for tests: of the interval before, with results that are given. Knows no broker."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from pipelines.graph import Node
from pipelines.interval import preceding
from pipelines.loading.loaded import LoadedPipeline, LoadedStep
from pipelines.names import did_you_mean
from pipelines.results.store import save
from pipelines.results.values import canonical
from pipelines.runs.request import RunRequest
from pipelines.runs.submit import submit
from pipelines.runs.task_rows import ADD_TASKS, task_row
from presstime.artifacts import Artifacts
from presstime.errors import PresstimeError
from presstime.models import OutboxMessage, RunState, TaskState
from presstime.models.tables import STAGES, TASKS


class NotTaken(PresstimeError):
    """A result of a step is given that no step takes as Previous."""

    def __init__(self, step: str, taken: list[str]) -> None:
        guess = did_you_mean(step, taken) if taken else "; no step takes any"
        super().__init__(f"previous= gives a result of {step!r}, which no step takes as Previous{guess}")


def seed_run(
    session: Session,
    loaded: LoadedPipeline,
    request: RunRequest,
    results: Mapping[str, Any],
    artifacts: Artifacts,
) -> None:
    """Raises NotTaken, and ResultRefused for a result that is not of its step's type."""
    taken = sorted({step for node in loaded.graph.nodes for step in node.previous})
    for step in results:
        if step not in taken:
            raise NotTaken(step, taken)
    interval = preceding(request.interval) if request.interval else None
    run = submit(session, replace(request, interval=interval), lambda _: [])
    session.flush()
    session.execute(delete(OutboxMessage).where(OutboxMessage.run_id == run.id))
    session.execute(delete(TASKS).where(TASKS.c.run_id == run.id))
    session.execute(delete(STAGES).where(STAGES.c.run_id == run.id))
    for step, value in results.items():
        prefix = f"runs/{run.id}/{step}"
        tasks = list(_tasks(run.id, loaded.graph.node(step), loaded.steps[step], value, artifacts, prefix))
        if tasks:
            session.execute(ADD_TASKS, tasks)
    run.state, run.finished_at = RunState.SUCCEEDED, request.as_of
    session.flush()


def _tasks(  # noqa: PLR0917 # what a task is made of
    run_id: UUID, node: Node, step: LoadedStep, value: Any, artifacts: Artifacts, prefix: str
) -> Iterator[dict[str, Any]]:
    parts = (
        [(canonical(item, step.item), one) for item, one in value.items()] if node.mapped else [(None, value)]
    )
    for position, (item, part) in enumerate(parts):
        yield {
            **task_row(run_id, node, item, position),
            "state": TaskState.SUCCEEDED,
            "attempt": 1,
            "output": save(part, step.result, artifacts, f"{prefix}-{position}", step=node.name),
        }

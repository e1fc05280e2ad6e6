"""A run that never was, for tests: of the interval before, with results that are given. Knows no broker."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from pipelines.graph import Node
from pipelines.interval import preceding
from pipelines.loading.loaded import LoadedPipeline, LoadedStep
from pipelines.names import did_you_mean
from pipelines.results.store import save
from pipelines.results.values import canonical
from pipelines.runs.claims import STAGES, TASKS
from pipelines.runs.fan_out import item_key
from pipelines.runs.submit import RunRequest, submit
from presstime.artifacts import Artifacts
from presstime.database import database_now
from presstime.errors import PresstimeError
from presstime.ids import new_id
from presstime.models import OutboxMessage, RunState, StepKind, TaskState


class NotTaken(PresstimeError):
    """A result of a step is given that no step takes as Previous."""

    def __init__(self, step: str, taken: list[str]) -> None:
        guess = did_you_mean(step, taken) if taken else "; no step takes any"
        super().__init__(f"previous= gives a result of {step!r}, which no step takes as Previous{guess}")


def remember_run(
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
            session.execute(insert(TASKS).values(created_at=database_now()), tasks)
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
            "id": new_id(),
            "run_id": run_id,
            "step": node.name,
            "kind": StepKind(node.kind),
            "item": item,
            "item_key": item_key(item) if item is not None else "",
            "position": position,
            "state": TaskState.SUCCEEDED,
            "branch": 0,
            "place": 0,
            "waiting": False,
            "attempt": 1,
            "errors": 0,
            "losses": 0,
            "output": save(part, step.result, artifacts, f"{prefix}-{position}", step=node.name),
        }

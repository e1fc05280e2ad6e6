"""Finds what the tasks of a run left behind: their logs, their failed attempts, the stages that sent them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, undefer

from pipelines.graph import Graph
from presstime.models import Event, FailedAttempt, Run, Stage, Task, TaskState

AT_ONCE = 100  # tasks read together: each may hold a quarter of a megabyte of log

Traces = tuple[Task, Sequence[FailedAttempt]]


@dataclass(frozen=True)
class StepTask:
    """A task of a step, as far as it takes to choose it."""

    id: UUID
    item: str | None
    state: TaskState


@dataclass(frozen=True)
class PublishedStage:
    """A stage of a run with the branches of steps that it was planned with."""

    stage: Stage
    branches: list[Any]


def step_tasks(session: Session, run_id: UUID, step: str) -> list[StepTask]:
    """The tasks of a step, in the order of their items."""
    rows = session.execute(
        select(Task.id, Task.item, Task.state)
        .where(Task.run_id == run_id, Task.step == step)
        .order_by(Task.position)
    )
    return [StepTask(*row) for row in rows]


def tasks_with_traces(session: Session, run: Run) -> list[UUID]:
    """The tasks that logged something or failed, in the order of the steps, and then of the items."""
    order = {node.name: position for position, node in enumerate(Graph.from_json(run.graph).nodes)}
    traced = or_(
        Task.log.is_not(None), Task.error.is_not(None), exists().where(FailedAttempt.task_id == Task.id)
    )
    rows = session.execute(select(Task.id, Task.step, Task.position).where(Task.run_id == run.id, traced))
    return [row.id for row in sorted(rows, key=lambda row: (order[row.step], row.position))]


def traces_of(session: Session, ids: Sequence[UUID]) -> Iterator[Traces]:
    """Each of these tasks with its failed attempts; a few are read at a time.

    Ten thousand logs need not fit into memory.
    """
    for first in range(0, len(ids), AT_ONCE):
        batch = ids[first : first + AT_ONCE]
        query = select(Task).where(Task.id.in_(batch)).options(undefer(Task.log), undefer(Task.traceback))
        tasks = {task.id: task for task in session.scalars(query)}
        failed = defaultdict[UUID, list[FailedAttempt]](list)
        for attempt in session.scalars(
            select(FailedAttempt).where(FailedAttempt.task_id.in_(batch)).order_by(FailedAttempt.attempt)
        ):
            failed[attempt.task_id].append(attempt)
        for task_id in batch:
            yield tasks[task_id], failed[task_id]
        session.expunge_all()


def published_stages(session: Session, run_id: UUID) -> list[PublishedStage]:
    """The stages of a run in their order, each as it was planned."""
    stages = session.scalars(select(Stage).where(Stage.run_id == run_id).order_by(Stage.number)).all()
    planned = session.scalars(
        select(Event.data).where(Event.run_id == run_id, Event.kind == "stage.planned").order_by(Event.number)
    )
    branches = {data["stage"]: data["steps"] for data in planned}
    return [PublishedStage(stage, branches[stage.number]) for stage in stages]

"""Runs, their tasks and events, as clients see them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue
from sqlalchemy import Row

from api.schemas.reports import ReportOut, item_value
from pipelines.graph import Graph
from presstime.models import Event, FailedAttempt, Run, RunState, StepKind, Task, TaskState, Trigger


class IntervalOut(BaseModel):
    """The period that the run reports on: `start <= t < end`."""

    label: str = Field(examples=["2013-01"])
    start: datetime
    end: datetime


class RunOut(BaseModel):
    """One execution of a pipeline."""

    id: UUID
    pipeline: str
    state: RunState
    error: str | None = Field(description="The line that says why it failed.")
    trigger: Trigger
    actor: str | None = Field(description="Who or what asked for it.")
    interval: IntervalOut | None
    scheduled_for: datetime | None
    late_at: datetime | None = Field(
        description="The deadline of its schedule, if it was not finished by it."
    )
    code_version: str
    generation: int = Field(description="1, and one more with each retry of the whole run.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, run: Run) -> "RunOut":
        return cls(**_summary(run))


class RunPage(BaseModel):
    """Newest first."""

    items: list[RunOut]
    next: str | None = Field(description="`cursor` of the next page; null: this is the last.")


class TaskOut(BaseModel):
    """One execution unit of a step; a mapped step has one for each item."""

    id: UUID
    step: str
    kind: StepKind
    item: JsonValue = Field(description="Of a mapped step; null otherwise.")
    position: int = Field(description="Of the item in its list.")
    state: TaskState
    attempt: int = Field(description="The newest attempt; 0 before the first.")
    errors: int = Field(description="Attempts that ended with an exception of the step's own.")
    losses: int = Field(description="Attempts whose worker vanished.")
    error: str | None
    error_type: str | None
    findings: list[JsonValue] = Field(description="What a check found.")
    rows: int | None = Field(description="Of its result, where that is a table or a list.")
    worker: str | None
    not_before: datetime | None = Field(description="When it is tried again.")
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: Row[*tuple[Any, ...]]) -> "TaskOut":
        fields = dict(row._mapping)  # noqa: SLF001 # SQLAlchemy's public name for it, underscored to leave columns theirs
        return cls(**fields | {"item": item_value(row.item), "findings": row.findings or []})


class FailedAttemptOut(BaseModel):
    """One try of a task that came to nothing; kept when a later one succeeds."""

    attempt: int
    worker: str | None
    started_at: datetime | None
    ended_at: datetime
    error: str
    error_type: str = Field(
        description="The exception's class; `Lost` or `HandedBack` when the process or its worker ended."
    )
    traceback: str | None
    log: str | None

    @classmethod
    def of(cls, kept: FailedAttempt) -> "FailedAttemptOut":
        return cls(**{name: getattr(kept, name) for name in cls.model_fields})


class TaskDetail(TaskOut):
    """A task with its traces."""

    log: str | None = Field(description="What the newest attempt that came to an end has logged.")
    traceback: str | None = Field(description="Of the exception that `error` names.")
    failed_attempts: list[FailedAttemptOut] = Field(
        description="In order; the newest attempt is among them when it came to nothing."
    )

    @classmethod
    def of_parts(cls, task: Task, failed: Sequence[FailedAttempt]) -> "TaskDetail":
        own = {name: getattr(task, name) for name in TaskOut.model_fields.keys() - {"rows"}}
        result = task.output or {}
        return cls(
            **own | {"item": item_value(task.item), "findings": task.findings or []},
            rows=result.get("rows"),
            log=task.log,
            traceback=task.traceback,
            failed_attempts=[FailedAttemptOut.of(kept) for kept in failed],
        )


class StepCounts(BaseModel):
    """How far one step is, whole even where the list of tasks is cut."""

    step: str
    kind: StepKind
    mapped: bool
    tasks: dict[TaskState, int] = Field(description="Tasks by state; empty before a map's items are known.")


class RunDetail(RunOut):
    """A run with all that belongs to it."""

    params: dict[str, JsonValue]
    timezone: str
    as_of: datetime = Field(description="`now` for every attempt of every step.")
    schedule_id: UUID | None
    rerun_of: UUID | None
    file_sha256: str = Field(description="Of the pipeline's file.")
    deadline_at: datetime | None
    notes: list[str]
    events: int = Field(description="The number of its newest event.")
    steps: list[StepCounts] = Field(description="In an order in which they can run.")
    tasks: list[TaskOut] = Field(
        description="At most 500, in the order of the steps. Of more, those that failed are chosen "
        "first, then running ones, then ready ones; `steps` counts all."
    )
    tasks_total: int
    reports: list[ReportOut]

    @classmethod
    def of_parts(
        cls,
        run: Run,
        counts: Mapping[str, Mapping[TaskState, int]],
        tasks: Sequence[Row[*tuple[Any, ...]]],
        reports: Sequence[ReportOut],
        newest_event: int,
    ) -> "RunDetail":
        nodes = Graph.from_json(run.graph).nodes
        order = {node.name: place for place, node in enumerate(nodes)}
        found = [TaskOut.of(task) for task in tasks]
        return cls(
            **_summary(run),
            params=run.params,
            timezone=run.timezone,
            as_of=run.as_of,
            schedule_id=run.schedule_id,
            rerun_of=run.rerun_of,
            file_sha256=run.file_sha256,
            deadline_at=run.deadline_at,
            notes=run.notes,
            events=newest_event,
            steps=[
                StepCounts(
                    step=node.name,
                    kind=StepKind(node.kind),
                    mapped=node.mapped,
                    tasks=dict(counts.get(node.name, {})),
                )
                for node in nodes
            ],
            tasks=sorted(found, key=lambda task: (order.get(task.step, len(order)), task.position)),
            tasks_total=sum(sum(states.values()) for states in counts.values()),
            reports=list(reports),
        )


class EventOut(BaseModel):
    """One thing that happened to a run."""

    number: int = Field(description="From 1, without gaps; send the last one seen as `after`.")
    at: datetime
    kind: str = Field(examples=["run.queued"])
    task_id: UUID | None
    data: dict[str, JsonValue]

    @classmethod
    def of(cls, event: Event) -> "EventOut":
        return cls(number=event.number, at=event.at, kind=event.kind, task_id=event.task_id, data=event.data)


def _summary(run: Run) -> dict[str, Any]:
    interval = None
    if run.interval_start is not None and run.interval_end is not None:
        # A row that was written just now still holds them in the pipeline's zone, one that was read in UTC.
        start, end = run.interval_start.astimezone(UTC), run.interval_end.astimezone(UTC)
        interval = IntervalOut(label=run.interval_label or "", start=start, end=end)
    return {
        "id": run.id,
        "pipeline": run.pipeline,
        "state": run.state,
        "error": run.error,
        "trigger": run.trigger,
        "actor": run.actor,
        "interval": interval,
        "scheduled_for": run.scheduled_for,
        "late_at": run.late_at,
        "code_version": run.code_version,
        "generation": run.generation,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }

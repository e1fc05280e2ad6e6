"""Runs, their stages, tasks and events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from presstime.models.base import Base, Id, Json, Name, Sha256, partial_index
from presstime.models.states import Lane, RunState, StageKind, StepKind, TaskState, Trigger

# Conditions of partial indexes. A query uses such an index only if it says the same words, without parameters.
UNFINISHED = "state IN ('queued', 'running')"
UNSUCCESSFUL = "state <> 'succeeded'"
HELD = "lease_until IS NOT NULL"
FREE = "stage_id IS NULL"
PINNING = "CAST(pins AS TEXT) <> '{}'"


class Run(Base):
    """One execution of a pipeline, with everything that was fixed when it was asked for."""

    __tablename__ = "runs"
    __table_args__ = (
        partial_index("ix_runs_unfinished", "id", where=UNFINISHED),
        # Among a million that went well, the few that somebody asks for.
        partial_index("ix_runs_unsuccessful", "id", where=UNSUCCESSFUL),
        Index("ix_runs_pipeline_id", "pipeline", "id"),
        # Whether a period has had its run.
        partial_index("ix_runs_interval", "pipeline", "interval_start", where="interval_start IS NOT NULL"),
        partial_index("ix_runs_pinning", "id", where=PINNING),
        # Without it each run that is deleted would be looked for in every other.
        partial_index("ix_runs_rerun_of", "rerun_of", where="rerun_of IS NOT NULL"),
    )

    id: Mapped[Id]
    pipeline: Mapped[Name] = mapped_column(ForeignKey("pipelines.name"))
    state: Mapped[RunState]
    error: Mapped[str | None]  # the line that says why it failed
    trigger: Mapped[Trigger]
    actor: Mapped[Name | None]
    params: Mapped[Json]
    graph: Mapped[Json]
    policies: Mapped[Json]
    code_version: Mapped[Name]
    file_sha256: Mapped[Sha256]
    as_of: Mapped[datetime]  # "now" for every attempt of every step
    interval_start: Mapped[datetime | None]
    interval_end: Mapped[datetime | None]
    interval_label: Mapped[Name | None]
    timezone: Mapped[Name]
    schedule_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedules.id", ondelete="SET NULL"))
    scheduled_for: Mapped[datetime | None]
    backfill_id: Mapped[UUID | None]
    rerun_of: Mapped[UUID | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    pins: Mapped[Json]  # results of other runs that this one builds on
    expanded: Mapped[Json]  # items of each mapped step, once they are known
    notes: Mapped[list[str]]
    priority: Mapped[int]  # above 0: somebody waits for it, so that its small stages overtake
    generation: Mapped[int]  # 1, and one more with each retry of the whole run
    deadline_at: Mapped[datetime | None]
    late_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    admitted_at: Mapped[datetime | None]  # when no other run held it back any more
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    results_pruned_at: Mapped[datetime | None]  # what its steps handed on is gone, and it cannot go on


class Stage(Base):
    """The part of a run that one canvas carries."""

    __tablename__ = "stages"
    __table_args__ = (UniqueConstraint("run_id", "number"),)

    id: Mapped[Id]
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    number: Mapped[int]
    generation: Mapped[int]
    kind: Mapped[StageKind]
    mapped: Mapped[bool]  # its branches are items of one step
    size: Mapped[int]
    open_tasks: Mapped[int]
    lane: Mapped[Lane]
    more: Mapped[bool]  # items of the same step wait for this chord to start
    published: Mapped[int]  # how often its canvas was sent
    published_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]  # its `advance` came; the last open task has to ask for another
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Task(Base):
    """One execution unit of a step in a run; a mapped step has one for each item."""

    __tablename__ = "tasks"
    __table_args__ = (
        UniqueConstraint("run_id", "step", "item_key"),
        Index("ix_tasks_stage_id", "stage_id", "branch", "place"),
        # The next chord of a map of ten thousand items, without a look at each of them.
        partial_index("ix_tasks_free", "run_id", "step", "position", where=FREE),
        partial_index("ix_tasks_waiting", "run_id", "step", where="waiting"),
        partial_index("ix_tasks_turned_away", "resource", where="waiting"),
        partial_index("ix_tasks_held", "run_id", "step", where=HELD),
    )

    id: Mapped[Id]
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    step: Mapped[Name]
    kind: Mapped[StepKind]
    item: Mapped[str | None]  # canonical JSON
    item_key: Mapped[Name]  # short digest of the item; empty for a step that is not mapped
    position: Mapped[int]  # of the item in its list
    state: Mapped[TaskState]
    stage_id: Mapped[UUID | None] = mapped_column(ForeignKey("stages.id", ondelete="SET NULL"))
    branch: Mapped[int]  # which chain of the stage's canvas
    place: Mapped[int]  # where in that chain
    resource: Mapped[Name | None]  # what it shares with tasks of other runs, few of which may run at a time
    waiting: Mapped[bool]  # was turned away by a limit; whoever frees a place sends it again
    attempt: Mapped[int]  # the fencing token; 0 before the first
    errors: Mapped[int]  # attempts that ended with the step's own exception
    losses: Mapped[int]  # attempts whose lease ran out
    not_before: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]  # set while a process holds it, cancelled or not
    time_limit_at: Mapped[datetime | None]  # of the attempt under way
    worker: Mapped[Name | None]
    pid: Mapped[int | None]
    output: Mapped[Json | None]
    findings: Mapped[list[Any] | None]
    log: Mapped[str | None] = mapped_column(deferred=True)
    error: Mapped[str | None]
    error_type: Mapped[Name | None]
    traceback: Mapped[str | None] = mapped_column(deferred=True)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class FailedAttempt(Base):
    """One try of a task that came to nothing: kept when a later one succeeds."""

    __tablename__ = "failed_attempts"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    worker: Mapped[Name | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime]
    error: Mapped[str]
    error_type: Mapped[Name]
    traceback: Mapped[str | None]
    log: Mapped[str | None]


class Event(Base):
    """One thing that happened to a run; numbered without gaps under the run's lock."""

    __tablename__ = "events"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[Name]
    task_id: Mapped[UUID | None]
    data: Mapped[Json]

"""Schedules, which say when runs start, and what was decided for each instant."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from presstime.models.base import Base, Id, Json, Name, partial_index
from presstime.models.states import Cause, Decision, Delay


class Schedule(Base):
    __tablename__ = "schedules"
    __table_args__ = (
        UniqueConstraint("pipeline", "name"),
        partial_index("ix_schedules_next_at", "next_at", where="removed_at IS NULL"),
        Index("ix_schedules_updated_at", "updated_at"),
        partial_index("ix_schedules_judge_at", "judge_at", where="judge_at IS NOT NULL"),
    )

    id: Mapped[Id]
    pipeline: Mapped[Name]
    name: Mapped[Name]
    spec: Mapped[Json]  # when, and by which policies: see `pipelines.timetables.kinds`
    timezone: Mapped[Name]
    declared: Mapped[Json | None]  # as code has it; null: made by an operator
    overrides: Mapped[Json | None]  # what an operator changed, kept over deploys
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[Name | None]
    paused_why: Mapped[str | None]
    paused_until: Mapped[datetime | None]
    ended_pauses: Mapped[
        list[Any] | None
    ]  # earlier ones (since, until, by, why) that may still hold for something
    resumed_at: Mapped[datetime | None]  # failures of before it are forgiven
    cursor: Mapped[datetime]  # every instant up to here has been decided
    next_at: Mapped[datetime | None]
    followed_since: Mapped[datetime | None]  # when it began to follow its `spec`
    judged: Mapped[datetime | None]  # whether it was late is known of every instant up to here
    judge_at: Mapped[datetime | None]  # the next deadline; null: it has none
    version: Mapped[int]  # grows with each change, so that a projection knows when it is stale
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Firing(Base):
    """The decision about one instant of a schedule, or about a stretch of equal ones."""

    __tablename__ = "firings"
    __table_args__ = (UniqueConstraint("schedule_id", "instant"),)

    id: Mapped[Id]
    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("schedules.id"))
    instant: Mapped[datetime]
    last_instant: Mapped[datetime]  # of the stretch; equal to `instant` for a single one
    count: Mapped[int]
    decision: Mapped[Decision]
    cause: Mapped[Cause | None]  # why skipped, as a word; `reason` says it to people
    reason: Mapped[str | None]
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), index=True)
    decided_at: Mapped[datetime]


class Lateness(Base):
    """An instant of a schedule whose run was not finished by its deadline, or a stretch of equal ones."""

    __tablename__ = "lateness"
    __table_args__ = (UniqueConstraint("schedule_id", "instant"),)

    id: Mapped[Id]
    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("schedules.id"))
    instant: Mapped[datetime]
    last_instant: Mapped[datetime]  # of the stretch; equal to `instant` for a single one
    count: Mapped[int]
    deadline: Mapped[datetime]  # of the first
    delay: Mapped[Delay]
    reason: Mapped[str | None]  # why there was no run, or why it failed
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), index=True)
    noticed_at: Mapped[datetime]

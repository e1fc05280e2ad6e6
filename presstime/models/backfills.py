"""Past periods that somebody has runs made of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from presstime.models.base import Base, Id, Json, Name
from presstime.models.states import BackfillState, ItemState, Rerun


class Backfill(Base):
    __tablename__ = "backfills"

    id: Mapped[Id]
    pipeline: Mapped[Name] = mapped_column(ForeignKey("pipelines.name"), index=True)
    schedule: Mapped[Name | None]  # whose instants and parameters it took
    params: Mapped[Json]  # resolved, as its runs have them
    state: Mapped[BackfillState]
    reason: Mapped[str | None]  # why it was paused by itself
    max_active: Mapped[int]  # runs of it that may be unfinished at a time
    newest_first: Mapped[bool]
    rerun: Mapped[Rerun]
    actor: Mapped[Name | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class BackfillItem(Base):
    """One period, in the order in which they are taken."""

    __tablename__ = "backfill_items"
    __table_args__ = (UniqueConstraint("backfill_id", "number"),)

    id: Mapped[Id]
    backfill_id: Mapped[UUID] = mapped_column(ForeignKey("backfills.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[ItemState]
    as_of: Mapped[datetime]  # the instant that its run would have been of
    interval_start: Mapped[datetime]
    interval_end: Mapped[datetime]
    interval_label: Mapped[Name]
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), index=True)

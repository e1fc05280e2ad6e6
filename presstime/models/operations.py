"""Rows that keep the machinery honest: what to publish, who leads, who lives, which keys were used."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from presstime.models.base import Base, Json, Name, Sha256, partial_index
from presstime.models.states import Intent


class OutboxMessage(Base):
    """An intent to send, committed with what makes it true; gone once it is sent."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_available_at", "available_at"),
        # Without these two each stage and each task that is deleted would be looked for in every row.
        partial_index("ix_outbox_stage_id", "stage_id", where="stage_id IS NOT NULL"),
        partial_index("ix_outbox_task_id", "task_id", where="task_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    intent: Mapped[Intent]
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    stage_id: Mapped[UUID | None] = mapped_column(ForeignKey("stages.id", ondelete="CASCADE"))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    available_at: Mapped[datetime]


class Leader(Base):
    """The lease by which one of several equal processes acts."""

    __tablename__ = "leaders"

    role: Mapped[Name] = mapped_column(primary_key=True)
    holder: Mapped[Name]
    lease_until: Mapped[datetime]
    since: Mapped[datetime]


class Heartbeat(Base):
    """A living process, as readiness and the page show it."""

    __tablename__ = "heartbeats"

    process: Mapped[Name] = mapped_column(primary_key=True)
    kind: Mapped[Name]
    host: Mapped[Name]
    pid: Mapped[int]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    detail: Mapped[Json]


class IdempotencyKey(Base):
    """A key that a client sent with a trigger, and the run that it made."""

    __tablename__ = "idempotency_keys"

    key: Mapped[Name] = mapped_column(primary_key=True)
    request_sha256: Mapped[Sha256]
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]

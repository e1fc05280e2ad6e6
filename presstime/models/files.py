"""Files that runs fetched and handed out; the bytes are in the artifact store, found by sha256."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from presstime.models.base import Base, Bytes, Id, Json, Name, Sha256, partial_index


class File(Base):
    """Immutable bytes; one file may serve many runs."""

    __tablename__ = "files"

    sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    bytes: Mapped[Bytes]
    media_type: Mapped[Name]
    created_at: Mapped[datetime]


class Snapshot(Base):
    """The body that one fetch of one attempt brought."""

    __tablename__ = "snapshots"
    __table_args__ = (UniqueConstraint("task_id", "attempt", "position"),)

    id: Mapped[Id]
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    position: Mapped[int]  # order of the fetches of one attempt
    method: Mapped[Name]
    url: Mapped[str]  # secrets in it are replaced before it comes here
    status: Mapped[int]
    media_type: Mapped[Name]
    encoding: Mapped[Name | None]
    sha256: Mapped[Sha256] = mapped_column(ForeignKey("files.sha256"), index=True)
    bytes: Mapped[Bytes]
    fetched_at: Mapped[datetime]


class Report(Base):
    """A file that a run hands to people."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("run_id", "name", "format"),
        UniqueConstraint("pipeline", "name", "format", "version"),
        Index("ix_reports_content_sha256", "content_sha256"),
        # Without these two each task and each report that is deleted would be looked for in every report.
        Index("ix_reports_task_id", "task_id"),
        partial_index("ix_reports_supersedes", "supersedes", where="supersedes IS NOT NULL"),
    )

    id: Mapped[Id]
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id"))
    attempt: Mapped[int]
    pipeline: Mapped[Name] = mapped_column(ForeignKey("pipelines.name"))
    step: Mapped[Name]
    item: Mapped[str | None]
    name: Mapped[str]  # equal for the same report of two runs: pipeline, step, item, interval
    filename: Mapped[str]
    format: Mapped[Name]
    version: Mapped[int]
    supersedes: Mapped[UUID | None] = mapped_column(ForeignKey("reports.id", ondelete="SET NULL"))
    sha256: Mapped[Sha256] = mapped_column(ForeignKey("files.sha256"), index=True)
    content_sha256: Mapped[Sha256 | None]  # without About: says whether the figures changed
    bytes: Mapped[Bytes]
    manifest: Mapped[Json]  # what did not determine the content: run, attempt, worker, durations
    created_at: Mapped[datetime]

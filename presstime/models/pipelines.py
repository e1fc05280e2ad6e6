"""Pipelines as last seen in code; kept after their file is gone, because runs and reports name them."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from presstime.models.base import Base, Json, Name, Sha256


class PipelineRow(Base):
    __tablename__ = "pipelines"

    name: Mapped[Name] = mapped_column(primary_key=True)
    title: Mapped[str]
    description: Mapped[str]
    owner: Mapped[Name | None]
    source: Mapped[str]  # "package.module" or the file's path, as people know it
    code_version: Mapped[Name | None]
    file_sha256: Mapped[Sha256 | None]
    period: Mapped[Name | None]
    timezone: Mapped[Name]
    graph: Mapped[Json | None]
    params_schema: Mapped[Json | None]
    load_error: Mapped[str | None]  # why the newest version of its file could not be loaded
    created_at: Mapped[datetime]
    loaded_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

"""Starts backfills, and lets paused ones go on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pipelines.backfills.control import resume_backfill
from pipelines.backfills.driving import drive
from pipelines.backfills.making import BackfillRequest, make
from pipelines.loading.loaded import LoadedPipeline
from pipelines.loading.registry import Registry
from pipelines.runs.fan_out import Reader
from pipelines.schedules.presence import ensure_rows
from presstime.models import Backfill


def start_backfill(  # noqa: PLR0917 # what is started, by whom and when
    session: Session,
    registry: Registry,
    loaded: LoadedPipeline,
    asked: BackfillRequest,
    actor: str,
    now: datetime,
    read: Reader,
) -> Backfill:
    """Make a backfill and start its first runs; the caller commits. Raises BadStretch or ParamsRefused."""
    ensure_rows(session, registry, loaded.name, now)
    row = make(session, loaded, asked, actor, now)
    drive(session, row.id, registry.get, read, now)
    return row


def continue_backfill(
    session: Session, registry: Registry, backfill_id: UUID, now: datetime, read: Reader
) -> Backfill:
    """Let a paused backfill go on, and start what may start now; the caller commits."""
    row = resume_backfill(session, backfill_id)
    drive(session, row.id, registry.get, read, now)
    return row

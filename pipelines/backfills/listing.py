"""Finds backfills, and the periods of one, for those who only look. Changes nothing."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.runs.short_ids import ids_like
from presstime.models import Backfill, BackfillItem, Run


def newest_backfills(
    session: Session, *, pipeline: str | None = None, before: UUID | None = None, limit: int
) -> Sequence[Backfill]:
    """Backfills, the newest first; with `before`, those older than that one."""
    query = select(Backfill).order_by(Backfill.id.desc()).limit(limit)
    if pipeline is not None:
        query = query.where(Backfill.pipeline == pipeline)
    if before is not None:
        query = query.where(Backfill.id < before)
    return session.scalars(query).all()


def backfills_like(session: Session, text: str) -> Sequence[UUID]:
    """The backfills whose ids start with `text`, two at the most."""
    return ids_like(session, Backfill.id, text)


def items_after(
    session: Session, backfill_id: UUID, number: int, limit: int
) -> list[tuple[BackfillItem, Run | None]]:
    """The periods behind that number, in order, each with its run where it has one."""
    rows = session.execute(
        select(BackfillItem, Run)
        .outerjoin(Run, Run.id == BackfillItem.run_id)
        .where(BackfillItem.backfill_id == backfill_id, BackfillItem.number > number)
        .order_by(BackfillItem.number)
        .limit(limit)
    )
    return [(item, run) for item, run in rows]

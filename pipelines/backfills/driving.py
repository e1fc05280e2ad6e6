"""Starts the runs of a backfill, as many at a time as it may have, until each of its periods had its turn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pipelines.backfills.existing import wants_run
from pipelines.interval import interval_between
from pipelines.loading.loaded import LoadedPipeline
from pipelines.runs.fan_out import Reader
from pipelines.runs.request import Origin, RunRequest, request_run
from pipelines.runs.states import IS_UNFINISHED
from pipelines.runs.submit import submit
from presstime.errors import PresstimeError
from presstime.models import Backfill, BackfillItem, BackfillState, ItemState, Run, Trigger

Finder = Callable[[str], LoadedPipeline]  # by name; raises UnknownPipeline


def drive(session: Session, backfill_id: UUID, find: Finder, read: Reader, now: datetime) -> None:
    """Start what may start now; the caller commits. A second call finds nothing to do.

    Whoever ends one of its runs asks for it again. A backfill that cannot go on pauses, and says why.
    """
    row = session.scalar(select(Backfill).where(Backfill.id == backfill_id).with_for_update())
    if row is None or row.state is not BackfillState.RUNNING:
        return
    free = row.max_active - _unfinished(session, row)
    while free > 0 and (item := _next(session, row)) is not None:
        try:
            request = _request(session, row, item, find, now)
        except PresstimeError as error:
            row.state, row.reason = BackfillState.PAUSED, str(error)
            return
        item.state = ItemState.LEFT_OUT
        if request is not None:
            item.state, item.run_id = ItemState.STARTED, submit(session, request, read).id
            free -= 1
        session.flush()
    if free == row.max_active:
        row.state, row.finished_at = BackfillState.FINISHED, now


def _unfinished(session: Session, row: Backfill) -> int:
    ours = select(func.count(Run.id)).where(IS_UNFINISHED, Run.backfill_id == row.id)
    return session.scalar(ours) or 0


def _next(session: Session, row: Backfill) -> BackfillItem | None:
    return session.scalar(
        select(BackfillItem)
        .where(BackfillItem.backfill_id == row.id, BackfillItem.state == ItemState.PENDING)
        .order_by(BackfillItem.number)
        .limit(1)
    )


def _request(
    session: Session, row: Backfill, item: BackfillItem, find: Finder, now: datetime
) -> RunRequest | None:
    """None when its period has had its run."""
    loaded = find(row.pipeline)
    zone = loaded.pipeline.timezone
    interval = interval_between(item.interval_start, item.interval_end, zone, item.interval_label)
    if not wants_run(session, row.pipeline, interval, row.params, row.rerun):
        return None
    request = request_run(
        loaded,
        params=row.params,
        interval=None,
        as_of=item.as_of,
        origin=Origin(Trigger.BACKFILL, row.actor, backfill_id=row.id),
        made_at=now,
    )
    return replace(request, interval=interval)

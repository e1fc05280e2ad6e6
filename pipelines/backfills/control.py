"""Operations on a backfill that people started: look it up, pause, resume and cancel it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pipelines.runs.ending import end_run
from pipelines.runs.states import IS_UNFINISHED
from presstime.errors import PresstimeError
from presstime.models import Backfill, BackfillItem, BackfillState, ItemState, Run, RunState

OVER = frozenset({BackfillState.CANCELLED, BackfillState.FINISHED})


class UnknownBackfill(PresstimeError):
    def __init__(self, name: object) -> None:
        super().__init__(f"no backfill {name}; `presstime backfills list` shows them")


class BackfillOver(PresstimeError):
    """A backfill is in a state in which this can not be done to it."""


def find_backfill(session: Session, backfill_id: UUID) -> Backfill:
    if (row := session.get(Backfill, backfill_id)) is None:
        raise UnknownBackfill(backfill_id)
    return row


def pause_backfill(session: Session, backfill_id: UUID, reason: str | None = None) -> Backfill:
    """Start no more runs; those under way go on."""
    row = _locked(session, backfill_id, BackfillState.RUNNING)
    row.state, row.reason = BackfillState.PAUSED, reason
    return row


def resume_backfill(session: Session, backfill_id: UUID) -> Backfill:
    """Let it go on; the caller drives it."""
    row = _locked(session, backfill_id, BackfillState.PAUSED)
    row.state, row.reason = BackfillState.RUNNING, None
    return row


def cancel_backfill(session: Session, backfill_id: UUID, actor: str, now: datetime) -> Backfill:
    """Start no more runs, and cancel those under way."""
    row = _locked(session, backfill_id, BackfillState.RUNNING, BackfillState.PAUSED)
    row.state, row.reason, row.finished_at = BackfillState.CANCELLED, f"cancelled by {actor}", now
    unfinished = (
        select(Run).where(IS_UNFINISHED, Run.backfill_id == row.id).order_by(Run.id).with_for_update()
    )
    for run in session.scalars(unfinished).all():
        end_run(session, run, RunState.CANCELLED, actor=actor)
    return row


def progress(session: Session, backfill_id: UUID) -> dict[str, int]:
    """Count the periods that are pending and left out, and the runs in each state."""
    rows = session.execute(
        select(BackfillItem.state, Run.state, func.count())
        .outerjoin(Run, Run.id == BackfillItem.run_id)
        .where(BackfillItem.backfill_id == backfill_id)
        .group_by(BackfillItem.state, Run.state)
    )
    counts = dict.fromkeys(("pending", "left_out", *RunState), 0)
    for item, run, count in rows:
        # A run that was pruned since has been over for long; how it ended is not known any more.
        counts[str(run or (item if item is not ItemState.STARTED else RunState.SUCCEEDED))] += count
    return counts


def _locked(session: Session, backfill_id: UUID, *states: BackfillState) -> Backfill:
    row = session.scalar(select(Backfill).where(Backfill.id == backfill_id).with_for_update())
    if row is None:
        raise UnknownBackfill(backfill_id)
    if row.state not in states:
        raise BackfillOver(f"backfill {row.id} is {row.state}, and was to be {' or '.join(states)} for this")
    return row

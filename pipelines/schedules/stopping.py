"""Schedules that stop after some failures in a row, until somebody resumes them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.schedules.pausing import is_paused, keep_ended
from pipelines.timetables.kinds import Schedule as Declared
from presstime.models import Firing, Run, RunState, Schedule

BY = "presstime"
COUNTED = (RunState.SUCCEEDED, RunState.FAILED)


def stop_if_failing(session: Session, row: Schedule, schedule: Declared, now: datetime) -> None:
    """Pause a schedule whose last runs all failed, from what is due on; the caller has locked its row."""
    count = schedule.stop_after
    if count is None or is_paused(row, now):
        return
    newest = (
        select(Run.state)
        .join(Firing, Firing.run_id == Run.id)
        .where(Firing.schedule_id == row.id, Run.state.in_(COUNTED))
        .order_by(Firing.instant.desc())
        .limit(count)
    )
    if row.resumed_at is not None:
        newest = newest.where(Firing.instant > row.resumed_at)
    if list(session.scalars(newest)) == [RunState.FAILED] * count:
        keep_ended(row)
        row.paused_at, row.paused_by, row.paused_until = row.cursor, BY, None
        row.paused_why = f"{count} failure{'s in a row' if count > 1 else ''}"

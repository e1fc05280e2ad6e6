"""Explains why a schedule did, or did not, start a run at some time."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.schedules.stored import timetable_of
from pipelines.timetables.describe import oddities
from pipelines.timetables.occurrences import Occurrence, Timetable
from presstime.models import Cause, Firing, Run, RunState, Schedule

SPANS = tuple(timedelta(days=days) for days in (1 / 24, 1, 32, 367, 5_000, 50_000))


@dataclass(frozen=True)
class Decided:
    """The recorded decision about an instant; `run` is what it started, if that is still there."""

    fired: bool
    cause: Cause | None
    reason: str | None
    first: datetime
    last: datetime
    count: int
    run: UUID | None
    run_state: RunState | None
    run_error: str | None


@dataclass(frozen=True)
class Answer:
    """The answer about the last instant of a schedule at or before a time; empty when there was no instant yet.

    `decided` is missing for an instant about which nothing was decided: one of before the schedule existed,
    one whose decision was pruned, or, with `undecided`, one for which no alarm has rung so far.
    """

    instant: datetime | None
    oddities: tuple[str, ...] = ()
    decided: Decided | None = None
    undecided: bool = False
    next: Occurrence | None = None


def explain(session: Session, schedule: Schedule, at: datetime) -> Answer:
    """Raises BadSchedule."""
    timetable = timetable_of(schedule)
    following = timetable.next(max(at, schedule.created_at))  # none counts of before it existed
    firing = session.scalar(
        select(Firing)
        .where(Firing.schedule_id == schedule.id, Firing.instant <= at)
        .order_by(Firing.instant.desc())
        .limit(1)
    )
    start = firing.instant if firing is not None else schedule.created_at
    last = _last(timetable, start, at)
    if last is None and firing is not None:
        last = _last(timetable, start - start.resolution, start) or Occurrence(start)
    if last is None:
        return Answer(None, next=following)
    covered = firing is not None and firing.instant <= last.instant <= firing.last_instant
    return Answer(
        last.instant,
        tuple(oddities(timetable, last)),
        _decided(session, firing) if covered and firing is not None else None,
        undecided=last.instant > schedule.cursor,
        next=following,
    )


def _last(timetable: Timetable, start: datetime, end: datetime) -> Occurrence | None:
    """The last one in the stretch, looked for from its end: a schedule of minutes may have half a million."""
    for span in SPANS:
        after = max(start, end - span)
        last = deque(timetable.occurrences(after, end), maxlen=1)
        if last or after == start:
            return last[0] if last else None
    return None


def _decided(session: Session, firing: Firing) -> Decided:
    run = session.get(Run, firing.run_id) if firing.run_id is not None else None
    return Decided(
        firing.cause is None,
        firing.cause,
        firing.reason,
        firing.instant,
        firing.last_instant,
        firing.count,
        firing.run_id,
        run.state if run else None,
        run.error if run else None,
    )

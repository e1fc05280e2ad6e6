"""Finds the instants of a schedule without a finished run by their deadline, those without any run among them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.runs.events import lock_run, record
from pipelines.runs.states import RUN_FINAL
from pipelines.schedules.stored import timetable_of
from pipelines.timetables.occurrences import Timetable
from presstime.ids import new_id
from presstime.models import Cause, Decision, Delay, Firing, Lateness, Run, RunState, Schedule

BATCH = 200  # deadlines of one transaction; the next look goes on behind them
DONE = frozenset({RunState.SUCCEEDED, RunState.SKIPPED})


@dataclass(frozen=True)
class Verdict:
    delay: Delay
    reason: str | None = None
    run_id: UUID | None = None


def judge(session: Session, schedule_id: UUID, now: datetime) -> list[Lateness]:
    """Judge the deadlines that have passed since the last look, and note what was missed; the caller commits.

    A run keeps the mark of a missed deadline, and has an event of it. Raises BadSchedule.
    """
    row = session.scalar(select(Schedule).where(Schedule.id == schedule_id).with_for_update())
    if row is None or row.removed_at is not None or row.judged is None:
        return []
    timetable = timetable_of(row)
    missed = []
    row.judge_at = None
    for number, instant in enumerate(_owed(session, row, row.judged, timetable)):
        deadline = timetable.deadline(instant)
        if deadline is None:
            break
        if deadline > now or number == BATCH:
            row.judge_at = deadline
            break
        if verdict := _verdict(session, row, instant, deadline):
            missed.append(_note(session, row, instant, deadline, verdict, now))
        row.judged = instant
    return missed


def mark_late(session: Session, run: Run, instant: datetime, deadline: datetime) -> None:
    """Mark a run as late whose row the caller has locked, or has made."""
    run.late_at = deadline
    data = {"instant": instant.isoformat(), "deadline": deadline.isoformat()}
    record(session, run.id, "run.late", data)


def _owed(session: Session, row: Schedule, judged: datetime, timetable: Timetable) -> Iterator[datetime]:
    """Instants behind `judged`: those for which runs were started before the last edit, then those to come."""
    since = row.followed_since or row.created_at
    fired = session.scalars(
        select(Firing.instant)
        .where(
            Firing.schedule_id == row.id,
            Firing.instant > judged,
            Firing.instant <= since,
            Firing.decision == Decision.FIRED,
        )
        .order_by(Firing.instant)
        .limit(BATCH + 1)
    ).all()
    coming = (
        occurrence.instant for occurrence in timetable.following(max(judged, since)) if occurrence.fires
    )
    return chain(fired, coming)


def _verdict(session: Session, row: Schedule, instant: datetime, deadline: datetime) -> Verdict | None:
    """How it stood; None when all was well, or when it is not known any more."""
    firing = session.scalar(
        select(Firing)
        .where(Firing.schedule_id == row.id, Firing.instant <= instant)
        .order_by(Firing.instant.desc())
        .limit(1)
    )
    if firing is None or firing.last_instant < instant:
        return Verdict(Delay.UNDECIDED, "no alarm had rung") if instant > row.cursor else None
    if firing.cause is not None:
        return Verdict(Delay.NOT_RUN, firing.reason) if firing.cause is not Cause.CLOSED else None
    run = session.get(Run, firing.run_id) if firing.run_id is not None else None
    if run is None:
        return None
    if run.state in DONE and run.finished_at is not None and run.finished_at <= deadline:
        return None
    if run.state in RUN_FINAL - DONE:
        return Verdict(Delay.FAILED, run.error, run.id)
    return Verdict(Delay.UNFINISHED, None, run.id)


def _note(  # noqa: PLR0917 # a row, and what is in it
    session: Session, row: Schedule, instant: datetime, deadline: datetime, verdict: Verdict, now: datetime
) -> Lateness:
    """A row; or a longer one, where the instant before was late for the same reason and had no run either."""
    if verdict.run_id is not None:
        mark_late(session, lock_run(session, verdict.run_id), instant, deadline)
    else:
        last = session.scalar(
            select(Lateness)
            .where(Lateness.schedule_id == row.id, Lateness.last_instant == row.judged)
            .limit(1)
        )
        if last is not None and (last.delay, last.reason) == (verdict.delay, verdict.reason):
            last.last_instant, last.count, last.noticed_at = instant, last.count + 1, now
            return last
    made = Lateness(
        id=new_id(),
        schedule_id=row.id,
        instant=instant,
        last_instant=instant,
        count=1,
        deadline=deadline,
        delay=verdict.delay,
        reason=verdict.reason,
        run_id=verdict.run_id,
        noticed_at=now,
    )
    session.add(made)
    session.flush()
    return made

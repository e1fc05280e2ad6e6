"""Turns the instants of a schedule into runs, each exactly once, however often or late the alarm rings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from pipelines.registry import LoadedPipeline
from pipelines.runs.ending import end_run
from pipelines.runs.expand import Reader
from pipelines.runs.request import Origin, request_run
from pipelines.runs.states import IS_UNFINISHED
from pipelines.runs.submit import submit
from pipelines.schedules.occurrences import Occurrence
from pipelines.schedules.stored import timetable_of
from presstime.errors import PresstimeError
from presstime.ids import new_id
from presstime.models import Decision, Firing, Run, RunState, Schedule, Trigger

MISSED = timedelta(seconds=60)  # older than this, an instant was missed, as far as `catch_up="none"` goes
BATCH = 50  # runs that one alarm starts at the most; the next one goes on behind them

Finder = Callable[[str], LoadedPipeline]  # by name; raises UnknownPipeline


@dataclass(frozen=True)
class Stretch:
    """Equal decisions in a row."""

    first: datetime
    last: datetime
    count: int = 1
    reason: str | None = None  # why skipped; None: fired


def fire(session: Session, schedule_id: UUID, find: Finder, read: Reader, now: datetime) -> None:
    """Decide about every instant since the schedule's cursor and move the cursor; the caller commits."""
    schedule = session.scalar(select(Schedule).where(Schedule.id == schedule_id).with_for_update())
    if schedule is None or schedule.removed_at is not None:
        return
    for stretch in _decide(schedule, now):
        run, reason = _carry_out(session, schedule, stretch, find, read)
        session.add(
            Firing(
                id=new_id(),
                schedule_id=schedule.id,
                instant=stretch.first,
                last_instant=stretch.last,
                count=stretch.count,
                decision=Decision.SKIPPED if reason else Decision.FIRED,
                reason=reason,
                run_id=run.id if run else None,
                decided_at=now,
            )
        )
        schedule.cursor = stretch.last
    schedule.next_at = timetable_of(schedule).rings(schedule.cursor)


def _decide(schedule: Schedule, now: datetime) -> list[Stretch]:
    """What becomes of each due instant; lazily, because a schedule of minutes may be a year behind."""
    timetable = timetable_of(schedule)
    due = timetable.occurrences(schedule.cursor, now - timetable.offset)
    stretches: list[Stretch] = []
    if schedule.paused_at is not None:
        for occurrence in due:
            _add(stretches, occurrence.instant, "paused")
    elif schedule.catch_up == "all":
        for _, occurrence in zip(range(BATCH), due, strict=False):
            _add(stretches, occurrence.instant, _unfit(schedule, occurrence, now))
    else:
        newest: Occurrence | None = None
        behind: list[Stretch] = []  # what the calendar left out since the newest
        for occurrence in due:
            if not occurrence.fires:
                _add(stretches if newest is None else behind, occurrence.instant, _left_out(occurrence))
                continue
            if newest is not None:
                _add(stretches, newest.instant, "superseded by a later instant")
                stretches, behind = [*stretches, *behind], []
            newest = occurrence
        if newest is not None:
            _add(stretches, newest.instant, _unfit(schedule, newest, now))
        stretches += behind
    return stretches


def _add(stretches: list[Stretch], instant: datetime, reason: str | None) -> None:
    """One more decision; equal ones in a row become one."""
    last = stretches[-1] if stretches else None
    if last is not None and reason is not None and last.reason == reason:
        stretches[-1] = Stretch(last.first, instant, last.count + 1, reason)
    else:
        stretches.append(Stretch(instant, instant, reason=reason))


def _left_out(occurrence: Occurrence) -> str:
    return f"closed: {occurrence.closed}"


def _unfit(schedule: Schedule, occurrence: Occurrence, now: datetime) -> str | None:
    return _too_late(schedule, occurrence.instant, now) if occurrence.fires else _left_out(occurrence)


def _too_late(schedule: Schedule, instant: datetime, now: datetime) -> str | None:
    grace = timedelta(seconds=schedule.grace_seconds) if schedule.grace_seconds is not None else None
    if grace is None and schedule.catch_up == "none":
        grace = MISSED
    return f"too late: missed by {now - instant}" if grace is not None and now - instant > grace else None


def _carry_out(
    session: Session, schedule: Schedule, stretch: Stretch, find: Finder, read: Reader
) -> tuple[Run | None, str | None]:
    """The run that the decision made, or why there is none."""
    if stretch.reason is not None:
        return None, stretch.reason
    if schedule.overlap == "skip" and _unfinished(session, schedule):
        return None, "an earlier run of this schedule is unfinished"
    try:
        request = request_run(
            find(schedule.pipeline),
            params=schedule.params,
            interval=None,
            as_of=stretch.last,
            origin=Origin(
                Trigger.SCHEDULE, f"schedule {schedule.name}", schedule.id, scheduled_for=stretch.last
            ),
            policies={"overlap": schedule.overlap},
        )
    except PresstimeError as error:
        return None, str(error)
    if schedule.overlap == "cancel_running":
        _cancel_unfinished(session, schedule)
    return submit(session, request, read), None


def _unfinished(session: Session, schedule: Schedule) -> bool:
    earlier = exists().where(IS_UNFINISHED, Run.schedule_id == schedule.id)
    return bool(session.scalar(select(earlier)))


def _cancel_unfinished(session: Session, schedule: Schedule) -> None:
    found = (
        select(Run).where(IS_UNFINISHED, Run.schedule_id == schedule.id).order_by(Run.id).with_for_update()
    )
    for run in session.scalars(found).all():
        end_run(
            session,
            run,
            RunState.CANCELLED,
            error="a later run of this schedule took its place",
            actor=f"schedule {schedule.name}",
        )

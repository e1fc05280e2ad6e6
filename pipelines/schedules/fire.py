"""Turns the instants of a schedule into runs, each exactly once, however often or late the alarm rings."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from pipelines.loading.registry import LoadedPipeline
from pipelines.runs.ending import end_run
from pipelines.runs.fan_out import Reader
from pipelines.runs.request import Origin, request_run
from pipelines.runs.states import IS_UNFINISHED
from pipelines.runs.submit import submit
from pipelines.schedules.lateness import mark_late
from pipelines.schedules.pausing import forget_pauses, pauses_of
from pipelines.schedules.stopping import stop_if_failing
from pipelines.schedules.stored import timetable_of
from pipelines.timetables.decisions import Stretch, decide
from pipelines.timetables.kinds import Schedule as Declared
from presstime.errors import PresstimeError
from presstime.ids import new_id
from presstime.models import Cause, Decision, Firing, Run, RunState, Schedule, Trigger
from presstime.models.tables import FIRINGS

NOTE = insert(FIRINGS)
Finder = Callable[[str], LoadedPipeline]  # by name; raises UnknownPipeline


def fire(session: Session, schedule_id: UUID, find: Finder, read: Reader, now: datetime) -> None:
    """Decide about every instant since the schedule's cursor and move the cursor; the caller commits."""
    schedule = session.scalar(select(Schedule).where(Schedule.id == schedule_id).with_for_update())
    if schedule is None or schedule.removed_at is not None:
        return
    timetable = timetable_of(schedule)
    stop_if_failing(session, schedule, timetable.schedule, now)
    for stretch in decide(timetable, schedule.cursor, now, *pauses_of(schedule)):
        run, decided = None, stretch
        if stretch.cause is None:
            run, decided = _start(session, schedule, timetable.schedule, stretch, find, read, now)
            deadline = timetable.deadline(stretch.last)
            if run is not None and deadline is not None and deadline <= now:
                mark_late(session, run, stretch.last, deadline)
        _note(session, schedule, decided, run, now)
        schedule.cursor = stretch.last
    forget_pauses(schedule)
    schedule.next_at = timetable.rings(schedule.cursor)


def _note(session: Session, schedule: Schedule, stretch: Stretch, run: Run | None, now: datetime) -> None:
    """A row; or a longer one, where the decision before was the same and started nothing either."""
    if stretch.cause is not None:
        last = session.scalar(
            select(Firing).where(Firing.schedule_id == schedule.id).order_by(Firing.instant.desc()).limit(1)
        )
        if last is not None and (last.cause, last.reason) == (stretch.cause, stretch.reason):
            last.last_instant, last.count, last.decided_at = stretch.last, last.count + stretch.count, now
            return
    session.execute(
        NOTE,
        {
            "id": new_id(),
            "schedule_id": schedule.id,
            "instant": stretch.first,
            "last_instant": stretch.last,
            "count": stretch.count,
            "decision": Decision.SKIPPED if stretch.cause else Decision.FIRED,
            "cause": stretch.cause,
            "reason": stretch.reason,
            "run_id": run.id if run else None,
            "decided_at": now,
        },
    )


def _start(  # noqa: PLR0917 # what was decided, and what it takes to carry it out
    session: Session,
    schedule: Schedule,
    declared: Declared,
    stretch: Stretch,
    find: Finder,
    read: Reader,
    now: datetime,
) -> tuple[Run | None, Stretch]:
    """The run of an instant; or, when there can be none, the decision that it comes to instead."""
    if declared.overlap == "skip" and _unfinished(session, schedule):
        return None, _instead(stretch, Cause.OVERLAP, "an earlier run of this schedule is unfinished")
    try:
        request = request_run(
            find(schedule.pipeline),
            params=dict(declared.params),
            interval=None,
            as_of=stretch.last,
            origin=Origin(
                Trigger.SCHEDULE, f"schedule {schedule.name}", schedule.id, scheduled_for=stretch.last
            ),
            made_at=now,
            policies={"overlap": declared.overlap},
        )
    except PresstimeError as error:
        return None, _instead(stretch, Cause.REFUSED, str(error))
    if declared.overlap == "cancel_running":
        _cancel_unfinished(session, schedule)
    return submit(session, request, read), stretch


def _instead(stretch: Stretch, cause: Cause, reason: str) -> Stretch:
    return Stretch(stretch.first, stretch.last, stretch.count, cause, reason)


def _unfinished(session: Session, schedule: Schedule) -> bool:
    earlier = exists().where(IS_UNFINISHED, Run.schedule_id == schedule.id)
    return bool(session.scalar(select(earlier)))


def _cancel_unfinished(session: Session, schedule: Schedule) -> None:
    unfinished = (
        select(Run).where(IS_UNFINISHED, Run.schedule_id == schedule.id).order_by(Run.id).with_for_update()
    )
    for run in session.scalars(unfinished).all():
        end_run(
            session,
            run,
            RunState.CANCELLED,
            error="a later run of this schedule took its place",
            actor=f"schedule {schedule.name}",
        )

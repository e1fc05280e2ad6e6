"""Pausing a schedule, and letting it go on. Its alarms ring meanwhile, and come to nothing."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pipelines.schedules.stored import locked_schedule, name_of
from pipelines.timetables.decisions import Pause
from pipelines.timetables.occurrences import Timetable
from presstime.errors import PresstimeError
from presstime.models import Schedule


class BadPause(PresstimeError):
    """A pause that would be over before it begins."""


class NotPaused(PresstimeError):
    """A schedule that is not paused cannot be resumed."""


def is_paused(schedule: Schedule, now: datetime) -> bool:
    """A pause that has run out stands in the row until the next alarm."""
    return schedule.paused_at is not None and (schedule.paused_until is None or now < schedule.paused_until)


def pause(
    session: Session,
    schedule_id: UUID,
    now: datetime,
    *,
    by: str,
    until: datetime | None = None,
    why: str | None = None,
) -> Schedule:
    """Pause the schedule from now on; a second pause replaces the first one's end and reason. Raises BadPause."""
    schedule = locked_schedule(session, schedule_id)
    if until is not None and until <= now:
        raise BadPause(f"a pause until {until.isoformat()} would be over already")
    if not is_paused(schedule, now):
        keep_ended(schedule)
        schedule.paused_at = now
    schedule.paused_by, schedule.paused_why, schedule.paused_until = by, why, until
    schedule.updated_at = now
    return schedule


def resume(session: Session, schedule_id: UUID, now: datetime) -> Schedule:
    """Resume the schedule now. Raises NotPaused.

    What was due before stays without a run: the next alarm writes that down.
    """
    schedule = locked_schedule(session, schedule_id)
    if not is_paused(schedule, now):
        raise NotPaused(f"schedule {name_of(schedule)!r} is not paused")
    schedule.paused_until = schedule.resumed_at = schedule.updated_at = now
    return schedule


def pauses_of(schedule: Schedule) -> list[Pause]:
    """All that may hold for instants that are not decided yet."""
    pauses = [
        Pause(datetime.fromisoformat(since), datetime.fromisoformat(until), by, why)
        for since, until, by, why in schedule.ended_pauses or []
    ]
    if schedule.paused_at is not None:
        pauses.append(
            Pause(schedule.paused_at, schedule.paused_until, schedule.paused_by, schedule.paused_why)
        )
    return pauses


def forget_pauses(schedule: Schedule) -> None:
    """Those behind whose end everything is decided."""
    if schedule.ended_pauses:
        cursor = schedule.cursor
        left = [pause for pause in schedule.ended_pauses if datetime.fromisoformat(pause[1]) > cursor]
        schedule.ended_pauses = left or None
    if schedule.paused_until is not None and schedule.paused_until <= schedule.cursor:
        schedule.paused_at = schedule.paused_by = schedule.paused_why = schedule.paused_until = None


def keep_ended(schedule: Schedule) -> None:
    """A pause that has run out stands in the row until alarms have come behind it: not always before the next."""
    if schedule.paused_at is not None and schedule.paused_until is not None:
        stretch = [schedule.paused_at.isoformat(), schedule.paused_until.isoformat()]
        ended = [*stretch, schedule.paused_by, schedule.paused_why]
        schedule.ended_pauses = [*(schedule.ended_pauses or []), ended]


def next_run(schedule: Schedule, timetable: Timetable, now: datetime) -> datetime | None:
    """The next instant that starts a run: behind the pause, and not on a closed day."""
    after = now
    if is_paused(schedule, now):
        if schedule.paused_until is None:
            return None
        after = schedule.paused_until - schedule.paused_until.resolution
    return next((coming.instant for coming in timetable.following(after) if coming.fires), None)

"""Finding the row of a schedule, and its timetable."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.names import did_you_mean
from pipelines.timetables.kinds import from_json
from pipelines.timetables.occurrences import Timetable, offset_of
from presstime.errors import PresstimeError
from presstime.models import Schedule


class UnknownSchedule(PresstimeError):
    """No schedule has that name, or several have."""


def timetable_of(row: Schedule) -> Timetable:
    """Raises BadSchedule."""
    schedule = from_json(row.spec)
    return Timetable(schedule, row.timezone, offset_of(name_of(row), schedule.jitter))


def name_of(row: Schedule) -> str:
    return f"{row.pipeline}/{row.name}"


def locked_schedule(session: Session, schedule_id: UUID) -> Schedule:
    """Its row, for a change. Raises UnknownSchedule."""
    row = session.scalar(
        select(Schedule).where(Schedule.id == schedule_id, Schedule.removed_at.is_(None)).with_for_update()
    )
    if row is None:
        raise UnknownSchedule("the schedule was removed just now")
    return row


def schedules_called(session: Session, name: str) -> Sequence[Schedule]:
    """The one called `pipeline/name`, or all that are called `name`."""
    pipeline, slash, own = name.rpartition("/")
    query = select(Schedule).where(Schedule.name == own, Schedule.removed_at.is_(None))
    if slash:
        query = query.where(Schedule.pipeline == pipeline)
    return session.scalars(query.order_by(Schedule.pipeline)).all()


def find_schedule(session: Session, name: str) -> Schedule:
    """The one called `pipeline/name`, or `name` where no other is called so. Raises UnknownSchedule."""
    rows = schedules_called(session, name)
    if len(rows) == 1:
        return rows[0]
    if rows:
        known = ", ".join(f"{row.pipeline}/{row.name}" for row in rows)
        raise UnknownSchedule(f"several schedules are called {name!r}: {known}; say which")
    others = session.execute(select(Schedule.pipeline, Schedule.name).where(Schedule.removed_at.is_(None)))
    known_names = [f"{row.pipeline}/{row.name}" for row in others]
    guess = did_you_mean(name, known_names + [known.rpartition("/")[2] for known in known_names])
    raise UnknownSchedule(f"no schedule {name!r}{guess}; `presstime schedule list` shows them")

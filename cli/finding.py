"""Finds a schedule by its name: its row, or what the code of its pipeline says where nothing has served it yet."""

from pipelines.schedules.stored import find_schedule, schedules_called
from pipelines.schedules.sync import ensure_schedules
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import Schedule
from scheduler.runtime import Runtime


def look_up(runtime: Runtime, name: str, *, save: bool) -> Schedule:
    """Raises UnknownSchedule. A row that is missing is made: for good with `save`, else for this look alone.

    Who only looks must not save it: what is due from then on counts as missed, and is caught up.
    """
    with reading(runtime.sessions) as session:
        if schedules_called(session, name):
            return find_schedule(session, name)
    loaded = runtime.registry.declaring(name)  # imports the authors' code, for which no transaction waits
    with runtime.sessions() as session:
        for one in loaded:
            ensure_schedules(session, one, utc_now())
        row = find_schedule(session, name)
        if save:
            session.commit()
    return row

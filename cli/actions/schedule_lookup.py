"""Finds a schedule by its name, also where nothing has served it yet."""

from pipelines.schedules.presence import ensure_declared
from pipelines.schedules.stored import find_schedule, schedules_called
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import Schedule
from scheduler.runtime import Runtime


def look_up(runtime: Runtime, name: str, *, save: bool) -> Schedule:
    """The schedule of that name: its row, or what the code of its pipeline says where nothing has served it yet.

    A row that is missing is made: for good with `save`, else for this look alone. Who only looks must not save
    it: what is due from then on counts as missed, and is caught up. Raises UnknownSchedule.
    """
    with reading(runtime.sessions) as session:
        if schedules_called(session, name):
            return find_schedule(session, name)
    declaring = runtime.registry.declaring(name)  # imports the authors' code, for which no transaction waits
    with runtime.sessions() as session:
        for loaded in declaring:
            ensure_declared(session, loaded, utc_now())
        row = find_schedule(session, name)
        if save:
            session.commit()
    return row

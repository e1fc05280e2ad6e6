"""Makes sure that the rows are there that runs, schedules and backfills refer to: their pipeline's."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pipelines.loading.loaded import LoadedPipeline
from pipelines.loading.registry import Registry
from pipelines.schedules.editing import create
from pipelines.schedules.sync import ensure_pipeline, ensure_schedules, sync
from pipelines.timetables.kinds import Schedule as Specification
from presstime.models import PipelineRow, Schedule


def ensure_rows(session: Session, registry: Registry, name: str, now: datetime) -> None:
    """Write all pipelines and their schedules where the keeper has not written the one called `name` yet."""
    if session.get(PipelineRow, name) is None:
        ensure_all(session, registry, now)


def ensure_all(session: Session, registry: Registry, now: datetime) -> None:
    """Write all pipelines and their schedules as they are loaded."""
    _beside_the_keeper(session, lambda: sync(session, registry, now))


def ensure_declared(session: Session, loaded: LoadedPipeline, now: datetime) -> None:
    """Write this pipeline and the schedules that its code declares; other pipelines stay as they are."""
    _beside_the_keeper(session, lambda: ensure_schedules(session, loaded, now))


def ensure_row(session: Session, loaded: LoadedPipeline, now: datetime) -> None:
    """Write this pipeline as it is loaded; schedules, and other pipelines, stay as they are."""
    _beside_the_keeper(session, lambda: ensure_pipeline(session, loaded, now))


def create_schedule(
    session: Session, registry: Registry, loaded: LoadedPipeline, wanted: Specification, now: datetime
) -> Schedule:
    """A schedule that no code declares. Raises BadSchedule, ParamsRefused or ScheduleExists."""
    ensure_rows(session, registry, loaded.name, now)
    return create(session, loaded, wanted, now)


def _beside_the_keeper(session: Session, write: Callable[[], object]) -> None:
    """Write in a savepoint, because another process may write the same rows at this moment; then read those."""
    try:
        with session.begin_nested():
            write()
    except IntegrityError:
        session.expire_all()
        write()  # which finds the rows now

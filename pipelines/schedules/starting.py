"""A run of a schedule that somebody asks for, beside those that its alarms start."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from pipelines.loading.loaded import LoadedPipeline
from pipelines.runs.fan_out import Reader
from pipelines.runs.operations import NotPossible
from pipelines.runs.request import Origin, request_run
from pipelines.runs.states import IS_UNFINISHED
from pipelines.runs.submit import submit
from pipelines.schedules.stored import name_of
from pipelines.timetables.kinds import from_json
from presstime.models import Run, Schedule, Trigger


def start_now(  # noqa: PLR0917 # what is started, by whom and when
    session: Session,
    row: Schedule,
    loaded: LoadedPipeline,
    trigger: Trigger,
    actor: str,
    now: datetime,
    read: Reader,
) -> Run:
    """Start a run with the schedule's parameters and overlap rule; its instants stay as they are.

    Raises NotPossible for a schedule that skips beside an unfinished run, when there is one.
    """
    schedule = from_json(row.spec)
    if schedule.overlap == "skip" and has_unfinished(session, row.id):
        raise NotPossible(f"a run of schedule {name_of(row)!r} is unfinished, and it starts none beside it")
    request = request_run(
        loaded,
        params=dict(schedule.params),
        interval=None,
        as_of=now,
        origin=Origin(trigger, actor, row.id),
        policies={"overlap": schedule.overlap},
    )
    return submit(session, request, read)


def has_unfinished(session: Session, schedule_id: UUID) -> bool:
    return bool(session.scalar(select(exists().where(IS_UNFINISHED, Run.schedule_id == schedule_id))))

"""Schedules made, changed and deleted; tried out before that; and a run of one started at once."""

from fastapi import APIRouter, Request, Response, status
from sqlalchemy.orm import Session

from api.bodies import BODILESS, JSON_BODY
from api.documentation import REFUSALS, problems
from api.idempotency import Key, accept
from api.lookup import runnable
from api.routes.schedules import ONE
from api.schemas.requests import digest_of
from api.schemas.runs import RunOut
from api.schemas.schedule_edits import EffectOut, ScheduleChanged, ScheduleFields, ScheduleIn, SimulationIn
from api.schemas.schedules import InstantList, InstantOut, ScheduleDetail
from api.services import Provided
from pipelines.schedules import presence
from pipelines.schedules.editing import delete, edit, preview, reset
from pipelines.schedules.starting import start_now
from pipelines.schedules.stored import find_schedule
from pipelines.timetables.occurrences import Timetable
from pipelines.timetables.simulate import simulate
from presstime.clock import utc_now
from presstime.models import Run, Trigger

router = APIRouter(prefix="/schedules", tags=["schedules"])


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=REFUSALS,
    dependencies=JSON_BODY,
    summary="Make a schedule",
)
def create_schedule(asked: ScheduleIn, services: Provided) -> ScheduleDetail:
    """A schedule that no code declares, with parameters of its own. It fires from now on."""
    registry, now = services.runtime.registry, utc_now()
    loaded = runnable(registry, asked.pipeline)
    with services.writing() as session:
        row = presence.create_schedule(session, registry, loaded, asked.as_schedule(asked.name), now)
        return ScheduleDetail.of(row, now)


@router.post(
    "/next",
    responses=problems(400, 401, 413, 415, 422),
    dependencies=JSON_BODY,
    summary="Try a schedule out",
)
def simulate_schedule(asked: SimulationIn) -> InstantList:
    """The instants of a schedule that is not stored, and what is odd about them."""
    timetable = Timetable(asked.as_schedule("described"), asked.timezone or "UTC")
    instants = simulate(timetable, asked.after or utc_now(), asked.count)
    return InstantList(items=[InstantOut.of(instant) for instant in instants])


@router.patch(ONE, responses=REFUSALS, dependencies=JSON_BODY, summary="Change a schedule")
def edit_schedule(pipeline: str, name: str, asked: ScheduleFields, services: Provided) -> ScheduleChanged:
    """Change some fields. Of a schedule of code that is kept as an override, over deploys too."""
    loaded, now = runnable(services.runtime.registry, pipeline), utc_now()
    with services.writing() as session:
        row = find_schedule(session, f"{pipeline}/{name}")
        change = edit(session, row.id, asked.changes, loaded, now)
        return ScheduleChanged(schedule=ScheduleDetail.of(row, now), effect=EffectOut.of(change))


@router.post(
    f"{ONE}/preview",
    responses=REFUSALS,
    dependencies=JSON_BODY,
    summary="Say what a change causes",
)
def preview_schedule(pipeline: str, name: str, asked: ScheduleFields, services: Provided) -> EffectOut:
    """The same as changing it, but nothing is saved."""
    loaded = runnable(services.runtime.registry, pipeline)
    with services.reading() as session:
        row = find_schedule(session, f"{pipeline}/{name}")
        return EffectOut.of(preview(session, row, asked.changes, loaded, utc_now()))


@router.post(f"{ONE}/reset", responses=REFUSALS, dependencies=BODILESS, summary="Drop a schedule's overrides")
def reset_schedule(pipeline: str, name: str, services: Provided) -> ScheduleChanged:
    """Let it follow the code of its pipeline again."""
    loaded, now = runnable(services.runtime.registry, pipeline), utc_now()
    with services.writing() as session:
        row = find_schedule(session, f"{pipeline}/{name}")
        change = reset(session, row.id, loaded, now)
        return ScheduleChanged(schedule=ScheduleDetail.of(row, now), effect=EffectOut.of(change))


@router.delete(
    ONE,
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(401, 404, 409, 503),
    summary="Delete a schedule",
)
def delete_schedule(pipeline: str, name: str, services: Provided) -> None:
    """Only one that no code declares. Its runs, and what was decided about its instants, stay."""
    with services.writing() as session:
        delete(session, find_schedule(session, f"{pipeline}/{name}").id, utc_now())


@router.post(
    f"{ONE}/fire",
    status_code=status.HTTP_202_ACCEPTED,
    responses=REFUSALS,
    dependencies=BODILESS,
    summary="Start a run of a schedule",
)
def fire_schedule(
    *, pipeline: str, name: str, request: Request, response: Response, services: Provided, key: Key = None
) -> RunOut:
    """Queue a run now, with its parameters, beside those that it starts itself."""
    loaded, actor, now = runnable(services.runtime.registry, pipeline), request.state.actor, utc_now()

    def make(session: Session) -> Run:
        row = find_schedule(session, f"{pipeline}/{name}")
        return start_now(session, row, loaded, Trigger.API, actor, now, services.runtime.items)

    digest = digest_of({"fire": f"{pipeline}/{name}"})
    return accept(services, response, make, key=key, request_sha256=digest)

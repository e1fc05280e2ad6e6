"""Schedules: when runs start, why they did or did not, and pausing."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.bodies import BODILESS, JSON_BODY
from api.cursors import read_cursor, write_cursor
from api.documentation import REFUSALS, problems
from api.schemas.schedules import (
    InstantList,
    InstantOut,
    LateOut,
    LatePage,
    NextQuery,
    PauseIn,
    ScheduleDetail,
    SchedulePage,
    ScheduleQuery,
    WhyOut,
    WhyQuery,
)
from api.services import Provided
from pipelines.schedules.late_listing import newest_late
from pipelines.schedules.listing import reported_timetable, schedules_after
from pipelines.schedules.pausing import pause, resume
from pipelines.schedules.stored import find_schedule, timetable_of
from pipelines.schedules.why import explain
from pipelines.timetables.simulate import simulate
from presstime.clock import utc_now

router = APIRouter(prefix="/schedules", tags=["schedules"])

ONE = "/{pipeline}/{name}"


@router.get("", responses=problems(401, 422), summary="List schedules")
def list_schedules(services: Provided, asked: Annotated[ScheduleQuery, Query()]) -> SchedulePage:
    """Schedules, the oldest first, a page at a time. Send `next` back as `cursor`, with the same filter."""
    last, now = read_cursor(asked.cursor) if asked.cursor is not None else None, utc_now()
    with services.reading() as session:
        rows = schedules_after(session, last, pipeline=asked.pipeline, limit=asked.limit + 1)
        items = [ScheduleDetail.of(row, now) for row in rows[: asked.limit]]
    return SchedulePage(items=items, next=write_cursor(items[-1].id) if len(rows) > asked.limit else None)


@router.get("/late", responses=problems(401, 422), summary="List what was late")
def list_late(services: Provided, asked: Annotated[ScheduleQuery, Query()]) -> LatePage:
    """What was not finished by its deadline, the newest first: runs, and instants that had none."""
    before = read_cursor(asked.cursor) if asked.cursor is not None else None
    with services.reading() as session:
        rows = newest_late(session, pipeline=asked.pipeline, before=before, limit=asked.limit + 1)
    items = [LateOut.of(late) for late in rows[: asked.limit]]
    return LatePage(items=items, next=write_cursor(items[-1].id) if len(rows) > asked.limit else None)


@router.get(ONE, responses=problems(401, 404), summary="Show a schedule")
def show_schedule(pipeline: str, name: str, services: Provided) -> ScheduleDetail:
    with services.reading() as session:
        return ScheduleDetail.of(find_schedule(session, f"{pipeline}/{name}"), utc_now())


@router.get(f"{ONE}/next", responses=problems(401, 404, 422), summary="Show what a schedule will do")
def show_next(
    pipeline: str, name: str, services: Provided, asked: Annotated[NextQuery, Query()]
) -> InstantList:
    """Its next instants, whether or not it is paused; those that its calendar leaves out are not counted."""
    with services.reading() as session:
        timetable, period = reported_timetable(session, f"{pipeline}/{name}")
    instants = simulate(timetable, asked.after or utc_now(), asked.count, period)
    return InstantList(items=[InstantOut.of(instant) for instant in instants])


@router.get(f"{ONE}/why", responses=problems(401, 404, 422), summary="Say why a run started, or none")
def show_why(pipeline: str, name: str, services: Provided, asked: Annotated[WhyQuery, Query()]) -> WhyOut:
    """What was decided about its last instant up to a time, and why."""
    with services.reading() as session:
        row = find_schedule(session, f"{pipeline}/{name}")
        return WhyOut.of(explain(session, row, asked.at or utc_now()), timetable_of(row))


@router.post(f"{ONE}/pause", responses=REFUSALS, dependencies=JSON_BODY, summary="Pause a schedule")
def pause_schedule(
    *, pipeline: str, name: str, request: Request, services: Provided, asked: PauseIn | None = None
) -> ScheduleDetail:
    """From now on it starts no runs. Its instants are noted as paused, and not made up for."""
    now = utc_now()
    with services.writing() as session:
        row = find_schedule(session, f"{pipeline}/{name}")
        wanted = asked or PauseIn()
        row = pause(session, row.id, now, by=request.state.actor, until=wanted.until, why=wanted.why)
        return ScheduleDetail.of(row, now)


@router.post(
    f"{ONE}/resume",
    responses=REFUSALS,
    dependencies=BODILESS,
    summary="Resume a schedule",
)
def resume_schedule(pipeline: str, name: str, services: Provided) -> ScheduleDetail:
    """Let it start runs again, from now on."""
    now = utc_now()
    with services.writing() as session:
        return ScheduleDetail.of(resume(session, find_schedule(session, f"{pipeline}/{name}").id, now), now)

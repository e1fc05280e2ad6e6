"""Backfills: runs of past periods, asked for and looked after."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, status
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cursors import read_cursor, write_cursor
from api.documentation import problems
from api.lookup import ensure_row, runnable
from api.schemas.backfills import (
    BackfillIn,
    BackfillOut,
    BackfillPage,
    BackfillPlan,
    BackfillQuery,
    ItemList,
    ItemOut,
    ItemQuery,
)
from api.schemas.operations import nothing_asked
from api.schemas.requests import json_only
from api.services import Provided
from pipelines.backfills.control import (
    cancel_backfill,
    find_backfill,
    pause_backfill,
    progress,
    resume_backfill,
)
from pipelines.backfills.driving import drive
from pipelines.backfills.making import BackfillRequest, make, plan
from pipelines.schedules.stored import find_schedule, timetable_of
from presstime.clock import utc_now
from presstime.models import Backfill, BackfillItem, Run

router = APIRouter(prefix="/backfills", tags=["backfills"])

ONE = "/{backfill_id}"
ITEMS_SHOWN = 1000
BODILESS = [Depends(json_only), Depends(nothing_asked)]
REFUSALS = problems(400, 401, 404, 409, 413, 415, 422, 503)


@router.get("", responses=problems(401, 422), summary="List backfills")
def list_backfills(services: Provided, asked: Annotated[BackfillQuery, Query()]) -> BackfillPage:
    """Backfills, the newest first, a page at a time."""
    query = select(Backfill).order_by(Backfill.id.desc()).limit(asked.limit + 1)
    if asked.pipeline is not None:
        query = query.where(Backfill.pipeline == asked.pipeline)
    if asked.cursor is not None:
        query = query.where(Backfill.id < read_cursor(asked.cursor))
    with services.reading() as session:
        rows = session.scalars(query).all()
        items = [BackfillOut.of(row, progress(session, row.id)) for row in rows[: asked.limit]]
    return BackfillPage(items=items, next=write_cursor(items[-1].id) if len(rows) > asked.limit else None)


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    responses=REFUSALS,
    dependencies=[Depends(json_only)],
    summary="Make runs of past periods",
)
def start_backfill(asked: BackfillIn, request: Request, services: Provided) -> BackfillOut:
    """Starts a few runs at once, and the next one whenever one of them ends."""
    registry, now = services.runtime.registry, utc_now()
    loaded = runnable(registry, asked.pipeline)
    with services.writing() as session:
        ensure_row(session, registry, asked.pipeline)
        row = make(session, loaded, _asked(session, asked), request.state.actor, now)
        drive(session, row.id, registry.get, services.runtime.items, now)
        return BackfillOut.of(row, progress(session, row.id))


@router.post(
    "/preview", responses=REFUSALS, dependencies=[Depends(json_only)], summary="Say what a backfill would do"
)
def preview_backfill(asked: BackfillIn, services: Provided) -> BackfillPlan:
    """Which periods would get a run. Nothing is started."""
    loaded = runnable(services.runtime.registry, asked.pipeline)
    with services.reading() as session:
        planned = plan(session, loaded, _asked(session, asked), utc_now())
    told = list(zip((slot.interval.label for slot in planned.slots), planned.started, strict=True))
    return BackfillPlan(
        runs=[label for label, starts in told if starts],
        left_out=[label for label, starts in told if not starts],
    )


@router.get(ONE, responses=problems(401, 404, 422), summary="Show a backfill")
def show_backfill(backfill_id: UUID, services: Provided) -> BackfillOut:
    """How far it is."""
    with services.reading() as session:
        return BackfillOut.of(find_backfill(session, backfill_id), progress(session, backfill_id))


@router.get(f"{ONE}/items", responses=problems(401, 404, 422), summary="List a backfill's periods")
def list_items(backfill_id: UUID, services: Provided, asked: Annotated[ItemQuery, Query()]) -> ItemList:
    """Its periods behind number `after`, at most 1,000 at a time, each with its run."""
    found = (
        select(BackfillItem, Run)
        .outerjoin(Run, Run.id == BackfillItem.run_id)
        .where(BackfillItem.backfill_id == backfill_id, BackfillItem.number > asked.after)
        .order_by(BackfillItem.number)
        .limit(ITEMS_SHOWN)
    )
    with services.reading() as session:
        find_backfill(session, backfill_id)
        return ItemList(items=[ItemOut.of(item, run) for item, run in session.execute(found)])


@router.post(f"{ONE}/pause", responses=REFUSALS, dependencies=BODILESS, summary="Pause a backfill")
def stop_backfill(backfill_id: UUID, request: Request, services: Provided) -> BackfillOut:
    """Start no more runs of it until it is resumed; those under way go on."""
    with services.writing() as session:
        row = pause_backfill(session, backfill_id, f"paused by {request.state.actor}")
        return BackfillOut.of(row, progress(session, row.id))


@router.post(f"{ONE}/resume", responses=REFUSALS, dependencies=BODILESS, summary="Resume a backfill")
def continue_backfill(backfill_id: UUID, services: Provided) -> BackfillOut:
    """Let it go on."""
    runtime = services.runtime
    with services.writing() as session:
        row = resume_backfill(session, backfill_id)
        drive(session, row.id, runtime.registry.get, runtime.items, utc_now())
        return BackfillOut.of(row, progress(session, row.id))


@router.post(f"{ONE}/cancel", responses=REFUSALS, dependencies=BODILESS, summary="Cancel a backfill")
def end_backfill(backfill_id: UUID, request: Request, services: Provided) -> BackfillOut:
    """Start no more runs of it, and cancel those under way."""
    with services.writing() as session:
        row = cancel_backfill(session, backfill_id, request.state.actor, utc_now())
        return BackfillOut.of(row, progress(session, row.id))


def _asked(session: Session, asked: BackfillIn) -> BackfillRequest:
    timetable = None
    if asked.schedule is not None:
        timetable = timetable_of(find_schedule(session, f"{asked.pipeline}/{asked.schedule}"))
    return BackfillRequest(
        first=asked.first,
        last=asked.last,
        params=asked.params,
        rerun=asked.rerun,
        max_active=asked.max_active,
        newest_first=asked.newest_first,
        schedule=asked.schedule,
        timetable=timetable,
    )

"""Backfills: runs of past periods, started and looked after."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, status
from sqlalchemy.orm import Session

from api.bodies import BODILESS, JSON_BODY
from api.cursors import read_cursor, write_cursor
from api.documentation import REFUSALS, problems
from api.lookup import runnable
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
from api.services import Provided
from pipelines.backfills import starting
from pipelines.backfills.control import (
    cancel_backfill,
    find_backfill,
    pause_backfill,
    progress,
)
from pipelines.backfills.listing import items_after, newest_backfills
from pipelines.backfills.making import BackfillRequest, plan
from pipelines.schedules.stored import find_schedule, timetable_of
from presstime.clock import utc_now

router = APIRouter(prefix="/backfills", tags=["backfills"])

ONE = "/{backfill_id}"
ITEMS_SHOWN = 1000


@router.get("", responses=problems(401, 422), summary="List backfills")
def list_backfills(services: Provided, asked: Annotated[BackfillQuery, Query()]) -> BackfillPage:
    """Backfills, the newest first, a page at a time."""
    before = read_cursor(asked.cursor) if asked.cursor is not None else None
    with services.reading() as session:
        rows = newest_backfills(session, pipeline=asked.pipeline, before=before, limit=asked.limit + 1)
        items = [BackfillOut.of(row, progress(session, row.id)) for row in rows[: asked.limit]]
    return BackfillPage(items=items, next=write_cursor(items[-1].id) if len(rows) > asked.limit else None)


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    responses=REFUSALS,
    dependencies=JSON_BODY,
    summary="Make runs of past periods",
)
def start_backfill(asked: BackfillIn, request: Request, services: Provided) -> BackfillOut:
    """Starts a few runs at once, and the next one whenever one of them ends."""
    registry, now = services.runtime.registry, utc_now()
    loaded = runnable(registry, asked.pipeline)
    with services.writing() as session:
        row = starting.start_backfill(
            session,
            registry,
            loaded,
            _asked(session, asked),
            request.state.actor,
            now,
            services.runtime.items,
        )
        return BackfillOut.of(row, progress(session, row.id))


@router.post("/preview", responses=REFUSALS, dependencies=JSON_BODY, summary="Say what a backfill would do")
def preview_backfill(asked: BackfillIn, services: Provided) -> BackfillPlan:
    """Which periods would get a run. Nothing is started."""
    loaded = runnable(services.runtime.registry, asked.pipeline)
    with services.reading() as session:
        planned = plan(session, loaded, _asked(session, asked), utc_now())
    labels = [slot.interval.label for slot in planned.slots]
    return BackfillPlan(
        runs=[label for label, starts in zip(labels, planned.started, strict=True) if starts],
        left_out=[label for label, starts in zip(labels, planned.started, strict=True) if not starts],
    )


@router.get(ONE, responses=problems(401, 404, 422), summary="Show a backfill")
def show_backfill(backfill_id: UUID, services: Provided) -> BackfillOut:
    """How far it is."""
    with services.reading() as session:
        return BackfillOut.of(find_backfill(session, backfill_id), progress(session, backfill_id))


@router.get(f"{ONE}/items", responses=problems(401, 404, 422), summary="List a backfill's periods")
def list_items(backfill_id: UUID, services: Provided, asked: Annotated[ItemQuery, Query()]) -> ItemList:
    """Its periods behind number `after`, at most 1,000 at a time, each with its run."""
    with services.reading() as session:
        find_backfill(session, backfill_id)
        rows = items_after(session, backfill_id, asked.after, ITEMS_SHOWN)
        return ItemList(items=[ItemOut.of(item, run) for item, run in rows])


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
        row = starting.continue_backfill(session, runtime.registry, backfill_id, utc_now(), runtime.items)
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

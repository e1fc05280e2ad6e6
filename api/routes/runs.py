"""Runs: what was run, and how it went."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.cursors import read_cursor, write_cursor
from api.documentation import problems
from api.documents import run_detail
from api.schemas.requests import RunQuery
from api.schemas.runs import EventOut, RunDetail, RunOut, RunPage
from api.services import Provided
from pipelines.runs.listing import (
    events_after,
    find_run,
    newest_runs,
)

router = APIRouter(prefix="/runs", tags=["runs"])

TASKS_SHOWN = 500  # of a run; the answer stays below half a megabyte
EVENTS_SHOWN = 1000


@router.get("", responses=problems(401, 422), summary="List runs")
def list_runs(services: Provided, asked: Annotated[RunQuery, Query()]) -> RunPage:
    """Runs, newest first, a page at a time. Send `next` back as `cursor`, with the same filters."""
    before = read_cursor(asked.cursor) if asked.cursor is not None else None
    with services.reading() as session:
        # One more than the page holds tells whether there is another.
        runs = newest_runs(session, asked.filter, before=before, limit=asked.limit + 1)
        items = [RunOut.of(run) for run in runs[: asked.limit]]
    return RunPage(items=items, next=write_cursor(items[-1].id) if len(runs) > asked.limit else None)


@router.get("/{run_id}", responses=problems(401, 404, 422), summary="Show a run")
def show_run(run_id: UUID, services: Provided) -> RunDetail:
    """A run with its steps, tasks and reports."""
    with services.reading() as session:
        _, detail = run_detail(session, run_id, tasks_shown=TASKS_SHOWN)
        return detail


@router.get("/{run_id}/events", responses=problems(401, 404, 422), summary="List a run's events")
def list_events(
    run_id: UUID,
    services: Provided,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="The number of the last event seen.")] = 0,
) -> list[EventOut]:
    """What happened to a run behind event `after`, in order; at most 1,000 events at a time."""
    with services.reading() as session:
        find_run(session, run_id)
        return [EventOut.of(event) for event in events_after(session, run_id, after, EVENTS_SHOWN)]

"""Makes a backfill with its periods from what somebody requested."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from pipelines.backfills.existing import wants_run
from pipelines.backfills.periods import BadStretch, Slot, slots, stretch
from pipelines.loading.loaded import LoadedPipeline
from pipelines.timetables.occurrences import Timetable
from presstime.ids import new_id
from presstime.models import Backfill, BackfillState, ItemState, Rerun
from presstime.models.tables import BACKFILL_ITEMS


@dataclass(frozen=True)
class BackfillRequest:
    """`first` and `last` name periods, both included. A schedule brings its instants and its parameters."""

    first: str
    last: str
    params: Mapping[str, Any]
    rerun: Rerun = Rerun.MISSING
    max_active: int = 4
    newest_first: bool = False
    schedule: str | None = None
    timetable: Timetable | None = None


@dataclass(frozen=True)
class BackfillPlan:
    """The runs that a backfill would start now: its periods in order, each with whether it gets one."""

    slots: tuple[Slot, ...]
    params: dict[str, Any]
    started: tuple[bool, ...]


def plan(session: Session, loaded: LoadedPipeline, request: BackfillRequest, now: datetime) -> BackfillPlan:
    """Raises BadStretch or ParamsRefused."""
    periods = _slots(loaded, request, now)
    given = {**(request.timetable.schedule.params if request.timetable else {}), **request.params}
    params = loaded.params_from(given).model_dump(mode="json")
    wanted = tuple(wants_run(session, loaded.name, slot.interval, params, request.rerun) for slot in periods)
    return BackfillPlan(tuple(periods), params, wanted)


def make(
    session: Session, loaded: LoadedPipeline, request: BackfillRequest, actor: str, now: datetime
) -> Backfill:
    """The rows. Each period is looked at again when it comes to it; raises what `plan` raises."""
    planned = plan(session, loaded, request, now)
    row = Backfill(
        id=new_id(),
        pipeline=loaded.name,
        schedule=request.schedule,
        params=planned.params,
        state=BackfillState.RUNNING,
        max_active=request.max_active,
        newest_first=request.newest_first,
        rerun=request.rerun,
        actor=actor,
        created_at=now,
    )
    session.add(row)
    session.flush()
    items = [_item(row, number, slot) for number, slot in enumerate(planned.slots)]
    session.execute(insert(BACKFILL_ITEMS), items)
    return row


def _slots(loaded: LoadedPipeline, request: BackfillRequest, now: datetime) -> list[Slot]:
    period, zone = loaded.pipeline.period, loaded.pipeline.timezone
    if period is None:
        raise BadStretch(f"pipeline {loaded.name!r} has no period, so there is none to make a run of")
    periods = slots(stretch(request.first, request.last, zone), now, period, zone, request.timetable)
    return periods[::-1] if request.newest_first else periods


def _item(row: Backfill, number: int, slot: Slot) -> dict[str, Any]:
    return {
        "id": new_id(),
        "backfill_id": row.id,
        "number": number,
        "state": ItemState.PENDING,
        "as_of": slot.as_of,
        "interval_start": slot.interval.start,
        "interval_end": slot.interval.end,
        "interval_label": slot.interval.label,
    }

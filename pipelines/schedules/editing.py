"""Schedules made, changed and deleted by people; and the rows of those that code declares.

A row's `spec` is what it follows: as an operator made it, or as code declares it with an operator's overrides.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.loading.loaded import LoadedPipeline
from pipelines.schedules.pausing import pauses_of
from pipelines.schedules.stored import locked_schedule, name_of, timetable_of
from pipelines.timetables.effects import Effect, Standing, effect
from pipelines.timetables.kinds import BadSchedule, Schedule, from_json, to_json
from pipelines.timetables.occurrences import Timetable, offset_of
from pipelines.timetables.overrides import differences, overridden
from presstime.errors import PresstimeError
from presstime.ids import new_id
from presstime.models import Decision, Firing
from presstime.models import Schedule as Row

log = logging.getLogger("presstime.schedules")


class ScheduleExists(PresstimeError):
    """A pipeline has a schedule of that name already."""


class DeclaredInCode(PresstimeError):
    """A schedule that code declares can be deleted in the code alone."""


class NotOverridden(PresstimeError):
    """A schedule follows its code as it is, or has none to follow."""


@dataclass(frozen=True)
class Change:
    """The new form of a schedule, in JSON and with its zone, and what following it causes."""

    spec: dict[str, Any]
    timetable: Timetable
    effect: Effect


def create(session: Session, loaded: LoadedPipeline, wanted: Schedule, now: datetime) -> Row:
    """A schedule of an operator's. Raises BadSchedule, ParamsRefused or ScheduleExists."""
    _check(loaded, wanted)
    row = session.scalar(
        select(Row).where(Row.pipeline == loaded.name, Row.name == wanted.name).with_for_update()
    )
    if row is not None and row.removed_at is None:
        raise ScheduleExists(f"schedule {name_of(row)!r} exists; change it with `presstime schedule edit`")
    if row is None:
        row = new_row(loaded.name, wanted.name, now)
        session.add(row)
    begin(row, to_json(wanted), loaded.pipeline.timezone, now)
    row.declared = row.overrides = None
    row.paused_at = row.paused_by = row.paused_why = row.paused_until = row.ended_pauses = None
    session.flush()
    return row


def preview(
    session: Session, row: Row, changes: Mapping[str, Any], loaded: LoadedPipeline, now: datetime
) -> Change:
    """Return what `changes` to fields of the specification come to. Raises BadSchedule or ParamsRefused."""
    wanted = from_json(overridden(row.spec, changes))
    _check(loaded, wanted)
    return _change(session, row, to_json(wanted), loaded.pipeline.timezone, now)


def edit(
    session: Session, schedule_id: UUID, changes: Mapping[str, Any], loaded: LoadedPipeline, now: datetime
) -> Change:
    """Save them; of a schedule of code as overrides, which a deploy does not undo."""
    row = locked_schedule(session, schedule_id)
    change = preview(session, row, changes, loaded, now)
    follow(session, row, change.spec, loaded.pipeline.timezone, now)
    row.overrides = differences(row.declared, row.spec) or None if row.declared is not None else None
    return change


def preview_reset(session: Session, row: Row, loaded: LoadedPipeline, now: datetime) -> Change:
    """Return what following the code again would come to. Raises NotOverridden."""
    if row.declared is None:
        raise NotOverridden(f"schedule {name_of(row)!r} is not declared in code")
    if row.overrides is None:
        raise NotOverridden(f"schedule {name_of(row)!r} is as its code declares it")
    return _change(session, row, row.declared, loaded.pipeline.timezone, now)


def reset(session: Session, schedule_id: UUID, loaded: LoadedPipeline, now: datetime) -> Change:
    """Drop an operator's overrides."""
    row = locked_schedule(session, schedule_id)
    change = preview_reset(session, row, loaded, now)
    follow(session, row, change.spec, loaded.pipeline.timezone, now)
    row.overrides = None
    return change


def delete(session: Session, schedule_id: UUID, now: datetime) -> Row:
    """Its runs, and what was decided, stay. Raises DeclaredInCode."""
    row = locked_schedule(session, schedule_id)
    if row.declared is not None:
        raise DeclaredInCode(
            f"schedule {name_of(row)!r} is declared in the code of its pipeline: delete it there, or pause it"
        )
    retire(row, now)
    return row


def new_row(pipeline: str, name: str, now: datetime) -> Row:
    return Row(id=new_id(), pipeline=pipeline, name=name, version=0, created_at=now)


def begin(row: Row, spec: dict[str, Any], zone: str, now: datetime) -> None:
    """Let a new row, or one that was retired, follow `spec` from now on."""
    # What was due before it existed is nobody's loss.
    row.removed_at, row.cursor, row.judged = None, now, None
    schedule = from_json(spec)
    row.spec, row.timezone = spec, schedule.timezone or zone
    _touch(row, now)


def declare(session: Session, row: Row, declared: dict[str, Any], zone: str, now: datetime) -> None:
    """Have an existing row follow what code says now, with what an operator has changed about it."""
    overrides = differences(row.declared or declared, row.spec)
    spec = overridden(declared, overrides)
    if overrides and any(from_json(spec).problems()):
        log.warning("schedule %s: %s no longer fits its code and is dropped", name_of(row), overrides)
        spec, overrides = declared, {}
    row.declared, row.overrides = declared, overrides or None
    follow(session, row, spec, zone, now)


def follow(session: Session, row: Row, spec: dict[str, Any], zone: str, now: datetime) -> None:
    """Have an existing row follow `spec`, in `zone` unless it has its own."""
    try:
        row.cursor = _change(session, row, spec, zone, now).effect.cursor
    except BadSchedule:
        log.exception("schedule %s could not be followed so far", name_of(row))
    row.spec, row.timezone = spec, from_json(spec).timezone or zone
    _touch(row, now)


def retire(row: Row, now: datetime) -> None:
    row.removed_at = row.updated_at = now
    row.version += 1


def _check(loaded: LoadedPipeline, wanted: Schedule) -> None:
    for problem in wanted.problems():
        raise BadSchedule(wanted.name, problem)
    loaded.params_from(wanted.params)


def _change(session: Session, row: Row, spec: dict[str, Any], zone: str, now: datetime) -> Change:
    schedule = from_json(spec)
    offset = offset_of(name_of(row), schedule.jitter)
    timetable = Timetable(schedule, schedule.timezone or zone, offset)
    standing = Standing(row.cursor, now, _last_run(session, row), tuple(pauses_of(row)))
    return Change(spec, timetable, effect(timetable_of(row), timetable, standing))


def _last_run(session: Session, row: Row) -> datetime | None:
    return session.scalar(
        select(Firing.instant)
        .where(Firing.schedule_id == row.id, Firing.decision == Decision.FIRED)
        .order_by(Firing.instant.desc())
        .limit(1)
    )


def _touch(row: Row, now: datetime) -> None:
    """A new version, so that projections follow; and when the keeper looks: should beat not, and for deadlines."""
    timetable = timetable_of(row)
    row.version += 1
    row.updated_at = row.followed_since = now
    row.next_at = timetable.rings(row.cursor)
    has_deadline = timetable.schedule.by is not None
    row.judged = (row.judged or now) if has_deadline else None
    row.judge_at = now if has_deadline else None  # the first look finds out when there is something to see

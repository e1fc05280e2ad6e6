"""Finds schedules, and what they belong to, for those who only look. Changes nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from pipelines.interval import Period
from pipelines.schedules.stored import find_schedule, timetable_of
from pipelines.timetables.occurrences import Timetable
from presstime.models import PipelineRow, Schedule


def schedules_after(
    session: Session, last: UUID | None, *, pipeline: str | None = None, limit: int
) -> Sequence[Schedule]:
    """Schedules, the oldest first, going on behind the one whose id is `last`."""
    query = _present(pipeline).order_by(Schedule.id).limit(limit)
    return session.scalars(query.where(Schedule.id > last) if last is not None else query).all()


def schedules_by_name(session: Session, pipeline: str | None = None) -> Sequence[Schedule]:
    """All schedules, or those of one pipeline, by the names of their pipelines and their own."""
    return session.scalars(_present(pipeline).order_by(Schedule.pipeline, Schedule.name)).all()


def schedules_by_pipeline(session: Session) -> Mapping[str, Sequence[Schedule]]:
    """The schedules of each pipeline, by their names; a pipeline without any has none."""
    rows = defaultdict[str, list[Schedule]](list)
    for row in schedules_by_name(session):
        rows[row.pipeline].append(row)
    return rows


def known_pipelines(session: Session) -> dict[str, PipelineRow]:
    """The pipelines by name, as they were last loaded."""
    return {row.name: row for row in session.scalars(select(PipelineRow))}


def reported_timetable(session: Session, name: str) -> tuple[Timetable, Period | None]:
    """A schedule's timetable in its pipeline's zone, and the period that its runs report on.

    A run reports on a period of its pipeline's zone, whichever zone its schedule is in. Raises UnknownSchedule.
    """
    row = find_schedule(session, name)
    pipeline = session.get_one(PipelineRow, row.pipeline)
    period = cast("Period | None", pipeline.period)  # the column holds a Period's word
    return replace(timetable_of(row), zone=pipeline.timezone), period


def _present(pipeline: str | None) -> Select[Schedule]:
    query = select(Schedule).where(Schedule.removed_at.is_(None))
    return query.where(Schedule.pipeline == pipeline) if pipeline is not None else query

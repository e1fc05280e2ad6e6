"""What SQL says became of each instant: its runs, and how long after it they were made and started."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from pipelines.schedules.stored import timetable_of
from presstime.database import reading
from presstime.models import Run, RunState, Schedule, Task

Figures = dict[str, float]


@dataclass(frozen=True)
class Started:
    """One run of one instant; `started` is the start of its first task."""

    schedule_id: UUID
    instant: datetime
    state: RunState
    created: datetime
    started: datetime | None

    @property
    def created_after(self) -> float:
        """Seconds since the instant."""
        return (self.created - self.instant).total_seconds()

    @property
    def started_after(self) -> float:
        """Seconds since the instant; infinity when nothing has started."""
        return (self.started - self.instant).total_seconds() if self.started is not None else math.inf


@dataclass(frozen=True)
class Judgement:
    """Instants of all schedules, as text where they are wrong; lags in seconds."""

    instants: int
    missing: list[str]
    twice: list[str]
    unsuccessful: list[str]
    runs: list[Started]

    def lags(self, of: Callable[[Started], bool]) -> dict[str, Figures]:
        """Of the runs that `of` is true of: until they were made, and until they started."""
        chosen = [run for run in self.runs if of(run)]
        started = [run.started_after for run in chosen if run.started is not None]
        return {"created": spread([run.created_after for run in chosen]), "started": spread(started)}


def judge(sessions: sessionmaker[Session], first: datetime, last: datetime) -> Judgement:
    """All instants of all schedules with `first < instant <= last`."""
    with reading(sessions) as session:
        expected = {
            (row.id, one.instant): f"{row.name} at {one.instant:%H:%M:%S}"
            for row in session.scalars(select(Schedule)).all()
            for one in timetable_of(row).occurrences(first, last)
        }
        runs = _runs(session, first, last)
    found = Counter((run.schedule_id, run.instant) for run in runs)
    states = {(run.schedule_id, run.instant): run.state for run in runs}
    return Judgement(
        instants=len(expected),
        missing=[name for key, name in expected.items() if key not in found],
        twice=[
            expected.get(key, str(key)) for key, count in found.items() if count > 1 or key not in expected
        ],
        unsuccessful=[
            f"{expected.get(key, str(key))} is {state}"
            for key, state in states.items()
            if state is not RunState.SUCCEEDED
        ],
        runs=runs,
    )


def unfinished(sessions: sessionmaker[Session], last: datetime) -> int:
    """Schedules that have not decided up to `last`, and runs of instants up to then without an end."""
    undecided = select(func.count()).select_from(Schedule).where(Schedule.next_at <= last)
    running = select(func.count()).where(Run.scheduled_for <= last, Run.finished_at.is_(None))
    with reading(sessions) as session:
        return (session.scalar(undecided) or 0) + (session.scalar(running) or 0)


def spread(lags: Sequence[float]) -> Figures:
    """Zeros where there is nothing to be measured."""
    seconds = sorted(lags)
    if len(seconds) < 2:
        only = seconds[0] if seconds else 0.0
        return {"count": len(seconds), "p50": only, "p99": only, "max": only}
    parts = quantiles(seconds, n=100, method="inclusive")
    return {"count": len(seconds), "p50": parts[49], "p99": parts[98], "max": seconds[-1]}


def _runs(session: Session, first: datetime, last: datetime) -> list[Started]:
    rows = session.execute(
        select(
            Run.schedule_id,
            Run.scheduled_for,
            Run.state,
            Run.created_at,
            func.min(Task.started_at).label("at"),
        )
        .outerjoin(Task, Task.run_id == Run.id)
        .where(Run.scheduled_for > first, Run.scheduled_for <= last)
        .group_by(Run.id)
    ).all()
    return [
        Started(row.schedule_id, row.scheduled_for, row.state, row.created_at, row.at)
        for row in rows
        if row.schedule_id is not None and row.scheduled_for is not None
    ]

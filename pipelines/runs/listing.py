"""Finds runs, and what belongs to one, for those who only look. Changes nothing, knows nothing of HTTP."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, select
from sqlalchemy.orm import Session, defer, undefer

from pipelines.runs.events import UnknownRun
from pipelines.runs.states import IS_UNFINISHED, IS_UNSUCCESSFUL, RUN_FINAL
from presstime.errors import PresstimeError
from presstime.ids import first_id
from presstime.models import Event, FailedAttempt, File, Report, Run, RunState, Task, TaskState, Trigger

BULKY = (Run.graph, Run.expanded, Run.pins, Run.policies)  # a page of runs shows none of these
# A run's id is made a moment before its row, by the clock of another machine than the database's.
CLOCKS_APART = timedelta(hours=1)
# Of ten thousand tasks a reader wants those first that went wrong, and then those that are under way.
FIRST = {TaskState.FAILED: 0, TaskState.RUNNING: 1, TaskState.READY: 2}


class UnknownReport(PresstimeError):
    def __init__(self, report_id: UUID) -> None:
        super().__init__(f"no report {report_id}; each run lists its own")


class UnknownTask(PresstimeError):
    def __init__(self, run_id: UUID, task_id: UUID) -> None:
        super().__init__(f"run {run_id} has no task {task_id}; the run lists its own")


@dataclass(frozen=True)
class RunFilter:
    """A choice of runs; an empty field means all. `since <= created_at < until`."""

    pipeline: str | None = None
    states: Sequence[RunState] = ()
    trigger: Trigger | None = None
    since: datetime | None = None
    until: datetime | None = None


def newest_runs(session: Session, wanted: RunFilter, *, before: UUID | None, limit: int) -> Sequence[Run]:
    """Newest first, going on behind the run `before`. Ids sort by time, so a page never shifts."""
    query = _filtered(wanted).options(*(defer(column, raiseload=True) for column in BULKY))
    if before is not None:
        query = query.where(Run.id < before)
    return session.scalars(query.order_by(Run.id.desc()).limit(limit)).all()


def made_since(instant: datetime) -> ColumnElement[bool]:
    """Runs made at that instant or later. The id, which is indexed, says it roughly."""
    return and_(Run.id >= first_id(instant, later=-CLOCKS_APART), Run.created_at >= instant)


def made_before(instant: datetime) -> ColumnElement[bool]:
    return and_(Run.id < first_id(instant, later=CLOCKS_APART), Run.created_at < instant)


def find_run(session: Session, run_id: UUID) -> Run:
    run = session.get(Run, run_id)
    if run is None:
        raise UnknownRun(run_id)
    return run


def task_counts(session: Session, run_id: UUID) -> dict[str, dict[TaskState, int]]:
    """Count the tasks of each step in each state."""
    rows = session.execute(
        select(Task.step, Task.state, func.count())
        .where(Task.run_id == run_id)
        .group_by(Task.step, Task.state)
    )
    counts: dict[str, dict[TaskState, int]] = defaultdict(dict)
    for step, state, number in rows:
        counts[step][state] = number
    return dict(counts)


def notable_tasks(session: Session, run_id: UUID, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return at most `limit` tasks with `rows`, what their results have; results and logs stay in the database."""
    rank = case(FIRST, value=Task.state, else_=len(FIRST))
    rows = Task.output["rows"].as_integer().label("rows")
    return session.execute(
        select(
            Task.id,
            Task.step,
            Task.kind,
            Task.item,
            Task.position,
            Task.state,
            Task.attempt,
            Task.errors,
            Task.losses,
            Task.error,
            Task.error_type,
            Task.findings,
            Task.worker,
            Task.not_before,
            Task.started_at,
            Task.finished_at,
            rows,
        )
        .where(Task.run_id == run_id)
        .order_by(rank, Task.id)
        .limit(limit)
    ).all()


def find_task(session: Session, run_id: UUID, task_id: UUID) -> Task:
    """A task of that run, with its log and its traceback."""
    find_run(session, run_id)
    task = session.scalar(
        select(Task)
        .where(Task.id == task_id, Task.run_id == run_id)
        .options(undefer(Task.log), undefer(Task.traceback))
    )
    if task is None:
        raise UnknownTask(run_id, task_id)
    return task


def failed_attempts(session: Session, task_id: UUID) -> Sequence[FailedAttempt]:
    """Those of its attempts that came to nothing, in order."""
    return session.scalars(
        select(FailedAttempt).where(FailedAttempt.task_id == task_id).order_by(FailedAttempt.attempt)
    ).all()


def events_after(session: Session, run_id: UUID, number: int, limit: int) -> Sequence[Event]:
    """The events behind that number, in order."""
    return session.scalars(
        select(Event).where(Event.run_id == run_id, Event.number > number).order_by(Event.number).limit(limit)
    ).all()


def newest_event(session: Session, run_id: UUID) -> int:
    """Its number; 0 when there is none."""
    return session.scalar(select(func.max(Event.number)).where(Event.run_id == run_id)) or 0


def reports_of(session: Session, run_id: UUID) -> list[tuple[Report, str]]:
    """A run's reports, each with its media type."""
    query = _reports().where(Report.run_id == run_id).order_by(Report.name, Report.format)
    return [(report, media_type) for report, media_type in session.execute(query)]


def find_report(session: Session, report_id: UUID) -> tuple[Report, str]:
    """A report and its media type."""
    row = session.execute(_reports().where(Report.id == report_id)).one_or_none()
    if row is None:
        raise UnknownReport(report_id)
    report, media_type = row
    return report, media_type


def _reports() -> Select[Report, str]:
    return select(Report, File.media_type).join(File, File.sha256 == Report.sha256)


def _filtered(wanted: RunFilter) -> Select[Run]:
    query = select(Run)
    if wanted.pipeline is not None:
        query = query.where(Run.pipeline == wanted.pipeline)
    if wanted.states:
        query = query.where(Run.state.in_(wanted.states))
        if RUN_FINAL.isdisjoint(wanted.states):
            query = query.where(IS_UNFINISHED)
        elif RunState.SUCCEEDED not in wanted.states:
            query = query.where(IS_UNSUCCESSFUL)
    if wanted.trigger is not None:
        query = query.where(Run.trigger == wanted.trigger)
    if wanted.since is not None:
        query = query.where(made_since(wanted.since))
    if wanted.until is not None:
        query = query.where(made_before(wanted.until))
    return query

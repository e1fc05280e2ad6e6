"""Finds the runs that made a file or fetched it, by the file's sha256. Changes nothing, knows nothing of HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, Subquery, func, select, tuple_, union
from sqlalchemy.orm import Session, defer

from pipelines.runs.listing import BULKY
from presstime.errors import PresstimeError
from presstime.models import File, Report, Run, Snapshot, Task

SHOWN = 20  # reports, and fetches, of one run; a map over ten thousand items may fetch the same page for each

Use = TypeVar("Use", Report, Snapshot)


class UnknownFile(PresstimeError):
    def __init__(self, sha256: str) -> None:
        super().__init__(
            f"no run here made or fetched a file with sha256 {sha256}; "
            "one that was opened and saved again has another, and old runs are pruned"
        )


@dataclass(frozen=True)
class Made:
    """A report with these bytes. `newest_version` is that of its name in its format, by whatever run."""

    report: Report
    media_type: str
    newest_version: int


@dataclass(frozen=True)
class Fetch:
    """A fetch that brought these bytes, and the task that made it."""

    snapshot: Snapshot
    step: str
    item: str | None


@dataclass
class FileOrigin:
    """The part that a run had in a file; of each kind the first SHOWN, and how many there are."""

    run: Run
    made: list[Made] = field(default_factory=list)
    made_total: int = 0
    fetched: list[Fetch] = field(default_factory=list)
    fetched_total: int = 0


def origins(session: Session, sha256: str, *, before: UUID | None, limit: int) -> list[FileOrigin]:
    """The newest run first, going on behind the run `before`. Raises UnknownFile when there is none at all."""
    ids = session.scalars(_runs(sha256, before).limit(limit)).all()
    if not ids and (before is None or not session.scalars(_runs(sha256, None).limit(1)).all()):
        raise UnknownFile(sha256)
    query = select(Run).where(Run.id.in_(ids)).order_by(Run.id.desc())
    runs = session.scalars(query.options(*(defer(column, raiseload=True) for column in BULKY))).all()
    by_run = {run.id: FileOrigin(run) for run in runs}
    _add_reports(session, sha256, by_run)
    _add_fetches(session, sha256, by_run)
    return list(by_run.values())


def _runs(sha256: str, before: UUID | None) -> Select[UUID]:
    """Of either kind, found by the indexes on sha256."""
    made = select(Report.run_id).where(Report.sha256 == sha256)
    fetched = select(Snapshot.run_id).where(Snapshot.sha256 == sha256)
    if before is not None:
        made, fetched = made.where(Report.run_id < before), fetched.where(Snapshot.run_id < before)
    both = union(made, fetched).subquery()
    return select(both.c.run_id).order_by(both.c.run_id.desc())


def _add_reports(session: Session, sha256: str, by_run: dict[UUID, FileOrigin]) -> None:
    first = _first(Report, sha256, list(by_run))
    rows = session.execute(
        select(Report, File.media_type, first.c.total)
        .join(first, first.c.id == Report.id)
        .join(File, File.sha256 == Report.sha256)
        .order_by(Report.id)
    ).all()
    newest = _newest(session, [report for report, _, _ in rows])
    for report, media_type, total in rows:
        origin = by_run[report.run_id]
        origin.made.append(Made(report, media_type, newest[_series(report)]))
        origin.made_total = total


def _add_fetches(session: Session, sha256: str, by_run: dict[UUID, FileOrigin]) -> None:
    first = _first(Snapshot, sha256, list(by_run))
    rows = session.execute(
        select(Snapshot, Task.step, Task.item, first.c.total)
        .join(first, first.c.id == Snapshot.id)
        .join(Task, Task.id == Snapshot.task_id)
        .order_by(Snapshot.id)
    )
    for snapshot, step, item, total in rows:
        origin = by_run[snapshot.run_id]
        origin.fetched.append(Fetch(snapshot, step, item))
        origin.fetched_total = total


def _first(model: type[Use], sha256: str, runs: Sequence[UUID]) -> Subquery:
    """Ids of the first SHOWN of each run, with how many there are in all."""
    rank = func.row_number().over(partition_by=model.run_id, order_by=model.id).label("rank")
    total = func.count().over(partition_by=model.run_id).label("total")
    ranked = select(model.id, rank, total).where(model.sha256 == sha256, model.run_id.in_(runs)).subquery()
    return select(ranked.c.id, ranked.c.total).where(ranked.c.rank <= SHOWN).subquery()


def _series(report: Report) -> tuple[str, str, str]:
    """What versions are counted in."""
    return report.pipeline, report.name, report.format


def _newest(session: Session, reports: Sequence[Report]) -> dict[tuple[str, str, str], int]:
    """The newest version of each series."""
    series = (Report.pipeline, Report.name, Report.format)
    rows = session.execute(
        select(*series, func.max(Report.version))
        .where(tuple_(*series).in_({_series(report) for report in reports}))
        .group_by(*series)
    )
    return {(pipeline, name, format_): version for pipeline, name, format_, version in rows}

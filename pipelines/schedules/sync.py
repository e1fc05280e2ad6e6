"""Brings the tables of pipelines and schedules in line with the code that was loaded."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.loading.registry import LoadedPipeline, Registry
from pipelines.schedules.editing import begin, declare, follow, new_row, retire
from pipelines.timetables.kinds import from_json, to_json
from pipelines.timetables.overrides import overridden
from presstime.models import PipelineRow, Schedule


def sync(session: Session, registry: Registry, now: datetime) -> bool:
    """Add, change and retire rows; True when a schedule changed. A second call finds nothing to do."""
    known = {row.name: row for row in session.scalars(select(PipelineRow).with_for_update())}
    problems = {problem.pipeline: problem for problem in registry.problems if problem.pipeline}
    changed = False
    for name, loaded in registry.pipelines.items():
        _sync_pipeline(session, known.get(name), loaded, now)
        session.flush()
        changed |= _sync_schedules(session, loaded, now)
    for name, row in known.items():
        if name in problems:
            row.load_error = str(problems[name])
        elif name not in registry.pipelines:
            row.load_error = None
            row.removed_at = row.removed_at or now
            changed |= _retire_declared(_schedules(session, name), now)
    return changed


def ensure_pipeline(session: Session, loaded: LoadedPipeline, now: datetime) -> None:
    """The row that a run of this pipeline needs.

    Schedules, and what else there is, stay as they are: who runs one pipeline may know fewer folders than
    those that serve.
    """
    row = session.scalar(select(PipelineRow).where(PipelineRow.name == loaded.name).with_for_update())
    if row is None or row.code_version != loaded.code_version or row.removed_at is not None:
        _sync_pipeline(session, row, loaded, now)
        session.flush()


def ensure_schedules(session: Session, loaded: LoadedPipeline, now: datetime) -> None:
    """The rows of this pipeline and of the schedules that its code declares; other pipelines stay as they are."""
    ensure_pipeline(session, loaded, now)
    _sync_schedules(session, loaded, now)
    session.flush()


def _sync_pipeline(session: Session, row: PipelineRow | None, loaded: LoadedPipeline, now: datetime) -> None:
    pipeline = loaded.pipeline
    if row is None:
        row = PipelineRow(name=pipeline.name, created_at=now)
        session.add(row)
    row.title = loaded.title
    row.description = loaded.description
    row.owner = pipeline.owner
    row.source = loaded.source
    row.period = pipeline.period
    row.timezone = pipeline.timezone
    row.graph = loaded.graph.to_json()
    row.params_schema = loaded.params_schema
    row.load_error = None
    row.removed_at = None
    if row.code_version != loaded.code_version:
        row.code_version, row.file_sha256, row.loaded_at = loaded.code_version, loaded.file_sha256, now


def _sync_schedules(session: Session, loaded: LoadedPipeline, now: datetime) -> bool:
    rows = {row.name: row for row in _schedules(session, loaded.name)}
    zone = loaded.pipeline.timezone
    changed = False
    for schedule in loaded.pipeline.schedules:
        declared = to_json(schedule)
        row = rows.pop(schedule.name, None)
        if row is None:
            row = new_row(loaded.name, schedule.name, now)
            session.add(row)
            begin(row, declared, zone, now)
            row.declared = declared
        elif row.removed_at is not None:
            begin(row, overridden(declared, row.overrides or {}), zone, now)
            row.declared = declared
        elif row.declared != declared or row.timezone != _zone(row, zone):
            declare(session, row, declared, zone, now)
        else:
            continue
        changed = True
    for row in rows.values():
        if row.declared is None and row.removed_at is None and _zone(row, zone) != row.timezone:
            follow(session, row, row.spec, zone, now)
            changed = True
    return _retire_declared(rows.values(), now) or changed


def _schedules(session: Session, pipeline: str) -> list[Schedule]:
    """Those of operators too: code may come to declare one of the same name. Locked, because alarms ring."""
    return list(session.scalars(select(Schedule).where(Schedule.pipeline == pipeline).with_for_update()))


def _zone(row: Schedule, of_pipeline: str) -> str:
    return from_json(row.spec).timezone or of_pipeline


def _retire_declared(rows: Iterable[Schedule], now: datetime) -> bool:
    """Those of operators stay: their instants are refused, and are seen to be, until the pipeline is back."""
    removed = [row for row in rows if row.declared is not None and row.removed_at is None]
    for row in removed:
        retire(row, now)
    return bool(removed)

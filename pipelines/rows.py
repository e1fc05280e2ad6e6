"""Brings the tables of pipelines and schedules in line with the code that was loaded."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.registry import LoadedPipeline, Registry
from pipelines.schedules.kinds import Schedule as Declared
from pipelines.schedules.kinds import to_json
from presstime.ids import new_id
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
            changed |= _retire(_declared(session, name), now)
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
    rows = {row.name: row for row in _declared(session, loaded.pipeline.name)}
    changed = False
    for declared in loaded.pipeline.schedules:
        row = rows.pop(declared.name, None)
        if row is None:
            session.add(_new_schedule(loaded, declared, now))
            changed = True
        elif row.declared != to_json(declared) or row.removed_at is not None:
            _update(row, loaded, declared, now)
            changed = True
    return _retire(rows.values(), now) or changed


def _declared(session: Session, pipeline: str) -> list[Schedule]:
    return list(
        session.scalars(select(Schedule).where(Schedule.pipeline == pipeline, Schedule.declared.is_not(None)))
    )


def _new_schedule(loaded: LoadedPipeline, declared: Declared, now: datetime) -> Schedule:
    row = Schedule(
        id=new_id(),
        pipeline=loaded.pipeline.name,
        name=declared.name,
        failures_in_row=0,
        cursor=now,  # what was due before it existed is nobody's loss
        version=0,
        created_at=now,
    )
    _update(row, loaded, declared, now)
    return row


def _update(row: Schedule, loaded: LoadedPipeline, declared: Declared, now: datetime) -> None:
    """Take over what code says. The cursor stays, so an edit neither loses nor repeats an instant."""
    if row.removed_at is not None:
        row.removed_at, row.cursor = None, now
    row.spec = row.declared = to_json(declared)
    row.timezone = declared.timezone or loaded.pipeline.timezone
    row.version += 1
    row.updated_at = now


def _retire(rows: Iterable[Schedule], now: datetime) -> bool:
    found = [row for row in rows if row.removed_at is None]
    for row in found:
        row.removed_at = row.updated_at = now
        row.version += 1
    return bool(found)

"""Rows for what an attempt fetched and for what it hands out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.orm import Session

from pipelines.runs.claims import Held
from pipelines.sources.snapshots import Snapshot as Fetched
from presstime.artifacts import StoredFile
from presstime.database import database_now, insert_or_ignore
from presstime.ids import new_id
from presstime.models import File, Run
from presstime.models.tables import FILES, PIPELINES, REPORTS, SNAPSHOTS

THERE = (
    select(REPORTS.c.step, REPORTS.c.item)
    .where(REPORTS.c.run_id == bindparam("run"), REPORTS.c.name == bindparam("of_name"))
    .limit(1)  # one name stands for all formats of a report
)
LOCK_PIPELINE = select(PIPELINES.c.name).where(PIPELINES.c.name == bindparam("of_name")).with_for_update()
NEWEST = (
    select(REPORTS.c.id, REPORTS.c.version)
    .where(
        REPORTS.c.pipeline == bindparam("of_pipeline"),
        REPORTS.c.name == bindparam("of_name"),
        REPORTS.c.format == bindparam("of_format"),
    )
    .order_by(REPORTS.c.version.desc())
    .limit(1)
    .with_for_update(read=True, key_share=True)  # or pruning might remove what this one supersedes
)
ADD = insert(REPORTS).values(created_at=database_now())
LOCK_FILES = (
    select(FILES.c.sha256)
    .where(FILES.c.sha256.in_(bindparam("missing", expanding=True)))
    .order_by(FILES.c.sha256)
    .with_for_update(read=True, key_share=True)
)


@dataclass(frozen=True)
class Document:
    """A report's file, already in the artifact store."""

    file: StoredFile
    name: str  # equal for the same report of two runs
    filename: str
    format: str
    content_sha256: str | None = None
    notes: tuple[str, ...] = ()
    manifest: dict[str, Any] = field(default_factory=dict)


def record_snapshots(session: Session, held: Held, fetched: Sequence[Fetched]) -> None:
    if not fetched:
        return
    _keep_files(session, (StoredFile(body.sha256, body.bytes, body.media_type) for body in fetched))
    session.execute(
        insert(SNAPSHOTS),
        [
            {
                "id": new_id(),
                "run_id": held.run_id,
                "task_id": held.task_id,
                "attempt": held.number,
                "position": body.position,
                "method": "GET",
                "url": body.url,
                "status": body.status,
                "media_type": body.media_type,
                "encoding": body.encoding,
                "sha256": body.sha256,
                "bytes": body.bytes,
                "fetched_at": body.fetched_at,
            }
            for body in fetched
        ],
    )


def report_of(session: Session, run_id: UUID, name: str) -> Row[str, str | None] | None:
    """Step and item of the report of that name that this run has made already."""
    return session.execute(THERE, {"run": run_id, "of_name": name}).one_or_none()


def record_report(session: Session, held: Held, pipeline: str, document: Document) -> None:
    """Add the report as the next version of its name and format."""
    _keep_files(session, [document.file])
    # Two runs of one pipeline may end together; the row's lock gives their reports different versions.
    session.execute(LOCK_PIPELINE, {"of_name": pipeline})
    same = {"of_pipeline": pipeline, "of_name": document.name, "of_format": document.format}
    newest = session.execute(NEWEST, same).one_or_none()
    session.execute(
        ADD,
        {
            "id": new_id(),
            "run_id": held.run_id,
            "task_id": held.task_id,
            "attempt": held.number,
            "pipeline": pipeline,
            "step": held.node.name,
            "item": held.item,
            "name": document.name,
            "filename": document.filename,
            "format": document.format,
            "version": newest.version + 1 if newest else 1,
            "supersedes": newest.id if newest else None,
            "sha256": document.file.sha256,
            "content_sha256": document.content_sha256,
            "bytes": document.file.bytes,
            "manifest": document.manifest,
        },
    )
    if document.notes:
        run = session.get_one(Run, held.run_id, populate_existing=True)
        run.notes = [*run.notes, *document.notes]


def _keep_files(session: Session, files: Iterable[StoredFile]) -> None:
    """Rows for the files, locked so that pruning leaves them until what refers to them is committed."""
    rows = {
        file.sha256: {"sha256": file.sha256, "bytes": file.bytes, "media_type": file.media_type}
        for file in files
    }
    while missing := sorted(rows):  # one order for everybody, so that no two block each other
        session.execute(
            insert_or_ignore(session, File).values(created_at=database_now()),
            [rows[sha256] for sha256 in missing],
        )
        # A row that was there already may have gone since: pruning has locked it first.
        for sha256 in session.scalars(LOCK_FILES, {"missing": missing}):
            del rows[sha256]

"""Runs that made files and fetched some, without anybody's code."""

import hashlib
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from pipelines.graph import Node
from pipelines.runs.handback import held_task
from pipelines.runs.records import Document, record_report, record_snapshots
from pipelines.sources.snapshots import Snapshot as Fetched
from presstime.artifacts import StoredFile
from presstime.models import Report, Task
from tests.support.runs.graphs import NOW, submitted

BODY = b"some bytes"
SHA256 = hashlib.sha256(BODY).hexdigest()


def run_with_task(sessions: sessionmaker[Session], pipeline: str = "bare") -> tuple[UUID, UUID]:
    """A new run, and its only task."""
    run_id = submitted(sessions, Node("pages", "extract"), name=pipeline)
    with sessions() as session:
        return run_id, session.scalars(select(Task.id).where(Task.run_id == run_id)).one()


def made(
    sessions: sessionmaker[Session],
    task: UUID,
    name: str = "Sales",
    body: bytes = BODY,
    *,
    pipeline: str = "bare",
    format_: str = "txt",
) -> Report:
    """A report of that name by the task's run: the next version of it."""
    file = StoredFile(hashlib.sha256(body).hexdigest(), len(body), "text/plain")
    with sessions.begin() as session:
        document = Document(file, name, f"{name}.{format_}", format_)
        record_report(session, held_task(session, task), pipeline, document)
        return session.scalars(
            select(Report)
            .where(Report.name == name, Report.format == format_)
            .order_by(Report.version.desc())
        ).all()[0]


def fetched(sessions: sessionmaker[Session], task: UUID, *urls: str, body: bytes = BODY) -> None:
    """Each address answered with the same bytes."""
    sha256 = hashlib.sha256(body).hexdigest()
    with sessions.begin() as session:
        record_snapshots(
            session,
            held_task(session, task),
            [
                Fetched(place, url, 200, "text/plain", None, NOW, sha256, len(body))
                for place, url in enumerate(urls)
            ],
        )

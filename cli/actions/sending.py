"""Commits what a command changed about a run, and sends what follows from it to the broker."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from cli.printing.run_documents import run_document
from pipelines.runs.states import RUN_FINAL
from presstime.models import Run
from presstime.settings import Settings
from scheduler.celery_app import create_app
from scheduler.folder_lock import is_held, read_holder
from scheduler.outbox import Publisher
from scheduler.runtime import Runtime


@dataclass(frozen=True)
class Changed:
    """A run as it is now, its JSON, and what it waits for when nothing can carry it out."""

    run: Run
    document: dict[str, Any]
    waits: str | None


def commit_and_send(runtime: Runtime, change: Callable[[Session], Run]) -> Changed:
    """Commit, and only then send what follows from it, if there is somebody to send it to."""
    with runtime.sessions() as session, session.begin():
        run = change(session)
        document = run_document(run)
    send(runtime, session)
    runtime.engine.dispose()
    return Changed(run, document, None if run.state in RUN_FINAL else waits(runtime.settings))


def send(runtime: Runtime, session: Session) -> None:
    """Publish what `session` has committed."""
    settings = runtime.settings
    if not settings.embedded or is_held(settings.data_dir):
        Publisher(create_app(lambda: settings), runtime).publish_enqueued(session)


def waits(settings: Settings) -> str | None:
    """Say what a run waits for here, if for anything.

    `presstime run` ends with its own run, and others then wait for `presstime up`.
    """
    if not settings.embedded:
        return None
    if not is_held(settings.data_dir):
        return "nothing is running here now; the run goes on once `presstime up` runs."
    holder = read_holder(settings.data_dir)
    if holder is not None and holder.mode == "run":
        return "what is not done when `presstime run` ends goes on once `presstime up` runs."
    return None

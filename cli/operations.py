"""Cancels, retries and reruns for somebody at a terminal: on the database, and then to the broker."""

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from cli.reports import find_run
from cli.services import open_runtime
from cli.tasks import one_task
from pipelines.runs.operations import Again, cancel, rerun, retry, retry_item
from pipelines.runs.states import RUN_FINAL
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import Run
from presstime.settings import Settings
from scheduler.celery_app import create_app
from scheduler.folder_lock import is_held, read_holder
from scheduler.outbox import Publisher
from scheduler.runtime import Runtime


@dataclass(frozen=True)
class Changed:
    """A run as it is now, and what it waits for when nothing can carry it out."""

    run: Run
    waits: str | None

    @property
    def document(self) -> dict[str, Any]:
        return {
            "run_id": str(self.run.id),
            "pipeline": self.run.pipeline,
            "state": str(self.run.state),
            "generation": self.run.generation,
            "rerun_of": str(self.run.rerun_of) if self.run.rerun_of else None,
        }


def cancel_run(settings: Settings, text: str) -> Changed:
    runtime = open_runtime(settings)
    run_id = find_run(runtime, text)
    return commit_and_send(runtime, lambda session: cancel(session, run_id, getpass.getuser()))


def retry_run(settings: Settings, text: str, step: str | None, item: str | None) -> Changed:
    """The whole run, or one task of it when a step or an item is named."""
    runtime = open_runtime(settings)
    run_id = find_run(runtime, text)
    task_id = one_task(runtime, run_id, step, item) if step is not None or item is not None else None
    again = _again(runtime, run_id)

    def change(session: Session) -> Run:
        if task_id is None:
            return retry(session, run_id, again, runtime.items)
        return retry_item(session, run_id, task_id, again, runtime.items)

    return commit_and_send(runtime, change)


def rerun_run(settings: Settings, text: str) -> Changed:
    runtime = open_runtime(settings)
    run_id = find_run(runtime, text)
    again = _again(runtime, run_id)
    return commit_and_send(runtime, lambda session: rerun(session, run_id, again, runtime.items))


def _again(runtime: Runtime, run_id: UUID) -> Again:
    """Loads the pipelines before the transaction begins: nobody is to wait for imports."""
    with reading(runtime.sessions) as session:
        name = session.get_one(Run, run_id).pipeline
    return Again(getpass.getuser(), runtime.registry.get(name), utc_now())


def commit_and_send(runtime: Runtime, change: Callable[[Session], Run]) -> Changed:
    """Commit, and only then send what follows from it, if there is somebody to send it to."""
    with runtime.sessions() as session, session.begin():
        run = change(session)
    send(runtime, session)
    runtime.engine.dispose()
    return Changed(run, None if run.state in RUN_FINAL else waits(runtime.settings))


def send(runtime: Runtime, session: Session) -> None:
    """What `session` has committed."""
    settings = runtime.settings
    if not settings.embedded or is_held(settings.data_dir):
        Publisher(create_app(lambda: settings), runtime).publish_enqueued(session)


def waits(settings: Settings) -> str | None:
    """`presstime run` ends with its own run, and others then wait for `presstime up`."""
    if not settings.embedded:
        return None
    if not is_held(settings.data_dir):
        return "nothing is running here now; the run goes on once `presstime up` runs."
    holder = read_holder(settings.data_dir)
    if holder is not None and holder.mode == "run":
        return "what is not done when `presstime run` ends goes on once `presstime up` runs."
    return None

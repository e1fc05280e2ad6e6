"""Rows that only a worker would make, for the tests of what shows them."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from api.services import Services
from pipelines.loading.registry import LoadedPipeline
from pipelines.runs.handback import held_task
from pipelines.runs.records import Document, record_report
from pipelines.runs.request import Origin, request_run
from pipelines.runs.submit import submit
from pipelines.schedules.sync import sync
from presstime.artifacts import StoredFile
from presstime.clock import utc_now
from presstime.ids import new_id
from presstime.models import Report, Run, StepKind, Task, TaskState, Trigger


def make_runs(services: Services, pipeline: str, number: int, trigger: Trigger = Trigger.CLI) -> list[UUID]:
    """Queued runs, the oldest first."""
    loaded: LoadedPipeline = services.runtime.registry.get(pipeline)
    with services.runtime.sessions.begin() as session:
        sync(session, services.runtime.registry, utc_now())
        session.flush()
        asked = request_run(loaded, params={}, interval=None, as_of=utc_now(), origin=Origin(trigger, "ann"))
        return [submit(session, asked, services.runtime.items).id for _ in range(number)]


def make_report(
    services: Services, run_id: UUID, filename: str, body: bytes, media_type: str, *, format_: str = "xlsx"
) -> Report:
    """A report of the run's first task, with its file in the store."""
    stored: StoredFile = services.runtime.artifacts.put_bytes(body, media_type)
    with services.runtime.sessions.begin() as session:
        run = session.get_one(Run, run_id)
        task = session.scalars(select(Task).where(Task.run_id == run_id).order_by(Task.id)).first()
        if task is None:
            raise LookupError(f"run {run_id} has no task")
        document = Document(stored, f"{filename} of {run_id}", filename, format_, manifest={"seconds": 0.5})
        record_report(session, held_task(session, task.id), run.pipeline, document)
        session.flush()
        return session.scalars(
            select(Report).where(Report.run_id == run_id, Report.filename == filename)
        ).one()


def make_tasks(
    sessions: sessionmaker[Session], run_id: UUID, step: str, states: list[TaskState], first: int = 0
) -> None:
    """One task of a mapped step for each state."""
    now = utc_now()
    with sessions.begin() as session:
        session.add_all(
            Task(
                id=new_id(),
                run_id=run_id,
                step=step,
                kind=StepKind.EXTRACT,
                item=f'"item {first + number}"',
                item_key=f"{first + number}",
                position=first + number,
                state=state,
                branch=0,
                place=0,
                waiting=False,
                attempt=1,
                errors=0,
                losses=0,
                output={"rows": number} if state is TaskState.SUCCEEDED else None,
                error="ValueError: no such region" if state is TaskState.FAILED else None,
                created_at=now,
                started_at=now - timedelta(seconds=3),
            )
            for number, state in enumerate(states)
        )

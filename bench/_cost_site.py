"""One process that does a worker's work by itself, message after message, so that each statement has its cause.

Everything is real but the worker processes: database, Valkey, artifact store, the functions that messages call.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import Celery
from sqlalchemy import delete, func, select, update

from bench import _cost_pipelines
from bench._cost_sql import Heard, listening
from bench._installation import BenchFailed, Installation
from pipelines.runs.request import Origin, request_run
from pipelines.runs.submit import submit
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.database import reading
from presstime.migrations import ensure_current
from presstime.models import Firing, Run, RunState, Schedule, Stage, StepKind, Task, TaskState, Trigger
from scheduler.attempts import run_task
from scheduler.celery_app import create_app
from scheduler.outbox import Publisher
from scheduler.runtime import Runtime, runtime_of
from scheduler.tasks import advance_run, fire_schedules
from tests.support.servers.postgres import PostgresServer

WORKER = "bench@localhost"
LIST = _cost_pipelines.numbers.__name__  # the step whose result the map goes over


class Site:
    def __init__(self, app: Celery, heard: Heard) -> None:
        self.app = app
        self.heard = heard
        self.runtime: Runtime = runtime_of(app)
        self.publisher = Publisher(app, self.runtime)
        with self.runtime.sessions.begin() as session:
            sync(session, self.runtime.registry, utc_now())

    def submit(self, pipeline: str, **params: Any) -> UUID:
        """A run that somebody asks for, its first stages published."""
        request = request_run(
            self.runtime.registry.get(pipeline),
            params=params,
            interval=None,
            as_of=utc_now(),
            origin=Origin(Trigger.CLI),
        )
        with self.heard.during("submit a run"), self.runtime.sessions() as session, session.begin():
            run = submit(session, request, self.runtime.items)
        with self.heard.during("publish a stage"):
            self.publisher.publish_enqueued(session)
        return run.id

    def ring(self, schedule: str) -> UUID:
        """The run that a schedule starts which was due a while ago."""
        yesterday = utc_now() - timedelta(days=1)
        with self.runtime.sessions.begin() as session:
            changed = update(Schedule).where(Schedule.name == schedule, Schedule.removed_at.is_(None))
            found = session.scalars(changed.values(cursor=yesterday).returning(Schedule.id)).one()
            session.execute(delete(Firing).where(Firing.schedule_id == found))  # it may ring again and again
        with self.heard.during("fire a schedule"):
            fire_schedules(self.app, [found])
        with reading(self.runtime.sessions) as session:
            newest = select(Run.id).where(Run.schedule_id == found).order_by(Run.id.desc()).limit(1)
            return session.scalars(newest).one()

    def work_off(self, run_id: UUID) -> None:
        """Execute its stages, one after the other, until it is final. Raises BenchFailed unless it succeeded."""
        done: set[UUID] = set()
        while (stage := self.next_stage(run_id, done)) is not None:
            done.add(stage.id)
            tasks = self.tasks_of(stage.id)
            for task in tasks:
                self.execute(task)
            self.advance(run_id, stage, expands=any(task.step == LIST for task in tasks))
        with reading(self.runtime.sessions) as session:
            run = session.get_one(Run, run_id)
            if run.state is not RunState.SUCCEEDED:
                raise BenchFailed(f"run {run.id} is {run.state}: {run.error}", {})

    def execute(self, task: Task) -> None:
        with self.heard.during(_purpose(task)):
            run_task(self.app, task.id, WORKER)

    def advance(self, run_id: UUID, stage: Stage, *, expands: bool = False) -> None:
        """What the end of the stage's canvas asks for."""
        with self.heard.during("expand a map" if expands else "advance"):
            advance_run(self.app, run_id, stage.id)

    def tasks_of(self, stage_id: UUID) -> list[Task]:
        with reading(self.runtime.sessions) as session:
            query = select(Task).where(Task.stage_id == stage_id).order_by(Task.branch, Task.place)
            return list(session.scalars(query))

    def stages_of(self, run_id: UUID) -> list[Stage]:
        """Those that were published, in order."""
        with reading(self.runtime.sessions) as session:
            query = select(Stage).where(Stage.run_id == run_id, Stage.published > 0).order_by(Stage.number)
            return list(session.scalars(query))

    def count_items(self, run_id: UUID) -> int:
        """How many items of its map have succeeded."""
        done = select(func.count()).where(Task.run_id == run_id, Task.item.is_not(None))
        with reading(self.runtime.sessions) as session:
            return session.scalar(done.where(Task.state == TaskState.SUCCEEDED)) or 0

    def next_stage(self, run_id: UUID, done: set[UUID]) -> Stage | None:
        return next((stage for stage in self.stages_of(run_id) if stage.id not in done), None)


def _purpose(task: Task) -> str:
    if task.item is not None:
        return "an item of a map"
    return "a report step" if task.kind is StepKind.REPORT else "a plain step"


@contextmanager
def site_on(database: str) -> Iterator[Site]:
    with _url(database) as url, site_at(url) as site:
        yield site


@contextmanager
def site_at(url: str) -> Iterator[Site]:
    """On an empty database; without a URL, on a SQLite of its own."""
    with Installation({"PRESSTIME_DATABASE_URL": url}) as installation:
        shutil.copy(_cost_pipelines.__file__, installation.pipelines / "cost.py")
        app = create_app(lambda: installation.settings)
        runtime = runtime_of(app)
        ensure_current(runtime.engine, create=True)
        try:
            with listening(runtime.engine) as heard:
                yield Site(app, heard)
        finally:
            runtime.engine.dispose()
            app.close()


@contextmanager
def _url(database: str) -> Iterator[str]:
    if database == "sqlite":
        yield ""
        return
    server = PostgresServer()
    try:
        server.start()
        yield server.create_database()
    finally:
        server.stop()

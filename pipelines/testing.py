"""Runs a whole pipeline in this process: for an author's tests and for notebooks. Needs no services.

The code is the one that workers run; only Celery is missing.
"""

import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from pipelines.execution.execute import execute
from pipelines.interval import Interval
from pipelines.loading.load import load_pipeline
from pipelines.loading.loaded import LoadedPipeline
from pipelines.pipeline import Pipeline
from pipelines.results.items import items_of
from pipelines.results.store import load
from pipelines.runs.advance import advance_stage
from pipelines.runs.claims import Worker, claim
from pipelines.runs.outbox import Enqueued, take_enqueued
from pipelines.runs.request import Origin, RunRequest, request_run
from pipelines.runs.seeding import seed_run
from pipelines.runs.submit import submit
from pipelines.schedules.sync import ensure_pipeline
from presstime.artifacts import Artifacts, file_key
from presstime.clock import Clock, utc_now
from presstime.database import create_engine, create_sessions, database_now
from presstime.errors import PresstimeError
from presstime.models import Base, Intent, OutboxMessage, Report, Run, RunState, Task, Trigger

HERE = Worker("in-process", 0, lease_seconds=3600)


class RunFailed(PresstimeError):
    """The run came to an end, and it was not success."""

    def __init__(self, error: str) -> None:
        super().__init__(error)


@dataclass(frozen=True)
class Finished:
    """A run that has ended, with its results and reports still readable."""

    state: str
    error: str | None
    reports: Mapping[str, Path]  # by file name
    tasks: Mapping[str, list[str]]  # states of each step's tasks
    _loaded: LoadedPipeline
    _outputs: Mapping[str, dict[str, Any] | None]
    _artifacts: Artifacts
    _stack: ExitStack

    def result(self, step: str) -> Any:
        """Read back what an unmapped step returned."""
        output = self._outputs[step]
        return (
            None
            if output is None
            else load(output, self._loaded.steps[step].result, self._artifacts, self._stack)
        )


@contextmanager
def run_in_process(
    pipeline: Pipeline,
    *,
    params: Mapping[str, Any] | None = None,
    interval: str | Interval | None = None,
    as_of: datetime | None = None,
    previous: Mapping[str, Any] | None = None,
    check: bool = True,
    clock: Clock = utc_now,
) -> Iterator[Finished]:
    """Run to the end; files live until the block is left. Raises RunFailed unless `check` is off.

    `previous` are results by step, as if a run of the interval before had given them: what `Previous(step)` takes.
    Of a mapped step it is a mapping of items to results.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="presstime-")))
        loaded = load_pipeline(pipeline)
        runner = _Runner(loaded, folder, clock)
        stack.callback(runner.close)
        request = request_run(
            loaded,
            params=params or {},
            interval=str(interval) if interval is not None else None,
            as_of=as_of or clock(),
            origin=Origin(Trigger.CLI),
        )
        if previous:
            runner.remember(request, previous)
        run_id = runner.submit(request)
        runner.work()
        finished = runner.finished(run_id, folder / "reports", stack)
        if check and finished.state != RunState.SUCCEEDED:
            raise RunFailed(finished.error or finished.state)
        yield finished


class _Runner:
    """A database, an artifact store, and a loop in place of broker and workers."""

    def __init__(self, loaded: LoadedPipeline, folder: Path, clock: Clock) -> None:
        self._loaded = loaded
        self._clock = clock
        self._artifacts = Artifacts((folder / "artifacts").as_uri())
        self._engine = create_engine(f"sqlite:///{folder / 'presstime.db'}")
        Base.metadata.create_all(self._engine)
        self._sessions: sessionmaker[Session] = create_sessions(self._engine)
        self._enqueued: deque[Enqueued] = deque()

    def close(self) -> None:
        self._engine.dispose()

    def submit(self, request: RunRequest) -> UUID:
        with self._transaction() as session:
            ensure_pipeline(session, self._loaded, request.as_of)
            return submit(session, request, self._items).id

    def remember(self, request: RunRequest, results: Mapping[str, Any]) -> None:
        """Make a run of the interval before, which gave these results."""
        with self._sessions.begin() as session:
            ensure_pipeline(session, self._loaded, request.as_of)
            seed_run(session, self._loaded, request, results, self._artifacts)

    def work(self) -> None:
        """Do what the outbox asks for, one row after the other, until nothing is left."""
        while self._enqueued or self._wait_for_retry():
            row = self._enqueued.popleft()
            if row.intent is Intent.PUBLISH and row.stage_id is not None:
                for task_id in self._tasks(row.stage_id):
                    self._attempt(task_id)
            elif row.intent is Intent.TASK and row.task_id is not None:
                self._attempt(row.task_id)
            with self._transaction() as session:
                session.execute(delete(OutboxMessage).where(OutboxMessage.id == row.id))
                advance_stage(session, row.run_id, row.stage_id, self._items)

    def finished(self, run_id: UUID, folder: Path, stack: ExitStack) -> Finished:
        folder.mkdir()
        with self._sessions() as session:
            run = session.get_one(Run, run_id)
            tasks = session.scalars(select(Task).where(Task.run_id == run_id).order_by(Task.position)).all()
            reports = session.scalars(select(Report).where(Report.run_id == run_id)).all()
        states: dict[str, list[str]] = {}
        for task in tasks:
            states.setdefault(task.step, []).append(task.state.value)
        return Finished(
            state=run.state.value,
            error=run.error,
            reports={report.filename: self._copy(report, folder) for report in reports},
            tasks=states,
            _loaded=self._loaded,
            _outputs={task.step: task.output for task in tasks if task.item is None},
            _artifacts=self._artifacts,
            _stack=stack,
        )

    def _attempt(self, task_id: UUID) -> None:
        with self._transaction() as session:
            attempt = claim(session, task_id, HERE, lambda *_: True)
        if attempt is not None:
            outcome = execute(attempt, self._loaded, self._artifacts, self._clock)
            with self._transaction() as session:
                outcome.record(session, attempt)

    def _tasks(self, stage_id: UUID) -> list[UUID]:
        with self._sessions() as session:
            return list(
                session.scalars(
                    select(Task.id).where(Task.stage_id == stage_id).order_by(Task.branch, Task.place)
                )
            )

    def _wait_for_retry(self) -> bool:
        """Sleep until the next try is due; False when none is to come."""
        with self._sessions() as session:
            row = session.scalars(select(OutboxMessage).order_by(OutboxMessage.available_at).limit(1)).first()
            if row is None:
                return False
            now = session.scalar(select(database_now()))
        if now is not None:
            time.sleep(max(0.0, (row.available_at - now).total_seconds()))
        self._enqueued.append(Enqueued(row.id, row.intent, row.run_id, row.stage_id, row.task_id))
        return True

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with self._sessions() as session:
            with session.begin():
                yield session
            self._enqueued.extend(take_enqueued(session))

    def _items(self, output: dict[str, Any]) -> list[str]:
        return items_of(output, self._artifacts)

    def _copy(self, report: Report, folder: Path) -> Path:
        path = folder / report.filename
        path.write_bytes(self._artifacts.read(file_key(report.sha256)))
        return path

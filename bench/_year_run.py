"""The run: the demo site, a Valkey and one worker, each a process of its own, and SQLite. Needs no keeper."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import psutil
from sqlalchemy import select

from bench._installation import Installation
from bench._memory import MIB, settle, watched
from bench._year_steps import Part, Seen, parts_of
from pipelines.annotations import Form
from pipelines.catalog import flight_punctuality
from pipelines.loading.loaded import LoadedPipeline, Parameter
from pipelines.results.store import Descriptor, load, load_joined
from pipelines.runs.intervals import interval_of
from pipelines.runs.request import Origin, request_run
from pipelines.runs.states import RUN_FINAL
from pipelines.runs.submit import submit
from pipelines.schedules.sync import sync
from presstime.artifacts import file_key
from presstime.clock import utc_now
from presstime.database import reading
from presstime.migrations import upgrade
from presstime.models import FailedAttempt, Report, Run, RunState, Task, Trigger
from reports import Workbook
from scheduler.celery_app import create_app
from scheduler.outbox import Publisher
from scheduler.runtime import Runtime
from scheduler.worker import RENEWER_DELAY

PIPELINE = flight_punctuality.flights.name
PATIENCE = 900.0  # seconds
ADDRESS = re.compile(r"demo site at (\S+)")


@dataclass(frozen=True)
class Measured:
    """`seconds` from the request to the end; the writer is the process that carried out the report step."""

    seconds: float
    cpu_s: float
    demo_cpu_s: float
    parts: list[Part]
    failed_attempts: int
    worker_mib: float
    processes: int
    writer_mib: float
    bytes: int
    rows: dict[str, int]


class Site:
    """Ready once it is made: the worker waits for work, and the demo site has read its flights."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._demo = installation.start_python("demo", "-m", "demo", "--port", "0")
        installation.variables["PRESSTIME_DEMO_URL"] = installation.wait("the demo site", self._address)
        self._runtime = Runtime.open(installation.settings, durable=True)
        upgrade(self._runtime.engine)
        with self._runtime.sessions.begin() as session:
            sync(session, self._runtime.registry, utc_now())
        self._worker = installation.start_python("worker", "-m", "cli", "worker")
        installation.wait("the worker", self._worker_is_ready)
        settle(self._worker.pid, RENEWER_DELAY + 0.5)
        settle(self._demo.pid, 0)

    def carry_out(self, interval: str) -> tuple[UUID, Measured]:
        """One run. Raises BenchFailed unless it succeeds."""
        seen, demo = Seen(), psutil.Process(self._demo.pid)
        before = _used(demo)
        with watched(self._worker.pid, seen.note) as peak:
            run_id, asked = self._ask(interval)
            run = self._installation.wait(f"run {run_id}", lambda: self._final(run_id), PATIENCE)
        if run.state is not RunState.SUCCEEDED or run.finished_at is None:
            raise self._installation.failed(f"run {run_id} is {run.state}: {run.error}")
        tasks, failed, report = self._traces(run_id)
        writer = next(task.pid for task in tasks if task.id == report.task_id)
        return run_id, Measured(
            seconds=run.finished_at.timestamp() - asked,
            cpu_s=seen.whole_cpu(),
            demo_cpu_s=_used(demo) - before,
            parts=parts_of(tasks, failed, seen, report.manifest["seconds"]),
            failed_attempts=len(failed),
            worker_mib=peak.bytes / MIB,
            processes=peak.processes,
            writer_mib=seen.highest[writer or 0] / MIB,
            bytes=report.bytes,
            rows=report.manifest["rows"],
        )

    def file_of(self, run_id: UUID) -> Path:
        """The workbook, by a name with a suffix that programs know."""
        with reading(self._runtime.sessions) as session:
            sha256 = session.scalars(select(Report.sha256).where(Report.run_id == run_id)).one()
        named = self._installation.folder / "year.xlsx"
        named.symlink_to(self._installation.data_dir / "artifacts" / file_key(sha256))
        return named

    def workbook_of(self, run_id: UUID) -> Workbook:
        """What the report step returned: made again from what the other steps handed on."""
        loaded = self._runtime.registry.get(PIPELINE)
        step = loaded.steps[flight_punctuality.workbook.__name__]
        with ExitStack() as stack:
            given = {p.name: self._taken(run_id, loaded, p, stack) for p in step.parameters}
            return cast(Workbook, step.call(given))

    def close(self) -> None:
        """Leave the processor to whatever comes next; what the run left behind stays."""
        self._runtime.engine.dispose()
        for process in (self._worker, self._demo):
            self._installation.end(process)

    def _ask(self, interval: str) -> tuple[UUID, float]:
        runtime = self._runtime
        asked = utc_now()
        request = request_run(
            runtime.registry.get(PIPELINE),
            params={},
            interval=interval,
            as_of=asked,
            origin=Origin(Trigger.CLI),
        )
        with _publisher(self._installation, runtime) as publisher:
            with runtime.sessions() as session, session.begin():
                run = submit(session, request, runtime.items)
            publisher.publish_enqueued(session)
        return run.id, asked.timestamp()

    def _traces(self, run_id: UUID) -> tuple[list[Task], list[FailedAttempt], Report]:
        with reading(self._runtime.sessions) as session:
            tasks = session.scalars(select(Task).where(Task.run_id == run_id)).all()
            of_run = FailedAttempt.task_id.in_(select(Task.id).where(Task.run_id == run_id))
            failed = session.scalars(select(FailedAttempt).where(of_run)).all()
            report = session.scalars(select(Report).where(Report.run_id == run_id)).one()
        return list(tasks), list(failed), report

    def _taken(self, run_id: UUID, loaded: LoadedPipeline, parameter: Parameter, stack: ExitStack) -> Any:
        """As a worker takes the interval, or the result of another step; there was no run before."""
        if parameter.role == "previous":
            return None
        if parameter.source == "interval":
            with reading(self._runtime.sessions) as session:
                return interval_of(session.get_one(Run, run_id))
        producer = loaded.steps[str(parameter.source)]
        form, artifacts = cast(Form, parameter.form), self._runtime.artifacts
        query = select(Task.item, Task.output).where(Task.run_id == run_id, Task.step == producer.name)
        with reading(self._runtime.sessions) as session:
            found = session.execute(query.order_by(Task.position)).all()
        parts = [(str(item), output) for item, output in found]
        if loaded.graph.node(producer.name).mapped:
            return load_joined(parts, form, producer.result, artifacts, stack, item=producer.item)
        return load(cast(Descriptor, found[0].output), producer.result, artifacts, stack, form.frame)

    def _final(self, run_id: UUID) -> Run | None:
        with reading(self._runtime.sessions) as session:
            run = session.get_one(Run, run_id)
            return run if run.state in RUN_FINAL else None

    def _address(self) -> str | None:
        found = ADDRESS.search(self._log("demo"))
        return found[1] if found else None

    def _worker_is_ready(self) -> bool | None:
        return "ready." in self._log("worker") or None

    def _log(self, name: str) -> str:
        return (self._installation.folder / f"{name}.log").read_text(errors="replace")


@contextmanager
def _publisher(installation: Installation, runtime: Runtime) -> Iterator[Publisher]:
    app = create_app(lambda: installation.settings)
    try:
        yield Publisher(app, runtime)
    finally:
        app.close()


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)

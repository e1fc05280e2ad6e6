"""A whole Presstime in a temporary folder: real Valkey, real workers, started and ended by the test."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import psutil
from celery import Celery

from pipelines.runs.request import Origin, request_run
from pipelines.runs.states import RUN_FINAL
from pipelines.runs.submit import submit
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.migrations import ensure_current
from presstime.models import Run, Trigger
from presstime.settings import PROJECT, Settings
from scheduler.celery_app import create_app
from scheduler.folder_lock import FolderLock
from scheduler.outbox import Publisher
from scheduler.runtime import Runtime
from tests.support.installations import forked
from tests.support.installations.forked import Forked
from tests.support.processes import living_with, signal_all
from tests.support.servers import valkey
from tests.support.waiting import PATIENCE, until


@dataclass
class Installation:
    """Processes share `environment`; `pipelines` is the folder for the test's own pipelines.

    Commands are forked from a process that has imported everything; where it matters how they are started, each
    gets an interpreter of its own, as a user's do. Used as a context manager it ends whatever it has started, also
    when a start fails.
    """

    folder: Path
    database_url: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    interpreters: bool = False
    processes: "dict[str, subprocess.Popen[str] | Forked]" = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data_dir = self.folder / "data"
        self.pipelines = self.folder / "pipelines"
        self.pipelines.mkdir(parents=True, exist_ok=True)
        self.data_dir.mkdir(exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_all()

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PRESSTIME_")}
        return {
            **kept,
            "PRESSTIME_DATA_DIR": str(self.data_dir),
            "PRESSTIME_PIPELINES": str(self.pipelines),
            "PRESSTIME_DATABASE_URL": self.database_url,
            "PRESSTIME_API_PORT": "0",
            "PRESSTIME_DEMO_PORT": "0",
            **self.extra,
        }

    @property
    def settings(self) -> Settings:
        given = {
            name.removeprefix("PRESSTIME_").lower(): value
            for name, value in self.environment.items()
            if name.startswith("PRESSTIME_")
        }
        return Settings.model_validate(given)

    @cached_property
    def runtime(self) -> Runtime:
        """The test's own view of it, open until the end."""
        return Runtime.open(self.settings)

    def make_tables(self) -> None:
        """Do as `presstime migrate` does, without the wait for a command."""
        ensure_current(self.runtime.engine, create=True)

    @cached_property
    def app(self) -> Celery:
        return create_app(lambda: self.settings)

    @contextmanager
    def held_by_up(self) -> Iterator[None]:
        """Hold the data folder as `presstime up` does, so that commands leave to it what they ask for."""
        lock = FolderLock.acquire(self.data_dir, "up", utc_now())
        try:
            yield
        finally:
            lock.release()

    def write_pipeline(self, name: str, source: str) -> None:
        """Write a file of pipelines, or write it anew; the test's own view knows it too."""
        (self.pipelines / f"{name}.py").write_text(source)
        if "runtime" in self.__dict__:
            self.runtime.registry.refresh()

    def command(self, *words: str, timeout: float = PATIENCE) -> "subprocess.CompletedProcess[str]":
        """Run a `presstime` command to its end."""
        if not self.interpreters:
            return forked.run(words, self.environment, timeout)
        return subprocess.run(
            [sys.executable, "-m", "cli", *words],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, name: str, *words: str) -> "subprocess.Popen[str] | Forked":
        """Start a `presstime` command that stays; its output goes to `<name>.log`."""
        if self.interpreters:
            return self._spawn(name, [sys.executable, "-m", "cli", *(words or (name,))])
        self.processes[name] = forked.start(words or (name,), self.environment, self.folder / f"{name}.log")
        return self.processes[name]

    def start_valkey(self) -> None:
        with (self.folder / "valkey.log").open("a") as log:
            self.processes["valkey"] = valkey.spawn(self.data_dir, self.data_dir, log=log)

    def submit(
        self,
        pipeline: str,
        interval: str | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        publisher: Publisher | None = None,
    ) -> UUID:
        """Submit a run and publish it, as a command does."""
        runtime = self.runtime
        with runtime.sessions() as session, session.begin():
            sync(session, runtime.registry, utc_now())
            request = request_run(
                runtime.registry.get(pipeline),
                params=dict(params or {}),
                interval=interval,
                as_of=utc_now(),
                origin=Origin(Trigger.CLI),
            )
            run = submit(session, request, runtime.items)
        (publisher or Publisher(self.app, runtime)).publish_enqueued(session)
        return run.id

    def finished(self, run_id: UUID) -> Run:
        """The run, once it has ended."""

        def look() -> Run | None:
            with self.runtime.sessions() as session:
                run = session.get_one(Run, run_id)
                return run if run.state in RUN_FINAL else None

        run: Run = self.wait(f"the end of run {run_id}", look)
        return run

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def wait(
        self,
        what: str,
        condition: Callable[[], Any],
        seconds: float = PATIENCE,
        process: "subprocess.Popen[str] | Forked | None" = None,
    ) -> Any:
        """What `condition` returns once that is true; no longer than `process` lives, if one is named."""
        return until(condition, what, seconds=seconds, process=process, details=self._logs)

    def _logs(self) -> str:
        return "\n".join(f"--- {path.name}\n{path.read_text()[-3000:]}" for path in self.folder.glob("*.log"))

    def stop(self, name: str, number: int = signal.SIGTERM) -> int:
        process = self.processes.pop(name)
        process.send_signal(number)
        return process.wait(timeout=PATIENCE)

    def stop_all(self) -> None:
        """End what was started, and close what was opened."""
        if (runtime := self.__dict__.pop("runtime", None)) is not None:
            runtime.engine.dispose()
        if (app := self.__dict__.pop("app", None)) is not None:
            app.close()
        for name in sorted(self.processes, key=lambda name: name == "valkey"):
            process = self.processes[name]
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()
        signal_all(self.living(), signal.SIGKILL)  # what a failed test has left

    def living(self) -> list[psutil.Process]:
        """Whatever runs with this data folder, whosever child it has become."""
        return living_with("PRESSTIME_DATA_DIR", str(self.data_dir))

    def _spawn(self, name: str, command: list[str]) -> "subprocess.Popen[str]":
        with (self.folder / f"{name}.log").open("a") as log:
            process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.processes[name] = process
        return process


Install = Callable[..., Installation]


def one_object(stdout: str) -> dict[str, Any]:
    """The single JSON object that a command printed."""
    lines = stdout.splitlines()
    assert len(lines) == 1, stdout
    found: dict[str, Any] = json.loads(lines[0])
    return found

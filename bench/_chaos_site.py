"""The processes of one installation under attack, restarted as a supervisor would restart them."""

import json
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psutil
import redis
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from bench import _chaos_pipeline
from bench._chaos_plan import Form
from bench._chaos_postgres import FragilePostgres
from bench._chaos_work import WITNESS, duration
from bench._installation import Installation
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.database import reading
from presstime.migrations import upgrade
from presstime.models import Task, TaskState
from scheduler.runtime import Runtime
from scheduler.supervisor import FIRST_PAUSE
from scheduler.valkey import socket_path

RENEWER = "scheduler.renewer"  # in the command line of the one child of a worker that executes nothing
BROKER, REDBEAT = 0, 2  # numbers of the databases in the embedded Valkey


@dataclass(frozen=True)
class Held:
    """A task that an attempt holds, as SQL says."""

    task: UUID
    attempt: int
    run: UUID
    pid: int
    lease_until: datetime
    ends: float  # when its work will be done, in seconds since 1970


class Site:
    """Workers, a beat and a keeper. `tend` has to be called all the time."""

    def __init__(self, installation: Installation, postgres: FragilePostgres | None, form: Form) -> None:
        self.installation = installation
        self.postgres = postgres
        self.witness = installation.folder / "witness.jsonl"
        installation.variables[WITNESS] = str(self.witness)
        self._write_pipeline(form.every)
        self.runtime = Runtime.open(installation.settings, durable=True)
        upgrade(self.runtime.engine)
        with self.runtime.sessions.begin() as session:
            sync(session, self.runtime.registry, utc_now())
        self._kept: dict[str, subprocess.Popen[bytes]] = {}
        self._due: dict[str, float] = {}
        self.restarts = 0
        self.workers = [f"worker-{number + 1}" for number in range(form.workers)]
        for name in (*self.workers, "beat", "keeper"):
            self._start(name)

    def tend(self) -> None:
        """Start again what has ended, after the supervisor's shortest pause."""
        for name, process in self._kept.items():
            if process.poll() is None:
                continue
            if name not in self._due:
                self._due[name] = time.monotonic() + FIRST_PAUSE
            elif time.monotonic() >= self._due[name]:
                del self._due[name]
                self.installation.end(process)
                self.restarts += 1
                self._start(name)

    def ready(self) -> bool:
        """Every worker has started and takes messages."""
        return all("ready." in self.logs([name]) for name in self.workers)

    def process(self, name: str) -> psutil.Process | None:
        """A kept process that runs and is not stopped."""
        try:
            found = psutil.Process(self._kept[name].pid)
            return None if found.status() in {psutil.STATUS_ZOMBIE, psutil.STATUS_STOPPED} else found
        except psutil.NoSuchProcess:
            return None

    def children(self) -> dict[int, tuple[str, psutil.Process]]:
        """The pool processes of all workers that run, by process id, with their worker's name."""
        found = {}
        for name in self.workers:
            worker = self.process(name)
            for child in worker.children() if worker is not None else []:
                try:
                    if child.status() != psutil.STATUS_STOPPED and RENEWER not in " ".join(child.cmdline()):
                        found[child.pid] = (name, child)
                except psutil.NoSuchProcess:
                    continue
        return found

    def held(self) -> list[Held]:
        """The tasks in state running; none while the database cannot be read."""
        try:
            with reading(self.runtime.sessions) as session:
                rows = session.scalars(select(Task).where(Task.state == TaskState.RUNNING)).all()
        except DBAPIError:
            return []
        return [
            Held(task.id, task.attempt, task.run_id, task.pid, task.lease_until, _ends(task))
            for task in rows
            if task.pid is not None and task.lease_until is not None
        ]

    def start_broker(self) -> None:
        self.installation.start_valkey()

    def kill_broker(self) -> None:
        self.installation.end(self.installation.valkey)

    def broker_alive(self) -> bool:
        return self.installation.valkey.poll() is None

    @contextmanager
    def broker(self, number: int = BROKER) -> Iterator["redis.Redis"]:
        path = str(socket_path(self.installation.data_dir))
        with redis.Redis(unix_socket_path=path, db=number, socket_timeout=5) as client:
            yield client

    def lock_sqlite(self) -> sqlite3.Connection:
        """Whoever closes the connection gives the lock back. Raises OperationalError when somebody has it."""
        path = self.installation.data_dir / "presstime.db"
        connection = sqlite3.connect(path, isolation_level=None, timeout=0.2)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            connection.close()
            raise
        return connection

    def end_all(self) -> None:
        for name, process in self._kept.items():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            self._due.pop(name, None)
        for process in self._kept.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                self.installation.end(process)
        self.runtime.engine.dispose()

    def logs(self, names: Sequence[str]) -> str:
        paths = [self.installation.folder / f"{name}.log" for name in names]
        return "\n".join(path.read_text(errors="replace") for path in paths if path.exists())

    def _start(self, name: str) -> None:
        self._kept[name] = self.installation.start_python(name, "-m", "cli", name.partition("-")[0])

    def _write_pipeline(self, every: int) -> None:
        copy = self.installation.pipelines / "chaos.py"
        shutil.copy(_chaos_pipeline.__file__, copy)
        line = f"EVERY_SECONDS = {_chaos_pipeline.EVERY_SECONDS}"
        copy.write_text(copy.read_text().replace(line, f"EVERY_SECONDS = {every}"))


def item_of(task: Task) -> int:
    """The number of the item that a task is for; -1 for a step that is not mapped."""
    return int(json.loads(task.item)[0]) if task.item is not None else -1


def _ends(task: Task) -> float:
    begun = task.started_at or utc_now()
    return begun.timestamp() + duration(task.run_id, task.step, item_of(task))

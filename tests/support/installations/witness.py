"""Runs of the test's own pipelines on real processes, and the file in which their steps bear witness."""

import json
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import psutil
from sqlalchemy import select

from pipelines.runs.operations import cancel
from presstime.models import Event, FailedAttempt, Task
from scheduler.outbox import Publisher
from tests.support.installations import forked
from tests.support.installations.forked import Forked
from tests.support.installations.installation import Installation
from tests.support.processes import is_alive, signal_all
from tests.support.waiting import PATIENCE

# Put before a pipeline's source: a step notes what it does, and waits for what the test decides.
WITNESS = '''
import os, re, signal, subprocess, sys, time
from datetime import timedelta
from pathlib import Path
import pandas as pd
from pipelines import Pipeline, TimeLimit
from pipelines.sources import Web
from reports import Sheet, Workbook

FOLDER = Path("FOLDER")


def note(*words):
    """One line, written at once: no two processes mix theirs."""
    line = " ".join(map(str, (*words, os.getpid()))) + "\\n"
    file = os.open(FOLDER / "witness", os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    os.write(file, line.encode())
    os.close(file)


def wait_for(gate):
    while not (FOLDER / gate).exists():
        time.sleep(0.02)
'''


@dataclass(frozen=True)
class Noted:
    """One line of the witness: what, of whom, by which process."""

    what: str
    words: tuple[str, ...]
    pid: int


class Witness:
    """An installation with a migrated database and a broker, whose steps bear witness; tests start processes."""

    def __init__(self, folder: Path, database_url: str = "", **settings: str) -> None:
        extra = {f"PRESSTIME_{name.upper()}": value for name, value in settings.items()}
        self.installation = Installation(folder, database_url, extra)
        self.folder = folder
        self.commands: dict[str, Forked] = {}
        self.wait = self.installation.wait
        self.finished = self.installation.finished
        try:
            self.runtime = self.installation.runtime
            self.installation.make_tables()
            self.installation.start_valkey()
            self.app = self.installation.app
        except BaseException:
            self.installation.stop_all()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self.commands):
            self.kill(name)
        self.installation.stop_all()

    def start(self, name: str, *words: str, **settings: str) -> Forked:
        """A `presstime` command, by default of the same name; `settings` are its own."""
        own = {f"PRESSTIME_{key.upper()}": value for key, value in settings.items()}
        log = self.folder / f"{name}.log"
        environment = {**self.installation.environment, **own}
        self.commands[name] = forked.start(words or (name,), environment, log)
        return self.commands[name]

    def ended(self, name: str) -> int:
        """The exit code of a command that ends by itself, or was told to."""
        return self.commands.pop(name).wait(PATIENCE)

    def kill(self, name: str) -> None:
        command = self.commands.pop(name)
        signal_all(self.everyone_of(command), signal.SIGKILL)
        command.wait(PATIENCE)

    def everyone_of(self, command: Forked) -> list[psutil.Process]:
        """The command's process and all that descend from it."""
        with suppress(psutil.Error):
            process = psutil.Process(command.pid)
            return [process, *process.children(recursive=True)]
        return []

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    # -- the witness

    def open(self, gate: str) -> None:
        (self.folder / gate).touch()

    def noted(self, what: str, *first: str) -> list[Noted]:
        """The lines of the witness that begin so."""
        path = self.folder / "witness"
        lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        found = [Noted(words[0], tuple(words[1:-1]), int(words[-1])) for words in lines]
        return [one for one in found if one.what == what and one.words[: len(first)] == first]

    def wait_noted(self, what: str, *first: str, times: int = 1) -> list[Noted]:
        found: list[Noted] = self.wait(
            f"{what} {' '.join(first)} {times} times",
            lambda: (lines := self.noted(what, *first)) if len(self.noted(what, *first)) >= times else None,
        )
        return found

    # -- runs

    def run(self, name: str, source: str) -> UUID:
        """Submit a run of a pipeline of this source, whose variable is `p`, and publish it."""
        head = WITNESS.replace('Path("FOLDER")', f"Path({str(self.folder)!r})")
        self.installation.write_pipeline(name, f'{head}\n\np = Pipeline("{name}")\n\n{source}')
        return self.installation.submit(name)

    def cancel(self, run_id: UUID) -> None:
        with self.runtime.sessions() as session, session.begin():
            cancel(session, run_id, "somebody")
        Publisher(self.app, self.runtime).publish_enqueued(session)

    def tasks(self, run_id: UUID, step: str) -> list[Task]:
        with self.runtime.sessions() as session:
            found = select(Task).where(Task.run_id == run_id, Task.step == step).order_by(Task.position)
            return list(session.scalars(found))

    def task(self, run_id: UUID, step: str) -> Task:
        (found,) = self.tasks(run_id, step)
        return found

    def failed_attempts(self, task: Task) -> list[FailedAttempt]:
        with self.runtime.sessions() as session:
            found = select(FailedAttempt).where(FailedAttempt.task_id == task.id)
            return list(session.scalars(found.order_by(FailedAttempt.attempt)))

    def events(self, run_id: UUID, kind: str) -> list[dict[str, Any]]:
        with self.runtime.sessions() as session:
            found = select(Event.data).where(Event.run_id == run_id, Event.kind == kind)
            return list(session.scalars(found.order_by(Event.number)))

    def until_gone(self, pids: Sequence[int]) -> None:
        """Wait until none of these processes is there any more."""
        self.wait(f"the end of processes {list(pids)}", lambda: not any(map(is_alive, pids)))

    def messages(self) -> list[dict[str, Any]]:
        """What the broker has handed out and nobody has acknowledged."""
        with self.app.connection_for_read() as connection:
            channel: Any = connection.default_channel  # its types do not know Redis
            held = channel.client.hgetall("unacked")
        return [json.loads(value)[0] for value in held.values()]

"""Starts `presstime` commands from a process that has imported everything: real processes, without the wait.

A command that stays takes seconds to import pandas and Celery, and these tests start many.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from presstime.settings import PROJECT

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["cli.main", "scheduler.celery_app", "scheduler.attempts", "scheduler.worker"])


@dataclass
class Forked:
    """What an Installation asks of a process that it started."""

    process: ForkServerProcess

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def send_signal(self, number: int) -> None:
        if self.process.is_alive():
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; raises TimeoutError."""
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise TimeoutError(f"process {self.pid} did not end within {timeout} s")
        return self.process.exitcode


def start(words: tuple[str, ...], environment: Mapping[str, str], log: Path) -> Forked:
    """A `presstime` command in a session of its own."""
    process = CONTEXT.Process(target=_command, args=(words, dict(environment), log))
    process.start()
    return Forked(process)


def _command(words: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
    from cli.main import main  # loaded already where this runs, not where it is called from

    os.setsid()
    os.chdir(PROJECT)
    os.environ.clear()
    os.environ.update(environment)
    with log.open("a") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    sys.argv = ["presstime", *words]
    main()

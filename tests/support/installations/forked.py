"""Starts `presstime` commands from a process that has imported everything: real processes, without the wait.

A command that stays takes seconds to import pandas and Celery, and these tests start many.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from presstime.settings import PROJECT

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["cli.main", "scheduler.celery_app", "scheduler.attempts", "scheduler.worker"])


@dataclass
class Forked:
    """As much of `subprocess.Popen` as an Installation asks of a process that it started."""

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

    def poll(self) -> int | None:
        return self.process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; raises subprocess.TimeoutExpired."""
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
        return self.process.exitcode


def start(
    words: Sequence[str], environment: Mapping[str, str], log: Path, errors: Path | None = None
) -> Forked:
    """A `presstime` command in a session of its own; both its streams go to `log`, or one to `errors`."""
    errors = errors or log
    for path in (log, errors):
        path.touch()  # so that it can be read at once
    arguments = (tuple(words), dict(environment), log, errors)
    process = CONTEXT.Process(target=_command, args=arguments)
    process.start()
    return Forked(process)


def run(
    words: Sequence[str], environment: Mapping[str, str], timeout: float
) -> "subprocess.CompletedProcess[str]":
    """A `presstime` command to its end, which comes in time or by force."""
    with tempfile.TemporaryDirectory() as folder:
        printed, errors = Path(folder) / "stdout", Path(folder) / "stderr"
        forked = start(words, environment, printed, errors)
        try:
            code = forked.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(forked.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(tuple(words), code, printed.read_text(), errors.read_text())


def _command(words: tuple[str, ...], environment: dict[str, str], log: Path, errors: Path) -> None:
    from cli.main import main  # loaded already where this runs, not where it is called from

    os.setsid()
    os.chdir(PROJECT)
    os.environ.clear()
    os.environ.update(environment)
    for path, stream in ((log, sys.stdout), (errors, sys.stderr)):
        with path.open("a") as file:
            os.dup2(file.fileno(), stream.fileno())
    sys.argv = ["presstime", *words]
    main()

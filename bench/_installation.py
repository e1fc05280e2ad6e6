"""A folder with a Valkey and one worker, for one measurement; ended in any case. Knows neither side."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self, TypeVar

from presstime.errors import PresstimeError
from presstime.settings import PROJECT, Settings
from scheduler.valkey import find_server, server_command, socket_path, wait_until_ready

T = TypeVar("T")

CONCURRENCY = 2
PATIENCE = 60.0  # seconds after which a wait is given up; never what is measured
# Settings from outside; and nobody is to compile every library anew at each start, which takes seconds.
NOT_KEPT = ("PRESSTIME_", "PYTHONDONTWRITEBYTECODE")
LOG_TAIL = 2_000  # characters of each log in an error


class BenchFailed(PresstimeError):
    """Something measured did not do its work, so that there is no figure."""

    def __init__(self, what: str, logs: Mapping[str, str]) -> None:
        tails = "".join(f"\n--- {name}\n{text[-LOG_TAIL:]}" for name, text in logs.items())
        super().__init__(f"{what}; no figure follows from that{tails}")


def exit_when_terminated() -> None:
    """Have SIGTERM end this process by SystemExit, so that it still ends what it started."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


class Installation:
    """Real processes with settings of their own; what they write goes to `<name>.log` in the folder.

    `variables` go before the usual ones; with `persistent`, the Valkey finds its data again when it restarts.
    Terminated, a process that has one ends it as at the end of its block.
    """

    def __init__(self, variables: Mapping[str, str] | None = None, *, persistent: bool = False) -> None:
        self.variables = dict(variables or {})
        self._persistent = persistent
        self.folder = Path(tempfile.mkdtemp(prefix="presstime-bench-"))
        self.data_dir = self.folder / "data"
        self.pipelines = self.folder / "pipelines"
        self.data_dir.mkdir()
        self.pipelines.mkdir()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._signals = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._signals.enter_context(_unwinding_when_terminated())
        try:
            self.start_valkey()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @property
    def settings(self) -> Settings:
        given = {name.removeprefix("PRESSTIME_").lower(): value for name, value in self._variables.items()}
        return Settings.model_validate(given)

    def start_valkey(self) -> None:
        """Start the broker; returns once it answers."""
        socket = socket_path(self.data_dir)
        command = server_command(find_server(), socket, self.data_dir, persistent=self._persistent)
        self.valkey = self.start("valkey", command)
        wait_until_ready(socket, PATIENCE)

    def start(self, name: str, command: Sequence[str]) -> "subprocess.Popen[bytes]":
        """Start a process in a session of its own, so that its children end with it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_KEPT)}
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env={**kept, **self._variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def start_python(self, name: str, *words: str) -> "subprocess.Popen[bytes]":
        return self.start(name, [sys.executable, *words])

    def run(self, name: str, command: Sequence[str], patience: float) -> float:
        """The seconds that a command took. Raises BenchFailed when it fails, or takes longer than `patience`."""
        began = time.perf_counter()
        process = self.start(name, command)
        try:
            code = process.wait(patience)
            seconds = time.perf_counter() - began
        except subprocess.TimeoutExpired as error:
            raise self.failed(f"{name} was not done after {patience:.0f} s") from error
        finally:
            self.end(process)
        if code:
            raise self.failed(f"{name} ended with {code}")
        return seconds

    def end(self, process: "subprocess.Popen[bytes]") -> None:
        """Kill a process with all of its session, whether or not it has ended by itself."""
        with contextlib.suppress(ProcessLookupError):  # it ended, and so did its children
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._processes.remove(process)

    def wait(self, what: str, look: Callable[[], T | None], patience: float = PATIENCE) -> T:
        """What `look` returns once it is not None. Raises BenchFailed when a process ended meanwhile."""
        deadline = time.monotonic() + patience
        while (seen := look()) is None:
            if any(process.poll() is not None for process in self._processes):
                raise self.failed(f"a process ended while waiting for {what}")
            if time.monotonic() > deadline:
                raise self.failed(f"waited {patience:.0f} s in vain for {what}")
            time.sleep(0.02)
        return seen

    def failed(self, what: str) -> BenchFailed:
        logs = {path.name: path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log"))}
        return BenchFailed(what, logs)

    @property
    def _variables(self) -> dict[str, str]:
        return {
            "PRESSTIME_DATA_DIR": str(self.data_dir),
            "PRESSTIME_PIPELINES": str(self.pipelines),
            "PRESSTIME_DATABASE_URL": "",
            "PRESSTIME_REDIS_URL": "",
            "PRESSTIME_BROKER_URL": "",
            "PRESSTIME_WORKER_POOL": "prefork",
            "PRESSTIME_WORKER_CONCURRENCY": str(CONCURRENCY),
            "PRESSTIME_LOG_LEVEL": "INFO",
            **self.variables,
        }

    def _close(self) -> None:
        """Kill whole sessions at once: what they would still tidy up is removed with the folder."""
        with self._signals, _handling(signal.SIG_IGN):  # told twice, it still ends all of them
            for process in list(self._processes):
                self.end(process)
            socket = socket_path(self.data_dir)
            if socket.parent != self.data_dir:
                shutil.rmtree(socket.parent, ignore_errors=True)
            shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def _unwinding_when_terminated() -> Iterator[None]:
    """Have SIGTERM raise, as Ctrl-C does, unless somebody decided otherwise: by default nothing is ended."""
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    with _handling(signal.default_int_handler):
        yield


@contextlib.contextmanager
def _handling(handler: "Callable[[int, FrameType | None], object] | signal.Handlers") -> Iterator[None]:
    """SIGTERM is handled so while the block lasts; only the main thread may decide that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

"""Starts processes in order, restarts those that end, leaves none behind. Knows nothing of what they do."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from presstime.errors import PresstimeError

log = logging.getLogger("presstime.supervisor")

INIT = Path(__file__).with_name("tiny_init.py")
FIRST_PAUSE = 0.2  # seconds before a restart; doubles with each further one
LONGEST_PAUSE = 10.0
SETTLED = 30.0  # seconds after which a process counts as well again
KILL_SECONDS = 5.0  # in which a killed process is gone, with all that it started
LAST_WORDS = 5.0  # seconds for what an ended process wrote; off Linux an escaped one may hold the pipe open
POLL = 0.02  # seconds between two looks whether a process is ready
CLEAN = frozenset({0, -signal.SIGTERM, -signal.SIGINT})  # how a process may end that was asked to


class NotReady(PresstimeError):
    """A process did not come up in time."""

    def __init__(self, name: str, seconds: float, ended: int | None) -> None:
        how = f"ended with {describe(ended)}" if ended is not None else f"is not ready after {seconds:.0f} s"
        super().__init__(f"{name} {how}; its log says why")


@dataclass(frozen=True)
class Child:
    """A process to keep alive. It starts once those named in `after` are ready, and stops before them."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    ready: Callable[[], bool] | None = None  # None: ready as soon as it runs
    after: tuple[str, ...] = ()
    delay: float = 0.0  # seconds to leave the processor to others first
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0


@dataclass
class _Kept:
    """One child, and the thread that keeps it."""

    child: Child
    process: "subprocess.Popen[bytes] | None" = None
    ready: threading.Event = field(default_factory=threading.Event)
    ended: int | None = None
    thread: threading.Thread | None = None


class Supervisor:
    """`sink` gets each line that a child writes; it is called from several threads."""

    def __init__(self, children: Sequence[Child], sink: Callable[[str, str], None], cwd: Path) -> None:
        self._kept = {child.name: _Kept(child) for child in children}
        self._sink = sink
        self._cwd = cwd
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    def start(self) -> None:
        for kept in self._kept.values():
            kept.thread = threading.Thread(target=self._keep, args=(kept,), name=kept.child.name, daemon=True)
            kept.thread.start()

    def wait_ready(self, name: str, seconds: float) -> None:
        """Return once the child is ready; raises NotReady when it ended or takes too long."""
        kept = self._kept[name]
        deadline = time.monotonic() + seconds
        while not kept.ready.wait(POLL):
            if kept.ended is not None or time.monotonic() > deadline:
                raise NotReady(name, seconds, kept.ended)

    def stop(self) -> None:
        """Stop the children, those that others need last. Whoever does not end in time is killed."""
        self._stopping.set()
        for wave in reversed(self._waves()):
            for kept in wave:
                self._signal(kept, kept.child.stop_signal)
            for kept in wave:
                self._join(kept)

    def kill(self) -> None:
        """End everything at once, with all that it started."""
        self._stopping.set()
        for kept in self._kept.values():
            self._let_go(kept)
        for kept in self._kept.values():
            if kept.thread is not None:
                kept.thread.join(KILL_SECONDS)

    def _keep(self, kept: _Kept) -> None:
        pause = FIRST_PAUSE
        for name in kept.child.after:
            while not self._kept[name].ready.wait(POLL):
                if self._stopping.is_set():
                    return
        self._stopping.wait(kept.child.delay)
        while not self._stopping.is_set():
            begun = time.monotonic()
            code = self._run(kept)
            if self._stopping.is_set():
                return
            if time.monotonic() - begun > SETTLED:
                pause = FIRST_PAUSE
            log.warning("%s ended with %s; it starts again in %.1f s", kept.child.name, describe(code), pause)
            self._stopping.wait(pause)
            pause = min(LONGEST_PAUSE, 2 * pause)

    def _run(self, kept: _Kept) -> int:
        """Run the child once, to its end; its exit code."""
        with self._lock:
            if self._stopping.is_set():
                return 0
            process = kept.process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(INIT), *kept.child.argv],
                stdin=subprocess.PIPE,  # the leash: whatever becomes of us, it closes, and they all die
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=dict(kept.child.env) if kept.child.env is not None else None,
                cwd=self._cwd,
                start_new_session=True,  # Ctrl-C is ours to pass on
            )
        reader = threading.Thread(target=self._read, args=(kept.child.name, process.stdout), daemon=True)
        reader.start()
        self._await_ready(kept, process)
        code = process.wait()
        self._let_go(kept)
        # Its init leaves nothing behind, unless the init itself was killed, or is not on Linux.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        reader.join(LAST_WORDS)
        kept.ready.clear()
        kept.ended = code
        return code

    def _await_ready(self, kept: _Kept, process: "subprocess.Popen[bytes]") -> None:
        while process.poll() is None and not self._stopping.is_set():
            if self._is_ready(kept.child):
                kept.ended = None
                kept.ready.set()
                return
            time.sleep(POLL)

    def _is_ready(self, child: Child) -> bool:
        try:
            return child.ready is None or child.ready()
        except Exception as error:  # noqa: BLE001 # a probe that fails must not end the watch over its child
            self._sink(child.name, f"could not be asked whether it is ready: {error}")
            return False

    def _read(self, name: str, stream: IO[bytes] | None) -> None:
        if stream is not None:
            with stream:
                for line in stream:
                    # A full disk must not end the reading, and the child with it.
                    with contextlib.suppress(OSError, ValueError):
                        self._sink(name, line.decode(errors="replace").rstrip())

    def _waves(self) -> list[list[_Kept]]:
        """Children by when they may start: each wave needs only those before it."""
        waves: list[list[_Kept]] = []
        done: set[str] = set()
        left = list(self._kept.values())
        while left:
            wave = [kept for kept in left if set(kept.child.after) <= done] or left
            waves.append(wave)
            done |= {kept.child.name for kept in wave}
            left = [kept for kept in left if kept.child.name not in done]
        return waves

    def _signal(self, kept: _Kept, number: int) -> None:
        with self._lock:
            if kept.process is not None and kept.process.poll() is None:
                kept.process.send_signal(number)

    def _join(self, kept: _Kept) -> None:
        if kept.process is not None:
            try:
                code = kept.process.wait(kept.child.stop_seconds)
            except subprocess.TimeoutExpired:
                log.warning(
                    "%s did not stop in %.0f s and is killed", kept.child.name, kept.child.stop_seconds
                )
                self._let_go(kept)
                code = kept.process.wait()
            else:
                if code not in CLEAN:
                    log.warning("%s stopped with %s", kept.child.name, describe(code))
        if kept.thread is not None:
            kept.thread.join()

    def _let_go(self, kept: _Kept) -> None:
        if kept.process is not None and kept.process.stdin is not None:
            with contextlib.suppress(OSError):
                kept.process.stdin.close()


def describe(code: int | None) -> str:
    """An exit code as people say it."""
    if code is None:
        return "no word"
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def line_printer(stream: IO[str], width: int) -> Callable[[str, str], None]:
    """A sink that writes `name | line`, one whole line at a time."""
    lock = threading.Lock()

    def write(name: str, line: str) -> None:
        with lock, contextlib.suppress(ValueError, OSError):  # the stream may be closed at the very end
            stream.write(f"{name:<{width}} | {line}\n")
            stream.flush()

    return write


class LogFolder:
    """A sink that appends to a file a child, begun anew when it has grown too long."""

    LONGEST = 10_000_000  # bytes of a file before it is set aside as NAME.log.1

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._files: dict[str, IO[str]] = {}
        self._lock = threading.Lock()

    def __call__(self, name: str, line: str) -> None:
        with self._lock:
            file = self._files.get(name)
            if file is None or file.tell() > self.LONGEST:
                file = self._open(name)
            file.write(line + "\n")
            file.flush()

    def _open(self, name: str) -> IO[str]:
        path = self._folder / f"{name}.log"
        if name in self._files:
            self._files[name].close()
        if path.exists() and path.stat().st_size > self.LONGEST:
            os.replace(path, path.with_suffix(".log.1"))  # noqa: PTH105 # says what it does
        self._files[name] = path.open("a")
        return self._files[name]

    def close(self) -> None:
        with self._lock:
            for file in self._files.values():
                file.close()
            self._files.clear()

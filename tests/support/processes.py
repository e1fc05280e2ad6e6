"""Small programs for these tests, and patience: what is awaited is a condition, never a time."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from scheduler.valkey import find_server, server_command, socket_path, wait_until_ready

PATIENCE = 60.0  # seconds after which a wait is given up; never what a test measures

# Says its name when told to stop, as a service does. Not by `print`: in a handler that fails when the
# signal comes before the first `print` has returned, which is just when a test that read its line sends it.
POLITE = """
import os, signal, sys
name = sys.argv[1]
def stop(*_):
    os.write(1, f"stopped {name}\\n".encode())
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("started", name, flush=True)
while True:
    signal.pause()
"""

# Hears no SIGTERM, and has a child that left its session.
STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
escaped = subprocess.Popen(["sleep", "600"], start_new_session=True)
print("escaped", escaped.pid, flush=True)
while True:
    signal.pause()
"""


def python(source: str, *arguments: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", source, *arguments]


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {PATIENCE:.0f} s in vain for {what}")
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until_all_ended(pids: Iterable[int]) -> None:
    for pid in pids:
        until(lambda pid=pid: not is_alive(pid), f"the end of process {pid}")  # type: ignore[misc] # a default binds it


def descendants(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


@contextmanager
def running_valkey(data_dir: Path, *, persistent: bool = True) -> Iterator[Path]:
    """The embedded server of a data folder; its socket."""
    path = socket_path(data_dir)
    command = server_command(find_server(), path, data_dir / "valkey", persistent=persistent)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            wait_until_ready(path, PATIENCE)
            yield path
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)

"""Small programs for tests, and what is known of processes: which live, whose they are, what they wrote."""

import signal
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from tests.support.waiting import until

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


def is_alive(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def until_all_ended(pids: Iterable[int]) -> None:
    for pid in pids:
        until(lambda pid=pid: not is_alive(pid), f"the end of process {pid}")  # type: ignore[misc] # a default binds it


def descendants(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def signal_all(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(number)


def living_with(name: str, value: str) -> list[psutil.Process]:
    """Whatever lives with this variable in its environment, whosever child it has become."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(name) == value and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []

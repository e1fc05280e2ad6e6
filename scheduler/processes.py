"""Other processes: whether one works, what it has started, and how to end that. Knows no task."""

import contextlib
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

import psutil

STOPPED = frozenset(
    {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD, psutil.STATUS_TRACING_STOP}
)
PROC = Path("/proc")


def exists(pid: int) -> bool:
    """Return whether the process is there at all; a zombie is not."""
    try:
        return psutil.Process(pid).status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
    except psutil.Error:
        return False


def lives(process: psutil.Process) -> bool:
    """The same of a process that was seen before: another one may have got its id since."""
    try:
        return process.is_running() and process.status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
    except psutil.Error:
        return False


def works(pid: int) -> bool:
    """The process is there and not stopped: a stopped one must lose its lease like a dead one."""
    try:
        return psutil.Process(pid).status() not in STOPPED
    except psutil.Error:
        return False


def descendants(pid: int) -> set[psutil.Process]:
    """Return whatever the process has started that is still there, by whichever of its threads."""
    if sys.platform != "linux":
        try:
            return set(psutil.Process(pid).children(recursive=True))
        except psutil.Error:
            return set()
    started: set[psutil.Process] = set()
    for child in _children(pid):
        with contextlib.suppress(psutil.Error):
            started.add(psutil.Process(child))
        started |= descendants(child)
    return started


def send(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    """Signal those that are still there; a process id that another one has got since is left alone."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)


def end_families(processes: Iterable[psutil.Process]) -> None:
    """Kill them and whatever they have started.

    Each is stopped before its children are looked for, so that none starts another one in between: a parent that is
    killed after its child may have started the next, which nobody would find any more.
    """
    found: set[psutil.Process] = set()
    fresh = set(processes)
    while fresh:
        send(fresh, signal.SIGSTOP)
        found |= fresh
        fresh = {child for process in fresh for child in _started_by(process)} - found
    send(found, signal.SIGKILL)


def _started_by(process: psutil.Process) -> set[psutil.Process]:
    return descendants(process.pid) if lives(process) else set()


def _children(pid: int) -> Iterable[int]:
    """From the kernel's own list: to look through all processes once a second would cost too much."""
    with contextlib.suppress(OSError):
        for thread in (PROC / str(pid) / "task").iterdir():
            with contextlib.suppress(OSError):
                yield from map(int, (thread / "children").read_text().split())

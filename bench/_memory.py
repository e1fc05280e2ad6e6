"""What a process and its children use: when they have come to rest, and their peak memory."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

MIB = 1024 * 1024
PAUSE = 0.05  # seconds between two samples
REST = 0.5  # seconds over which a tree is looked at
IDLE = 0.1  # of one core; less is rest
RESTLESS = 30.0  # seconds after which a tree is taken as it is


Note = Callable[[psutil.Process, int], None]  # told of a process, and of its bytes at that moment


@dataclass
class Peak:
    """The most that was seen; pages that forked children share are counted in each, as `ps` does."""

    bytes: int = 0
    processes: int = 0


@contextmanager
def watched(pid: int, note: Note | None = None) -> Iterator[Peak]:
    """Sample the tree of `pid` as long as the block lasts; `note` is told of every process each time."""
    peak, done = Peak(), threading.Event()

    def sample() -> None:
        while not done.wait(PAUSE):
            _look(pid, peak, note)

    thread = threading.Thread(target=sample, name="memory", daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()
        _look(pid, peak, note)


def settle(pid: int, age: float) -> None:
    """Return once each process of the tree is `age` seconds old and nothing of it computes."""
    deadline = time.monotonic() + RESTLESS
    before = _used(pid)
    while time.monotonic() < deadline:
        time.sleep(REST)
        now = _used(pid)
        if time.time() - _youngest(pid) >= age and now - before < IDLE * REST:
            return
        before = now


def used_mib(pid: int) -> tuple[float, float]:
    """What one process uses now: all of its pages, and those that it shares with no other."""
    found = psutil.Process(pid).memory_full_info()
    return found.rss / MIB, found.uss / MIB


def tree(pid: int) -> list[psutil.Process]:
    """A process and all that descend from it."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def _used(pid: int) -> float:
    """Processor seconds so far."""
    return sum(times.user + times.system for times in (one.cpu_times() for one in tree(pid)))


def _youngest(pid: int) -> float:
    return max(one.create_time() for one in tree(pid))


def _look(pid: int, peak: Peak, note: Note | None) -> None:
    try:
        sizes = [size for one in tree(pid) if (size := _rss(one, note)) is not None]
    except psutil.NoSuchProcess:
        return
    if sum(sizes) > peak.bytes:
        peak.bytes, peak.processes = sum(sizes), len(sizes)


def _rss(process: psutil.Process, note: Note | None) -> int | None:
    """A child may end between being listed and being looked at."""
    try:
        size = int(process.memory_info().rss)
        if note is not None:
            note(process, size)
    except psutil.NoSuchProcess:
        return None
    return size

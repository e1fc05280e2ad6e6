"""Peak memory of a process and its children, sampled while something runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

PAUSE = 0.05  # seconds between two samples


@dataclass
class Peak:
    """The most that was seen; pages that forked children share are counted in each, as `ps` does."""

    bytes: int = 0
    processes: int = 0


@contextmanager
def watched(pid: int) -> Iterator[Peak]:
    """Sample the tree of `pid` as long as the block lasts."""
    peak, done = Peak(), threading.Event()

    def sample() -> None:
        while not done.wait(PAUSE):
            _look(pid, peak)

    thread = threading.Thread(target=sample, name="memory", daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()
        _look(pid, peak)


def _look(pid: int, peak: Peak) -> None:
    try:
        root = psutil.Process(pid)
        sizes = [size for one in (root, *root.children(recursive=True)) if (size := _rss(one)) is not None]
    except psutil.NoSuchProcess:
        return
    if sum(sizes) > peak.bytes:
        peak.bytes, peak.processes = sum(sizes), len(sizes)


def _rss(process: psutil.Process) -> int | None:
    """A child may end between being listed and being looked at."""
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return None

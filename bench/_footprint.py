"""What a piece of work takes of this process: processor seconds, time, and memory above what was there before."""

import ctypes
import gc
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import psutil
import pyarrow as pa

MB = 1_000_000
KIB = 1024
CLEAR_PEAK = Path("/proc/self/clear_refs")  # Linux; writing 5 forgets the peak (man 5 proc)

Figures = dict[str, float]


def measured(work: Callable[[], object]) -> Figures:
    """`peak_mb` is left out where the system does not tell it."""
    forget_peak()
    resting = psutil.Process().memory_info().rss
    cpu, wall = _cpu(), time.perf_counter()
    work()
    figures = {"cpu_s": _cpu() - cpu, "wall_s": time.perf_counter() - wall}
    if (most := peak()) is not None:
        most += getrusage(RUSAGE_CHILDREN).ru_maxrss * KIB  # of the largest child
        figures["peak_mb"] = max(most - resting, 0) / MB
    return figures


def _cpu() -> float:
    """Processor seconds of all threads, and of children that ended."""
    children = getrusage(RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def forget_peak() -> None:
    """Free memory that is still held would hide what the work needs; so would the peak of getting here."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):  # glibc
        trim(0)
    if CLEAR_PEAK.exists():
        CLEAR_PEAK.write_text("5")


def peak() -> int | None:
    """The most bytes that this process used since it forgot; None where the system does not tell."""
    if not CLEAR_PEAK.exists():
        return None
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) * KIB

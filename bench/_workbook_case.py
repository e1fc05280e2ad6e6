"""One writer with one table, in a process of its own: `python -m bench._workbook_case`. Figures as JSON.

Libraries, table and its form are there before the clock starts; it covers everything up to the closed file.
"""

import ctypes
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from typing import Any

import psutil
import pyarrow as pa

from bench._installation import NOT_KEPT, BenchFailed
from bench._workbook_file import bytes_by_zlib, check_rows
from bench._workbook_frames import FRAMES
from bench._workbook_writers import FAST, OPENPYXL, SMALL, WRITERS, Writer
from presstime.settings import PROJECT

MB = 1_000_000
KIB = 1024
FIRST_ROWS = 10  # written before the measurement, for what libraries load when they are first used
SHORT_ROWS = 1_000
SHORT_WARM_UP = 3
SHORT_RUNS = 15
CLEAR_PEAK = Path("/proc/self/clear_refs")  # Linux; writing 5 forgets the peak (man 5 proc)

Figures = dict[str, float]


def one(name: str, frame: str, rows: int, *, with_zlib: bool) -> Figures:
    writer = WRITERS[name]
    table = FRAMES[frame]().slice(0, rows)
    given, first = writer.prepare(table), writer.prepare(table.slice(0, FIRST_ROWS))
    del table
    with tempfile.TemporaryDirectory(prefix="presstime-bench-") as folder:
        path = Path(folder) / "written.xlsx"
        writer.write(first, path)
        figures = _measured(writer, given, path)
        check_rows(path, rows, writer.sheets)
        figures["file_mb"] = path.stat().st_size / MB
        if with_zlib:
            figures["file_by_zlib_mb"] = bytes_by_zlib(path) / MB
    return figures


def short() -> Figures:
    """Milliseconds for a sheet of the length that people read, by writer; each in turn."""
    table = FRAMES["A"]().slice(0, SHORT_ROWS)
    given = {name: WRITERS[name].prepare(table) for name in (OPENPYXL, SMALL, FAST)}
    taken: dict[str, list[float]] = {name: [] for name in given}
    with tempfile.TemporaryDirectory(prefix="presstime-bench-") as folder:
        path = Path(folder) / "written.xlsx"
        for _ in range(SHORT_WARM_UP + SHORT_RUNS):
            for name, form in given.items():
                began = time.perf_counter()
                WRITERS[name].write(form, path)
                taken[name].append((time.perf_counter() - began) * 1000)
                check_rows(path, SHORT_ROWS, 1)
    return {name: median(times[SHORT_WARM_UP:]) for name, times in taken.items()}


def _measured(writer: Writer, given: object, path: Path) -> Figures:
    path.unlink()
    _give_back()
    resting = psutil.Process().memory_info().rss
    cpu, wall = _cpu(), time.perf_counter()
    writer.write(given, path)
    figures = {"cpu_s": _cpu() - cpu, "wall_s": time.perf_counter() - wall}
    if CLEAR_PEAK.exists():
        figures["peak_mb"] = max(_peak() - resting, 0) / MB
    return figures


def _cpu() -> float:
    """Processor seconds of all threads, and of children that ended."""
    children = getrusage(RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _give_back() -> None:
    """Free memory that is still held would hide what the writer needs; so would the peak of getting here."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):  # glibc
        trim(0)
    if CLEAR_PEAK.exists():
        CLEAR_PEAK.write_text("5")


def _peak() -> int:
    """The most bytes this process used since it forgot, and the most that one child of it did."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return (int(status["VmHWM"].split()[0]) + getrusage(RUSAGE_CHILDREN).ru_maxrss) * KIB


def in_fresh_process(*words: object, module: str = "bench._workbook_case") -> Any:
    """The figures that it prints. Raises BenchFailed when there are none."""
    command = [sys.executable, "-m", module, *map(str, words)]
    kept = {name: value for name, value in os.environ.items() if name not in NOT_KEPT}
    done = subprocess.run(command, cwd=PROJECT, env=kept, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchFailed(
            f"{' '.join(map(str, words))} ended with {done.returncode}", {"stderr": done.stderr}
        )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    if sys.argv[1:] == ["short"]:
        print(json.dumps(short()))
        return
    name, frame, rows, *with_zlib = sys.argv[1:]
    print(json.dumps(one(name, frame, int(rows), with_zlib=bool(with_zlib))))


if __name__ == "__main__":
    main()

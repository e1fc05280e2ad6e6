"""The three cases: latency, throughput, memory; and the warm worker that each of them needs."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from bench._installation import Installation
from bench._memory import settle, watched
from bench._side import Asked, Ended, Side
from bench._work import expected, found

WARM_UP = 3  # runs before anything is measured: both children have then loaded what they need
MIB = 1024 * 1024

Figures = dict[str, float]


def latency(side: Side, runs: int) -> Figures:
    """One after the other, on a worker that has nothing else to do; milliseconds."""
    before = side.rows_written()
    took = [_milliseconds(asked := side.ask(), side.wait(asked)) for _ in range(runs)]
    rows = {f"rows_{name}": (count - before[name]) / runs for name, count in side.rows_written().items()}
    return {"latency_ms_p50": median(took), "latency_ms_worst": max(took), **rows}


def throughput(side: Side, runs: int) -> Figures:
    """All asked for at once; from the first question to the last end."""
    asked = [side.ask() for _ in range(runs)]
    asking = asked[-1].at - asked[0].at
    last = max(side.wait(one).at for one in asked)
    return {
        "runs_per_minute": 60 * runs / (last - asked[0].at),
        "asking_ms_per_run": 1000 * asking / (runs - 1),
    }


def memory(side: Side, runs: int) -> Figures:
    """The worker, its children and its helpers, while it works off runs asked for at once."""
    with watched(side.worker.pid) as peak:
        for asked in [side.ask() for _ in range(runs)]:
            side.wait(asked)
    return {"peak_rss_mib": peak.bytes / MIB, "processes": peak.processes}


CASES: dict[str, Callable[[Side, int], Figures]] = {
    "latency": latency,
    "throughput": throughput,
    "memory": memory,
}


@contextmanager
def warm(kind: type[Side]) -> Iterator[Side]:
    """A side whose worker has done some work, and did it right."""
    with Installation() as installation:
        side = kind(installation)
        try:
            for _ in range(WARM_UP):
                _verify(installation, side.wait(side.ask()))
            settle(side.worker.pid, side.helper_delay)
            yield side
        finally:
            side.close()
            # Celery's results unsubscribe when they are collected: now, while there still is a server.
            gc.collect()


def _verify(installation: Installation, ended: Ended) -> None:
    """Both sides must do the same work."""
    if (figures := found(ended.workbook)) != expected():
        raise installation.failed(f"{ended.workbook} holds other figures: {figures[:2]} ...")


def _milliseconds(asked: Asked, ended: Ended) -> float:
    return (ended.at - asked.at) * 1000

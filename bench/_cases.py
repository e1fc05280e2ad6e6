"""The three cases: latency, throughput, memory; and the warm workers that they need."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

from bench._installation import CONCURRENCY, Installation
from bench._memory import settle, watched
from bench._processor import cpu_seconds
from bench._side import Asked, Ended, Side
from bench._work import expected, found

WARM_UP = 2 * CONCURRENCY  # runs at once, so that every child of the pool gets some of each kind of work
MOST_WARM_UPS = 25  # times that many, after which a child that still is cold will stay so
BREATH = (
    0.15  # seconds in which a worker acknowledges the last message, and the other side is not yet measured
)
MIB = 1024 * 1024

Figures = dict[str, float]


@dataclass(frozen=True)
class Warm:
    """A side whose pool has done every kind of work, and the processes that work for it."""

    side: Side
    installation: Installation

    def cpu(self) -> Figures:
        """Processor seconds so far of the worker with its children and helpers, and of the broker."""
        pids = {"worker": self.side.worker.pid, "valkey": self.installation.valkey.pid}
        return {name: cpu_seconds(pid) for name, pid in pids.items()}


def latency(warm: Warm, runs: int) -> Figures:
    """One after the other, on a worker that has nothing else to do; milliseconds."""
    side = warm.side
    before = side.rows_written()
    took, spent = [], _Spent(warm)
    for _ in range(runs):
        asked = spent.asking()
        took.append(_milliseconds(asked, side.wait(asked)))
    cpu = spent.by_part(runs)
    rows = {f"rows_{name}": (count - before[name]) / runs for name, count in side.rows_written().items()}
    return {
        "latency_ms_p50": median(took),
        "latency_ms_worst": max(took),
        "latency_cpu_ms_per_run": sum(cpu.values()),
        **rows,
    }


def throughput(warm: Warm, runs: int) -> Figures:
    """All asked for at once; from the first question to the last end."""
    spent = _Spent(warm)
    asked = [spent.asking() for _ in range(runs)]
    asking = asked[-1].at - asked[0].at
    last = max(warm.side.wait(one).at for one in asked)
    cpu = spent.by_part(runs)
    return {
        "runs_per_minute": 60 * runs / (last - asked[0].at),
        "asking_ms_per_run": 1000 * asking / (runs - 1),
        "throughput_cpu_ms_per_run": sum(cpu.values()),
        **{f"throughput_cpu_ms_{part}": milliseconds for part, milliseconds in cpu.items()},
    }


def memory(warm: Warm, runs: int) -> Figures:
    """The worker, its children and its helpers, while it works off runs asked for at once."""
    side = warm.side
    with watched(side.worker.pid) as peak:
        for asked in [side.ask() for _ in range(runs)]:
            side.wait(asked)
    return {"peak_rss_mib": peak.bytes / MIB, "processes": peak.processes}


CASES: dict[str, Callable[[Warm, int], Figures]] = {
    "latency": latency,
    "throughput": throughput,
    "memory": memory,
}


@contextmanager
def warm(kinds: Sequence[type[Side]]) -> Iterator[list[Warm]]:
    """The sides, started one after the other and warmed together; they did their work right.

    Raises BenchFailed at the end when a child of a pool was replaced: the new one would have been cold.
    """
    with ExitStack() as stack:
        sides = []
        for kind in kinds:
            installation = stack.enter_context(Installation())
            # Celery's results unsubscribe when they are collected: before their server is gone.
            stack.callback(gc.collect)
            side = kind(installation)
            stack.callback(side.close)
            sides.append(Warm(side, installation))
        for one in sides:
            _warm_up(one)
        for one in sides:
            settle(one.side.worker.pid, one.side.helper_delay)
        yield sides
        for one in sides:
            if len(one.side.seasoned()) != CONCURRENCY:
                raise one.installation.failed(f"a child of the pool of {one.side.name} was replaced")


def _warm_up(warm: Warm) -> None:
    """Have every child of the pool execute each kind of work."""
    side = warm.side
    for _ in range(MOST_WARM_UPS):
        for asked in [side.ask() for _ in range(WARM_UP)]:
            _verify(warm.installation, side.wait(asked))
        if len(side.seasoned()) == CONCURRENCY:
            return
    raise warm.installation.failed(
        f"a child of the pool of {side.name} is cold after {MOST_WARM_UPS * WARM_UP} runs"
    )


def _verify(installation: Installation, ended: Ended) -> None:
    """Both sides must do the same work."""
    if (figures := found(ended.workbook)) != expected():
        raise installation.failed(f"{ended.workbook} holds other figures: {figures[:2]} ...")


def _milliseconds(asked: Asked, ended: Ended) -> float:
    return (ended.at - asked.at) * 1000


class _Spent:
    """Processor time from its making on: of the processes of a side, and of this one while it asks."""

    def __init__(self, warm: Warm) -> None:
        time.sleep(BREATH)
        self._warm = warm
        self._asking = 0.0
        self._before = warm.cpu()

    def asking(self) -> Asked:
        began = time.thread_time()
        asked = self._warm.side.ask()
        self._asking += time.thread_time() - began
        return asked

    def by_part(self, runs: int) -> Figures:
        """Milliseconds a run."""
        time.sleep(BREATH)
        now = self._warm.cpu()
        seconds = {name: now[name] - before for name, before in self._before.items()} | {
            "asking": self._asking
        }
        return {name: 1000 * spent / runs for name, spent in seconds.items()}

"""One side with so many schedules, in a process of its own: `python -m bench._schedules_case`. Figures as JSON."""

import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median

from bench._fresh import in_fresh_process
from bench._installation import Installation, exit_when_terminated
from bench._memory import settle, used_mib
from bench._schedules_ours import Presstime
from bench._schedules_redbeat import RedBeat
from bench._schedules_side import Side
from scheduler.worker import RENEWER_DELAY
from tests.support.servers.postgres import PostgresServer

SIDES: dict[str, type[Side]] = {kind.name: kind for kind in (RedBeat, Presstime)}
IDLE_TICKS = 100
DUE = 100  # one of so many schedules is due in the tick that is measured
AHEAD = 4.0  # seconds in which an alarm is set, however busy the machine is

Figures = dict[str, float]


def table(side: Side, size: int) -> Figures:
    """Load, a tick with nothing due, one with a hundredth due, and the memory of a beat process."""
    figures = {"load_s": side.load(size)}
    scheduler = side.scheduler()
    scheduler.tick()
    figures["idle_tick_ms"] = median(_milliseconds(scheduler.tick) for _ in range(IDLE_TICKS))
    keys = side.keys(size // DUE)
    for name in ("first", "due_tick_ms"):  # the first also opens connections
        side.make_due(keys)
        figures[name] = _milliseconds(scheduler.tick)
    del figures["first"]
    beat = side.start_beat()
    settle(beat, 0.0)
    figures["beat_rss_mib"], figures["beat_uss_mib"] = used_mib(beat)
    return figures


def lag(side: Side, size: int, together: int, warm_up: int, rounds: int) -> Figures:
    """From the instant at which so many are due to each of their runs, over several instants.

    In those of the warm-up both children of the worker load what they need.
    """
    side.load(size - together)
    worker = side.start_worker()
    side.start_beat()
    settle(worker, RENEWER_DELAY)
    lags: list[float] = []
    for number in range(warm_up + rounds):
        side.finish()
        instant = datetime.fromtimestamp(time.time() // 1 + AHEAD, UTC)
        found = side.ring_at(instant, together)
        lags += found if number >= warm_up else []
    lags.sort()
    return {f"p{part}_s": lags[math.ceil(part / 100 * len(lags)) - 1] for part in (50, 99, 100)}


CASES: dict[str, Callable[..., Figures]] = {"table": table, "lag": lag}


def measured(side: str, database: str, case: str, *sizes: int) -> Figures:
    """Raises BenchFailed when there are no figures."""
    figures: Figures = in_fresh_process("bench._schedules_case", side, database, case, *sizes)
    return figures


def main() -> None:
    exit_when_terminated()
    kind, database, case, *sizes = sys.argv[1:]
    with _url(database) as url, Installation({"PRESSTIME_DATABASE_URL": url}) as installation:
        side = SIDES[kind](installation)
        try:
            print(json.dumps(CASES[case](side, *map(int, sizes))))
        finally:
            side.close()


@contextmanager
def _url(database: str) -> Iterator[str]:
    if database != "postgresql":
        yield ""
        return
    server = PostgresServer()
    try:
        server.start()
        yield server.create_database()
    finally:
        server.stop()


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()

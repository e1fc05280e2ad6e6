"""Two beats of plain celery-redbeat, killed in the same way; `python -m bench._beats_peer worker|beat`.

Its schedules count from their last run and not from the clock: what is counted is in which seconds none started.
"""

import os
import sys
import time
import warnings
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from celery import Celery
from celery.exceptions import SecurityWarning

from bench._beats_pair import Pair, falls_in
from bench._beats_plan import Plan
from bench._installation import CONCURRENCY, Installation
from presstime.settings import load_settings
from scheduler.celery_app import celery_settings

STARTS = "BENCH_STARTS"  # the file in which each task notes its start
SCHEDULES = "BENCH_SCHEDULES"
LOCK = "BENCH_LOCK"
LATE = 2.0  # seconds after an instant by which something should have started
KEPT = ("broker_url", "result_backend", "redbeat_redis_url", "timezone", "enable_utc")
# RedBeat's own defaults, and the shortest lock that a beat which looks every second keeps without trouble.
LOCKS = {"default": {}, "short": {"redbeat_lock_timeout": 5, "beat_max_loop_interval": 1}}


@dataclass(frozen=True)
class PeerFigures:
    seconds: float
    starts: int
    due: int
    late: int  # instants after which nothing started for `LATE` seconds
    late_with_a_beat: int  # of these, while a process of a beat was there
    longest_silence: float
    kills: int
    ended_by_themselves: int


def play_peer(plan: Plan, lock: str) -> PeerFigures:
    with Installation(persistent=True) as installation:
        starts = installation.folder / "starts.txt"
        installation.variables.update(
            {
                "PYTHONUNBUFFERED": "1",
                SCHEDULES: str(plan.form.schedules),
                STARTS: str(starts),
                LOCK: lock,
            }
        )
        installation.start_python("worker", "-m", "bench._beats_peer", "worker")
        pair = Pair(
            installation, lambda log: installation.start_python(log, "-m", "bench._beats_peer", "beat")
        )
        installation.wait("a first task", lambda: starts.exists() or None)
        first = time.time()
        pair.play([blow for blow in plan.blows() if blow.at < plan.form.peer], plan.form.peer)
        last = time.time()
        time.sleep(LATE)
        return _figures(plan, pair, starts, first, last)


def _figures(plan: Plan, pair: Pair, starts: Path, first: float, last: float) -> PeerFigures:
    noted = [line.split() for line in starts.read_text().splitlines()]
    times = {
        number: sorted(float(at) for one, at in noted if one == str(number))
        for number in range(plan.form.schedules)
    }
    gaps = pair.gaps(first, last)
    instants = [(number, at) for number in times for at in range(int(first) + 1, int(last) + 1)]
    late = [at for number, at in instants if not any(at <= one < at + LATE for one in times[number])]
    silences = [
        later - earlier
        for one in times.values()
        for inside in [[first, *(at for at in one if first < at < last), last]]
        for earlier, later in pairwise(inside)
    ]
    return PeerFigures(
        seconds=last - first,
        starts=sum(first < at <= last for one in times.values() for at in one),
        due=len(instants),
        late=len(late),
        late_with_a_beat=sum(not falls_in(at, gaps) for at in late),
        longest_silence=max(silences),
        kills=len(pair.kills),
        ended_by_themselves=pair.ended_by_themselves,
    )


def _note(number: int) -> None:
    with Path(os.environ[STARTS]).open("a") as file:
        file.write(f"{number} {time.time()}\n")


def create_peer() -> Celery:
    """Celery's and RedBeat's own settings, but for where their server is and the lock that is compared."""
    known = celery_settings(load_settings())
    app = Celery("peer", set_as_current=False)
    app.conf.update({name: known[name] for name in KEPT})
    app.conf.update(
        LOCKS[os.environ[LOCK]],
        beat_scheduler="redbeat.RedBeatScheduler",
        broker_connection_retry_on_startup=True,
        beat_schedule={
            f"second-{number + 1}": {"task": "peer.note", "schedule": 1.0, "args": (number,)}
            for number in range(int(os.environ[SCHEDULES]))
        },
    )
    app.task(name="peer.note", shared=False, ignore_result=True)(_note)
    return app


def main() -> None:
    warnings.filterwarnings("ignore", category=SecurityWarning)
    if sys.argv[1] == "beat":
        create_peer().Beat(loglevel="INFO", schedule=os.devnull, pidfile="").run()
    else:
        worker = create_peer().Worker(
            hostname="peer@localhost",
            pool="prefork",
            concurrency=CONCURRENCY,
            loglevel="INFO",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            pidfile=None,
        )
        worker.start()


if __name__ == "__main__":
    main()

"""Presstime with a worker, a keeper and two beats, each a process of its own, on SQLite."""

import shutil
import time
from dataclasses import dataclass
from datetime import datetime

from bench import _beats_pipeline
from bench._beats_judge import Judgement, Started, judge, unfinished
from bench._beats_pair import Pair, falls_in
from bench._beats_plan import Plan
from bench._installation import Installation
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.migrations import upgrade
from scheduler.runtime import Runtime

WARM_UP = 5.0  # seconds: the worker's helper starts late, and children load what their first task needs
SETTLE = 60.0  # seconds for what is due to be decided and to end; never what is measured


@dataclass(frozen=True)
class Played:
    judgement: Judgement
    gaps: list[tuple[float, float]]  # in which no beat ticked
    kills: list[float]
    ended_by_themselves: int

    def alone(self, instant: datetime) -> bool:
        """Whether no beat was there to ring it."""
        return falls_in(instant.timestamp(), self.gaps)

    def latest(self, *, alone: bool, most: int = 5) -> list[str]:
        """The runs that started last after their instants, and how that lies to the kill before."""
        runs = [run for run in self.judgement.runs if self.alone(run.instant) is alone]
        return [self._told(run) for run in sorted(runs, key=lambda run: -run.started_after)[:most]]

    def _told(self, run: Started) -> str:
        instant = run.instant.timestamp()
        before = max((at for at in self.kills if at <= instant + run.started_after), default=None)
        kill = f"; last kill at {before - instant:+.2f} s" if before is not None else ""
        lags = f"made {run.created_after:.2f} s, started {run.started_after:.2f} s after it"
        return f"{run.instant:%H:%M:%S} {lags}{kill}"


def play(plan: Plan) -> Played:
    variables = {
        "BENCH_SCHEDULES": str(plan.form.schedules),
        "PYTHONUNBUFFERED": "1",
    }  # a log is read at once
    with Installation(variables, persistent=True) as installation:
        shutil.copy(_beats_pipeline.__file__, installation.pipelines / "tick.py")
        runtime = Runtime.open(installation.settings)
        try:
            return _play(plan, installation, runtime)
        finally:
            runtime.engine.dispose()


def _play(plan: Plan, installation: Installation, runtime: Runtime) -> Played:
    upgrade(runtime.engine)
    with runtime.sessions.begin() as session:
        sync(session, runtime.registry, utc_now())
    for name in ("worker", "keeper"):
        installation.start_python(name, "-m", "cli", name)
    worker_log = installation.folder / "worker.log"
    installation.wait("the worker", lambda: "ready." in worker_log.read_text(errors="replace") or None)
    pair = Pair(installation, lambda log: installation.start_python(log, "-m", "cli", "beat"))
    pair.play([], WARM_UP)
    _settle(runtime, pair)
    first = utc_now()
    pair.play(plan.blows(), plan.form.seconds)
    last = utc_now()
    _settle(runtime, pair)
    gaps = pair.gaps(first.timestamp(), last.timestamp())
    return Played(judge(runtime.sessions, first, last), gaps, pair.kills, pair.ended_by_themselves)


def _settle(runtime: Runtime, pair: Pair) -> None:
    """Everything due by now is decided and done; what is not after a while, is judged as it is."""
    last, deadline = utc_now(), time.monotonic() + SETTLE
    while unfinished(runtime.sessions, last) and time.monotonic() < deadline:
        pair.tend()
        time.sleep(0.05)

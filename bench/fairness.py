"""How long a short run takes that somebody asks for while a scheduled map of 10,000 items is on its way.

The same run of three steps (extract, transform, report), first on an idle worker, then beside the map; each as
from a trigger over HTTP to the end of the run, one after the other. The peer is Presstime itself when idle.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from statistics import median

from sqlalchemy import func, select

from bench import _fairness_pipelines
from bench._installation import CONCURRENCY, Installation, exit_when_terminated
from bench._memory import settle
from pipelines.runs.request import Origin, request_run
from pipelines.runs.states import RUN_FINAL
from pipelines.runs.submit import submit
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.database import reading
from presstime.errors import PresstimeError
from presstime.migrations import upgrade
from presstime.models import Run, RunState, Task, TaskState, Trigger
from scheduler.celery_app import create_app
from scheduler.outbox import Publisher
from scheduler.runtime import Runtime
from scheduler.worker import RENEWER_DELAY

LIMIT = 3.0  # `--check`: times the time on an idle worker, in the middle ...
WORST_LIMIT = 5.0  # ... and at worst: one run that waits for the map to end takes many times as long
FULL, QUICK = (10_000, 20), (1_000, 8)  # items of the map, short runs in each situation
WARM_UP = 3
PAUSE = 0.3  # seconds between two short runs
AHEAD = 50  # items that are done before the first short run is asked for
END_SECONDS = 900.0


def main() -> int:
    options = _options()
    exit_when_terminated()
    items, runs = QUICK if options.quick else FULL
    print(
        f"A run of three steps on one worker (prefork {CONCURRENCY}, Valkey, SQLite), {runs} times when idle and "
        f"{runs} times beside a scheduled map of {items:,} items of {_fairness_pipelines.SECONDS * 1000:.0f} ms."
    )
    load, began = os.getloadavg()[0], time.monotonic()
    try:
        figures = _measure(items, runs, to_the_end=not options.quick)
    except PresstimeError as error:
        sys.stderr.write(f"bench/fairness.py: {error}\n")
        return 2
    for name, value in figures.items():
        print(f"{name:28}{value:12.2f}")
    print(f"load average of this machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    lines = list(missed(figures))
    if options.check:
        sys.stderr.writelines(f"bench/fairness.py: {line}\n" for line in lines)
    if options.json:
        surroundings = {"load": load, "seconds": round(time.monotonic() - began, 1)}
        print(json.dumps({"items": items, "runs": runs, **figures, "missed": lines, **surroundings}))
    return int(options.check and bool(lines))


def missed(figures: Mapping[str, float]) -> Iterator[str]:
    """A line for each limit, and one where there was nothing beside the short runs."""
    if not figures["items_done_beside"]:
        yield "no item of the map was done beside the short runs"
    for name, limit, said in (
        ("ratio_p50", LIMIT, "in the middle"),
        ("ratio_worst", WORST_LIMIT, "at worst"),
    ):
        if figures[name] > limit:
            yield f"{figures[name]:.2f} x the idle time {said}, limit {limit}"


def _measure(items: int, runs: int, *, to_the_end: bool) -> dict[str, float]:
    with Installation({"BENCH_ITEMS": str(items)}) as installation:
        os.environ["BENCH_ITEMS"] = str(items)  # this process loads the pipelines too
        site = _Site(installation)
        try:
            idle = [site.short() for _ in range(runs)]
            bulk = site.ask("bulk", Trigger.SCHEDULE)
            asked = time.monotonic()
            installation.wait("the first items", lambda: site.done(bulk) >= AHEAD or None)
            before = site.done(bulk)
            busy = [site.short() for _ in range(runs)]
            done = site.done(bulk)
            if done >= items:
                raise installation.failed("the map was over before the last short run")
            figures = {
                "idle_ms_p50": median(idle),
                "idle_ms_worst": max(idle),
                "busy_ms_p50": median(busy),
                "busy_ms_worst": max(busy),
                "ratio_p50": median(busy) / median(idle),
                "ratio_worst": max(busy) / max(idle),
                "items_done_meanwhile": float(done),
                "items_done_beside": float(done - before),
            }
            if to_the_end:
                site.wait_for(bulk, END_SECONDS)
                figures["items_per_second"] = items / (time.monotonic() - asked)
        finally:
            site.close()
    return figures


class _Site:
    """One worker, and who asks for runs. No keeper: it has nothing to do here."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        shutil.copy(_fairness_pipelines.__file__, installation.pipelines / "fairness.py")
        self._runtime = Runtime.open(installation.settings, durable=True)
        upgrade(self._runtime.engine)
        with self._runtime.sessions.begin() as session:
            sync(session, self._runtime.registry, utc_now())
        self._app = create_app(lambda: installation.settings)
        self._publisher = Publisher(self._app, self._runtime)
        worker = installation.start_python("worker", "-m", "cli", "worker")
        for _ in range(WARM_UP):
            self.short()
        settle(worker.pid, RENEWER_DELAY + 0.5)

    def ask(self, name: str, trigger: Trigger) -> Run:
        runtime = self._runtime
        request = request_run(
            runtime.registry.get(name), params={}, interval=None, as_of=utc_now(), origin=Origin(trigger)
        )
        with runtime.sessions() as session, session.begin():
            run = submit(session, request, runtime.items)
        self._publisher.publish_enqueued(session)
        return run

    def short(self) -> float:
        """Milliseconds from asking for a short run to its end by the database's clock."""
        time.sleep(PAUSE)
        at = time.time()
        ended = self.wait_for(self.ask("short", Trigger.API))
        return (ended - at) * 1000

    def wait_for(self, run: Run, seconds: float = 60.0) -> float:
        deadline = time.monotonic() + seconds
        while True:
            with reading(self._runtime.sessions) as session:
                found = session.get_one(Run, run.id, populate_existing=True)
            if found.state in RUN_FINAL:
                break
            if time.monotonic() > deadline:
                raise self._installation.failed(f"{run.pipeline} did not end in {seconds:.0f} s")
            time.sleep(0.01)
        if found.state is not RunState.SUCCEEDED or found.finished_at is None:
            raise self._installation.failed(f"{run.pipeline} is {found.state}: {found.error}")
        return found.finished_at.timestamp()

    def done(self, run: Run) -> int:
        """How many items of the map have succeeded."""
        with reading(self._runtime.sessions) as session:
            query = select(func.count()).where(Task.run_id == run.id, Task.state == TaskState.SUCCEEDED)
            return session.scalar(query) or 0

    def close(self) -> None:
        self._app.close()
        self._runtime.engine.dispose()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a map of 1,000 items, under 45 seconds in all")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument(
        "--check",
        action="store_true",
        help=f"exit 1 above {LIMIT} x the idle time, at worst {WORST_LIMIT} x",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""The case `map`: what it takes to submit, expand and publish a map of many items. Its items are not executed."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psutil
from sqlalchemy import update

from bench._cost_site import WORKER, Site, site_on
from bench._footprint import KIB, forget_peak, peak
from bench._memory import MIB
from pipelines.runs.advance import advance_stage
from pipelines.runs.claims import Worker, claim
from presstime.database import database_now
from presstime.models import Stage, Task, TaskState

WARM_UP = 3  # items of a first map, for what is done once in a process
LEASE = 3600.0


class Watch:
    """Seconds, summed up by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began


def measure(database: str, items: int) -> dict[str, Any]:
    with site_on(database) as site:
        forget_peak()
        site.work_off(site.submit("mapped", items=WARM_UP))
        watch = Watch()
        with watch.on("submit_s"):
            run_id = site.submit("mapped", items=items)
        (first,) = site.stages_of(run_id)
        for task in site.tasks_of(first.id):
            site.execute(task)
        highest = _highest()
        forget_peak()
        before = psutil.Process().memory_info().rss
        _advance(site, watch, run_id, first, "expand_s", "publish_first_s")
        expanded = peak()
        chords = _go_through(site, watch, run_id, {first.id})
        planning = sum(watch.seconds[name] for name in ("expand_s", "advance_s", "start_s"))
        return {
            **watch.seconds,
            "items": items,
            "chords": chords,
            "advance_ms_per_item": 1000 * planning / items,
            "publish_ms_per_item": 1000
            * (watch.seconds["publish_s"] + watch.seconds["publish_first_s"])
            / items,
            "done": site.count_items(run_id),
            "peak_rss_mib": max(highest, _highest()),
            # Of this work alone, whatever the process has done before; none where the system does not tell.
            **({"rss_grown_by_expansion_mib": (expanded - before) / MIB} if expanded is not None else {}),
        }


def _go_through(site: Site, watch: Watch, run_id: UUID, done: set[UUID]) -> int:
    """Chord by chord: its first item is claimed, which makes room for another chord, and it ends."""
    chords = 0
    while (stage := site.next_stage(run_id, done)) is not None and stage.mapped:
        done.add(stage.id)
        chords += 1
        first = site.tasks_of(stage.id)[0]
        with watch.on("start_s"), site.runtime.sessions() as session, session.begin():
            claim(session, first.id, Worker(WORKER, 1, LEASE), lambda *_: True)
        with watch.on("publish_s"):
            site.publisher.publish_enqueued(session)
        _end(site, stage)
        _advance(site, watch, run_id, stage, "advance_s", "publish_s")
    return chords


def _advance(  # noqa: PLR0917 # whose time is noted under which two names
    site: Site, watch: Watch, run_id: UUID, stage: Stage, advancing: str, publishing: str
) -> None:
    with watch.on(advancing), site.runtime.sessions() as session, session.begin():
        advance_stage(session, run_id, stage.id, site.runtime.items)
    with watch.on(publishing):
        site.publisher.publish_enqueued(session)


def _end(site: Site, stage: Stage) -> None:
    """As if workers had executed all of its items."""
    with site.runtime.sessions.begin() as session:
        session.execute(
            update(Task)
            .where(Task.stage_id == stage.id)
            .values(
                state=TaskState.SUCCEEDED, output={"rows": 1}, lease_until=None, finished_at=database_now()
            )
        )
        session.execute(
            update(Stage).where(Stage.id == stage.id).values(open_tasks=0, closed_at=database_now())
        )


def _highest() -> float:
    """The most memory that this process had since that was forgotten, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB / MIB

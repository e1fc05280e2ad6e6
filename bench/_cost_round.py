"""The case `round`: what a keeper's round takes with few runs in the tables, and with very many; and every plan."""

import os
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from bench._cost_history import History, add_backlog, gather_statistics
from bench._cost_site import WORKER, Site, site_on
from bench._cost_sql import explain, faults
from pipelines.runs.claims import Worker, claim
from pipelines.runs.listing import RunFilter, newest_runs
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import Run, RunState
from scheduler.keeper import Keeper
from scheduler.renewer import Renewer

UNFINISHED = 20
WARM_UP = 10  # rounds
PAGE = 50
LONG_LEASE = 86_400.0
ROUND, RENEWAL = "the keeper's round", "the renewer's look"


def measure(database: str, runs: int, rounds: int) -> dict[str, Any]:
    with site_on(database) as site:
        template = site.submit("daily")
        site.work_off(template)
        leave_unfinished(site, UNFINISHED)
        keeper = Keeper(site.app)
        few = {"round_ms": _rounds(keeper, rounds), "page_ms": _pages(site)}
        began = time.monotonic()
        fill(site, template, runs)
        loaded = time.monotonic() - began
        many = {"round_ms": _rounds(keeper, rounds), "page_ms": _pages(site)}
        site.heard.statements.clear()
        use_everything(site)
        figures = {"few": few, "many": many, "load_s": loaded, "loaded": count_runs(site)}
        return {**figures, "plans": plans(site)}


def leave_unfinished(site: Site, runs: int) -> None:
    """Runs of which all that may start is under way: a task of a chain, or every item of a map.

    So there is nothing to repair, and a round is the look alone, which is made once a second for ever.
    """
    worker = Worker(WORKER, os.getpid(), LONG_LEASE)
    for number in range(runs):
        run_id = site.submit("mapped" if number % 2 else "daily")
        if number % 2:
            (first,) = site.stages_of(run_id)
            for task in site.tasks_of(first.id):
                site.execute(task)
            site.advance(run_id, first, expands=True)
        for task in site.tasks_of(site.stages_of(run_id)[-1].id):
            with site.runtime.sessions.begin() as session:
                claim(session, task.id, worker, lambda *_: True)


def fill(site: Site, template: UUID, runs: int) -> None:
    engine = site.runtime.engine
    History(engine, template, runs).load()
    add_backlog(engine, template)
    gather_statistics(engine)


def count_runs(site: Site) -> int:
    with reading(site.runtime.sessions) as session:
        return session.scalar(select(func.count()).select_from(Run)) or 0


def use_everything(site: Site) -> None:
    """Once each of what is done all the time, so that its statements are heard."""
    with site.heard.during(ROUND):
        Keeper(site.app).round()
        Keeper(site.app, since=utc_now() - timedelta(minutes=1)).round()
    with site.heard.during(RENEWAL):
        Renewer(site.runtime.sessions, WORKER, LONG_LEASE, signals=False).look()
    site.work_off(site.submit("mapped", items=3))
    for schedule in ("queues", "skips"):
        site.work_off(site.ring(schedule))
    for name, wanted in listings().items():
        with site.heard.during(f"a page of {name}"):
            _page(site, wanted)


def plans(site: Site) -> list[dict[str, Any]]:
    """Each statement that was heard, with its plan and what is wrong with it."""
    site.runtime.engine.dispose()  # SQLite's connections remember plans, of before an index was dropped too
    found = []
    for (purpose, text), statement in site.heard.statements.items():
        if purpose:  # without one, it is this bench's own
            plan = explain(site.runtime.engine, statement)
            wrong = faults(statement, plan)
            found.append({"of": purpose, "statement": " ".join(text.split()), "plan": plan, "faults": wrong})
    return found


def listings() -> Mapping[str, RunFilter]:
    now = utc_now()
    long_ago = now - timedelta(days=200)
    return {
        "all runs": RunFilter(),
        "one pipeline": RunFilter(pipeline="history-3"),
        "running": RunFilter(states=[RunState.QUEUED, RunState.RUNNING]),
        "failed": RunFilter(states=[RunState.FAILED]),
        "skipped": RunFilter(states=[RunState.SKIPPED]),
        "since a day": RunFilter(since=now - timedelta(days=1)),
        "an hour long ago": RunFilter(since=long_ago, until=long_ago + timedelta(hours=1)),
        "until long ago": RunFilter(until=long_ago),
        "a pipeline's failed": RunFilter(pipeline="history-7", states=[RunState.FAILED], until=now),
    }


def _page(site: Site, wanted: RunFilter) -> None:
    with reading(site.runtime.sessions) as session:
        newest_runs(session, wanted, before=None, limit=PAGE + 1)


def _rounds(keeper: Keeper, rounds: int) -> dict[str, float]:
    for _ in range(WARM_UP):
        keeper.round()
    took = [_milliseconds(keeper.round) for _ in range(rounds)]
    spread = quantiles(took, n=100)
    return {"p25": spread[24], "p50": median(took), "p99": spread[98]}


def _pages(site: Site) -> dict[str, float]:
    return {
        name: median(_milliseconds(lambda wanted=wanted: _page(site, wanted)) for _ in range(7))  # type: ignore[misc] # a default binds it
        for name, wanted in listings().items()
    }


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000

"""Two real beats, killed one after the other and both at once: each instant of a schedule has its one run."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bench._beats_judge import Judgement, judge, unfinished
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.models import Run, RunState
from tests.support.installations.live import Site

TICK = '''
"""Two schedules of every second."""

from datetime import timedelta
from pipelines import Every, Pipeline

tick = Pipeline(
    "tick",
    schedules=[
        Every(timedelta(seconds=1), name=name, catch_up="all", overlap="allow") for name in ("one", "other")
    ],
)


@tick.extract
def one() -> int:
    return 1
'''
# `bench/beats.py` measures what is promised, 2 s and 5 s; here the machine may be busy with other tests.
WITH_A_BEAT, WITHOUT = 10.0, 25.0


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A worker and two beats; the keeper is left to the tests."""
    made = Site(tmp_path_factory.mktemp("beats"))
    made.installation.write_pipeline("tick", TICK)
    made.runtime.registry.refresh()
    with made.runtime.sessions.begin() as session:
        sync(session, made.runtime.registry, utc_now())
    made.start("worker")
    for name in ("beat-1", "beat-2"):
        made.start(name, "beat")
    yield made
    made.close()


def until_run(site: Site, instant: datetime) -> None:
    """Wait until each schedule has a run of an instant after this one, and it has succeeded."""

    def look() -> bool:
        with site.runtime.sessions() as session:
            schedules = select(func.count(Run.schedule_id.distinct())).where(
                Run.scheduled_for > instant, Run.state == RunState.SUCCEEDED
            )
            return session.scalar(schedules) == 2

    site.wait(f"runs of instants after {instant}", look)


def judged(site: Site, first: datetime) -> Judgement:
    """All instants from `first` to now, once they are decided and done."""
    last = utc_now()
    site.wait(f"all runs up to {last}", lambda: not unfinished(site.runtime.sessions, last))
    return judge(site.runtime.sessions, first, last)


def begin(site: Site) -> datetime:
    until_run(site, utc_now())
    return utc_now()


def test_either_beat_rings_every_instant_while_the_other_is_dead_and_no_keeper_runs(site: Site) -> None:
    first = begin(site)
    for name in ("beat-1", "beat-2"):
        site.kill(name)
        until_run(site, utc_now())
        site.start(name, "beat")
        until_run(site, utc_now())

    found = judged(site, first)

    assert found.instants >= 8
    assert (found.missing, found.twice, found.unsuccessful) == ([], [], [])
    started = found.lags(lambda _: True)["started"]
    assert started["count"] == found.instants
    assert started["max"] < WITH_A_BEAT


def test_the_keeper_starts_every_instant_while_both_beats_are_dead(site: Site) -> None:
    site.start("keeper")
    first = begin(site)
    for name in ("beat-1", "beat-2"):
        site.kill(name)
    dead = utc_now()
    until_run(site, dead + timedelta(seconds=1))  # nobody but the keeper is there to ring it
    site.start("beat-1", "beat")
    site.start("beat-2", "beat")
    until_run(site, utc_now())

    found = judged(site, first)

    assert (found.missing, found.twice, found.unsuccessful) == ([], [], [])
    assert found.lags(lambda _: True)["started"]["max"] < WITHOUT

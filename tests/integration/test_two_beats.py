"""Two real beats, killed one after the other and both at once: each instant of a schedule has its one run."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bench._beats_judge import Judgement, judge, unfinished
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.models import Run, RunState
from tests.support.installations.witness import Witness

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
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    """A worker and two beats; the keeper is left to the tests."""
    with Witness(tmp_path_factory.mktemp("beats")) as made:
        made.installation.write_pipeline("tick", TICK)
        with made.runtime.sessions.begin() as session:
            sync(session, made.runtime.registry, utc_now())
        made.start("worker")
        for name in ("beat-1", "beat-2"):
            made.start(name, "beat")
        yield made


def until_run(witness: Witness, instant: datetime) -> None:
    """Wait until each schedule has a run of an instant after this one, and it has succeeded."""

    def look() -> bool:
        with witness.runtime.sessions() as session:
            schedules = select(func.count(Run.schedule_id.distinct())).where(
                Run.scheduled_for > instant, Run.state == RunState.SUCCEEDED
            )
            return session.scalar(schedules) == 2

    witness.wait(f"runs of instants after {instant}", look)


def judged(witness: Witness, first: datetime) -> Judgement:
    """All instants from `first` to now, once they are decided and done."""
    last = utc_now()
    witness.wait(f"all runs up to {last}", lambda: not unfinished(witness.runtime.sessions, last))
    return judge(witness.runtime.sessions, first, last)


def begin(witness: Witness) -> datetime:
    until_run(witness, utc_now())
    return utc_now()


def test_either_beat_rings_every_instant_while_the_other_is_dead_and_no_keeper_runs(
    witness: Witness,
) -> None:
    first = begin(witness)
    for name in ("beat-1", "beat-2"):
        witness.kill(name)
        until_run(witness, utc_now())
        witness.start(name, "beat")
        until_run(witness, utc_now())

    found = judged(witness, first)

    assert found.instants >= 8
    assert (found.missing, found.twice, found.unsuccessful) == ([], [], [])
    started = found.lags(lambda _: True)["started"]
    assert started["count"] == found.instants
    assert started["max"] < WITH_A_BEAT


def test_the_keeper_starts_every_instant_while_both_beats_are_dead(witness: Witness) -> None:
    witness.start("keeper")
    first = begin(witness)
    for name in ("beat-1", "beat-2"):
        witness.kill(name)
    dead = utc_now()
    until_run(witness, dead + timedelta(seconds=1))  # nobody but the keeper is there to ring it
    witness.start("beat-1", "beat")
    witness.start("beat-2", "beat")
    until_run(witness, utc_now())

    found = judged(witness, first)

    assert (found.missing, found.twice, found.unsuccessful) == ([], [], [])
    assert found.lags(lambda _: True)["started"]["max"] < WITHOUT

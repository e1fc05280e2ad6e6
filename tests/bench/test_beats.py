"""The judge of the bench with two beats sees what is wrong, and the plan is the same for one seed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, make_transient, sessionmaker

from bench import _beats_pipeline
from bench._beats_judge import Judgement, judge
from bench._beats_pair import DUE, falls_in, gaps_between
from bench._beats_plan import BEATS, FULL, QUICK, Form, Plan
from bench._beats_site import Played
from bench.beats import figures_of, missed
from pipelines.loading.registry import Registry
from pipelines.schedules.fire import fire
from pipelines.schedules.sync import sync
from presstime.ids import new_id
from presstime.models import Run, RunState, Schedule, Task

Sessions = sessionmaker[Session]
START = datetime(2026, 11, 2, 6, tzinfo=UTC)
SECONDS = 5
END = START + timedelta(seconds=SECONDS)


@pytest.fixture
def fired(sessions: Sessions, tmp_path: Path) -> Sessions:
    """Two schedules whose every instant has a run that succeeded, half a second late."""
    source = Path(_beats_pipeline.__file__).read_text()
    (tmp_path / "tick.py").write_text(source)
    registry = Registry.load(tmp_path, catalog=False, entry_points=False)
    with sessions.begin() as session:
        sync(session, registry, START)
    with sessions.begin() as session:
        for schedule in session.scalars(select(Schedule.id)).all():
            fire(session, schedule, registry.get, lambda _: [], END)
        session.flush()
        for run in session.scalars(select(Run)).all():
            run.state = RunState.SUCCEEDED
            assert run.scheduled_for is not None
            run.created_at = run.scheduled_for + timedelta(seconds=0.5)
            late = {"started_at": run.scheduled_for + timedelta(seconds=0.75)}
            session.execute(update(Task).where(Task.run_id == run.id).values(late))
    return sessions


def spoilt(sessions: Sessions, spoil: Callable[[Session, Run], None]) -> Judgement:
    """What the judge finds once something was done to one run in the middle."""
    with sessions.begin() as session:
        spoil(session, session.scalars(select(Run).order_by(Run.scheduled_for)).all()[SECONDS])
    return judge(sessions, START, END)


def double(session: Session, run: Run) -> None:
    session.expunge(run)
    make_transient(run)
    run.id = new_id()
    session.add(run)


def fail(session: Session, run: Run) -> None:
    run.state = RunState.FAILED


def test_the_judge_finds_nothing_where_nothing_is_wrong(fired: Sessions) -> None:
    found = judge(fired, START, END)

    assert found.instants == 2 * SECONDS
    assert (found.missing, found.twice, found.unsuccessful) == ([], [], [])
    lags = found.lags(lambda _: True)
    assert lags["created"] == {"count": 10, "p50": 0.5, "p99": 0.5, "max": 0.5}
    assert lags["started"] == {"count": 10, "p50": 0.75, "p99": 0.75, "max": 0.75}


def test_the_judge_names_an_instant_without_a_run(fired: Sessions) -> None:
    found = spoilt(fired, lambda session, run: session.delete(run))

    assert [len(found.missing), len(found.twice), len(found.unsuccessful)] == [1, 0, 0]
    assert found.missing[0].endswith("at 06:00:03")


def test_the_judge_names_an_instant_with_two_runs(fired: Sessions) -> None:
    found = spoilt(fired, double)

    assert [len(found.missing), len(found.twice), len(found.unsuccessful)] == [0, 1, 0]


def test_the_judge_names_a_run_that_did_not_succeed(fired: Sessions) -> None:
    found = spoilt(fired, fail)

    assert [len(found.missing), len(found.twice), len(found.unsuccessful)] == [0, 0, 1]
    assert found.unsuccessful[0].endswith("failed")


def test_the_bench_misses_its_goals_when_nothing_happened() -> None:
    played = Played(Judgement(0, [], [], [], []), gaps=[], kills=[], ended_by_themselves=0)

    assert list(missed(played, figures_of(played))) == [
        "no schedule was due",
        "no beat was killed",
        "no run started whose instant came while a beat lived",
        "no run started whose instant came while both were dead",
    ]


def test_the_bench_misses_no_goal_when_runs_started_in_time_with_a_beat_and_without(fired: Sessions) -> None:
    dead = (START + timedelta(seconds=3)).timestamp()
    played = Played(judge(fired, START, END), gaps=[(dead, dead + 1)], kills=[dead], ended_by_themselves=0)

    assert list(missed(played, figures_of(played))) == []


def test_a_gap_is_what_no_beat_covers() -> None:
    assert gaps_between([(0, 4), (3, 6), (8, 9), (8.5, 12)], 1, 20) == [(6, 8), (12, 20)]
    assert gaps_between([(0, 30)], 1, 20) == []
    assert gaps_between([], 1, 20) == [(1, 20)]


def test_an_instant_just_before_a_gap_belongs_to_it() -> None:
    gaps = [(6.0, 8.0)]

    assert [falls_in(at, gaps) for at in (5.9 - DUE, 6 - DUE, 7.9, 8.0)] == [False, True, True, False]


@pytest.mark.parametrize("form", [QUICK, FULL], ids=["quick", "full"])
def test_a_plan_follows_from_its_seed_and_leaves_time_to_come_back(form: Form) -> None:
    blows = Plan(form, 1).blows()

    assert blows == Plan(form, 1).blows() != Plan(form, 2).blows()
    both = [blow for blow in blows if blow.beats == BEATS]
    assert len(both) == form.stretches
    assert all(blow.at + blow.away < form.seconds for blow in both)
    assert {blow.beats for blow in blows} == {(BEATS[0],), (BEATS[1],), BEATS}

"""A small form of the simulation of schedules, and that its judge finds what is wrong."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bench._clockwork_oracle import Prescribed
from bench._clockwork_plan import QUICK
from bench._clockwork_verdict import found_wrong, judged, prescribed
from bench._clockwork_weather import KEEPER, REDIS, Weather, weather_of
from bench._clockwork_world import Lived, live
from bench.clockwork import KINDS, missed
from presstime.database import table_of
from presstime.ids import new_id
from presstime.models import Cause, Decision, Firing, Run, RunState, Schedule

# Weeks in which clocks change in Europe, Russia, Morocco, Egypt, Gaza, Samoa, Australia and New York.
FORM = replace(QUICK, begin=datetime(2011, 3, 8, tzinfo=UTC), days=30, up_days=2.5)
SEED, SCHEDULES = 7, 16

Wanted = dict[str, Prescribed]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    made = live(FORM, SEED, range(SCHEDULES), tmp_path_factory.mktemp("clockwork"))
    yield made
    made.site.close()


@pytest.fixture(scope="module")
def wanted(lived: Lived) -> Wanted:
    return prescribed(lived)


@pytest.fixture
def session(lived: Lived) -> Iterator[Session]:
    """What is done to the database with it comes to nothing."""
    with lived.site.sessions() as session:
        yield session
        session.rollback()


def test_schedules_start_exactly_the_runs_that_their_policies_prescribe(lived: Lived) -> None:
    figures, wrong = judged(lived)

    assert wrong == []
    assert figures["runs"] > 100
    shown = (
        "paused",
        "overlap",
        "superseded",
        "too_late",
        "closed",
        "replays",
        "lost",
        "rings by the keeper",
    )
    assert [kind for kind in shown if not figures[kind]] == []


def test_a_schedule_alone_lives_as_it_does_among_others(lived: Lived, tmp_path: Path) -> None:
    """So that a difference can be seen again by its seed and the number of its schedule."""
    number = max(range(SCHEDULES), key=lambda number: len(lived.lives[number].plan.moves))

    alone = live(FORM, SEED, [number], tmp_path)
    alone.site.close()

    assert alone.lives[0].facts == lived.lives[number].facts


def one(session: Session, *, fired: bool) -> Firing:
    """A decision with others before it and behind it."""
    query = select(Firing).where(Firing.cause.is_(None) if fired else Firing.cause.is_not(None))
    found = session.scalars(query.order_by(Firing.instant)).all()
    return found[len(found) // 2]


def lose_a_run(session: Session) -> None:
    session.execute(delete(Run).where(Run.id == one(session, fired=True).run_id))


def double_a_run(session: Session) -> None:
    run_id = one(session, fired=True).run_id
    row = session.execute(select(table_of(Run)).where(table_of(Run).c.id == run_id)).one()
    session.execute(table_of(Run).insert().values(**{**row._mapping, "id": new_id()}))


def lose_a_decision(session: Session) -> None:
    session.delete(one(session, fired=False))


def change_a_cause(session: Session) -> None:
    firing = one(session, fired=False)
    firing.cause = Cause.CLOSED if firing.cause is not Cause.CLOSED else Cause.PAUSED


def miscount(session: Session) -> None:
    one(session, fired=False).count += 1


def cover_the_next_one(session: Session) -> None:
    schedule, last = session.execute(
        select(Firing.schedule_id, Firing.instant).order_by(Firing.instant.desc()).limit(1)
    ).one()
    before = select(Firing).where(Firing.schedule_id == schedule, Firing.instant < last)
    session.scalars(before.order_by(Firing.instant.desc()).limit(1)).one().last_instant = last


def fire_without_a_run(session: Session) -> None:
    one(session, fired=True).run_id = None


def skip_with_a_run(session: Session) -> None:
    firing = one(session, fired=True)
    firing.decision, firing.cause = Decision.SKIPPED, Cause.OVERLAP


def end_otherwise(session: Session) -> None:
    run_id = one(session, fired=True).run_id
    run = session.get_one(Run, run_id)
    run.state = RunState.FAILED if run.state is not RunState.FAILED else RunState.SUCCEEDED


def move_a_cursor(session: Session) -> None:
    session.execute(
        update(Schedule).where(Schedule.removed_at.is_(None)).values(cursor=FORM.end + timedelta(days=1))
    )


def forget_when_it_is_due(session: Session) -> None:
    session.execute(update(Schedule).values(next_at=None))


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        (lose_a_run, "has no run"),
        (double_a_run, "has 2 runs"),
        (lose_a_decision, "was never decided"),
        (change_a_cause, ", not "),
        (miscount, " instants from "),
        (cover_the_next_one, " overlap"),
        (fire_without_a_run, "names no run"),
        (skip_with_a_run, "names a run"),
        (end_otherwise, "the run for "),
        (move_a_cursor, "cursor "),
        (forget_when_it_is_due, "next_at None"),
    ],
)
def test_the_judge_finds_what_is_wrong(
    harm: Callable[[Session], None], complaint: str, session: Session, wanted: Wanted
) -> None:
    harm(session)
    session.flush()
    session.expire_all()

    assert any(complaint in line for line in found_wrong(session, wanted))


def test_the_judge_finds_a_run_for_an_instant_that_must_have_none(session: Session, wanted: Wanted) -> None:
    run_id: UUID | None = one(session, fired=True).run_id
    session.get_one(Run, run_id).scheduled_for = FORM.begin
    session.flush()

    wrong = found_wrong(session, wanted)

    assert any("has a run that it must not have" in line for line in wrong)
    assert any("has no run" in line for line in wrong)


def test_a_simulation_in_which_nothing_happened_shows_nothing() -> None:
    nothing = dict.fromkeys(KINDS, 0)

    assert len(list(missed(nothing, [], whole=True))) == len(KINDS)
    assert list(missed(nothing, [], whole=False)) == [
        "no schedules, so that nothing was shown about it",
        "no instants, so that nothing was shown about it",
    ]
    assert list(missed(nothing | {"schedules": 1, "instants": 3}, [], whole=False)) == []


def test_the_oracle_finds_an_alarm_that_the_keeper_left_out(lived: Lived) -> None:
    life = max(lived.lives, key=lambda life: len(life.facts))
    late = replace(lived, weather=Weather(dict.fromkeys(lived.weather.down, ()), ()))

    complaints = prescribed(late)[life.plan.name].complaints

    assert any("was not rung for" in line for line in complaints)


def test_the_same_seed_gives_the_same_weather_and_whoever_waits_meets_no_outage() -> None:
    weather = weather_of(1, FORM.begin, FORM.end, 2.0)
    assert weather == weather_of(1, FORM.begin, FORM.end, 2.0) != weather_of(2, FORM.begin, FORM.end, 2.0)

    for hours in range(0, 24 * FORM.days, 5):
        moment = FORM.begin + timedelta(hours=hours)
        ready = weather.ready(moment, KEEPER, REDIS, lasting=timedelta(minutes=1))
        assert ready >= moment
        for begun, back in itertools.chain(weather.down[KEEPER], weather.down[REDIS]):
            assert back <= ready or begun > ready + timedelta(minutes=1)

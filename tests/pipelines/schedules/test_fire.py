"""What an alarm makes of a schedule: each instant decided once, however often and late it rings."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from pipelines.loading.registry import Registry
from pipelines.schedules.fire import fire
from pipelines.schedules.sync import sync
from pipelines.timetables.decisions import BATCH
from pipelines.timetables.occurrences import offset_of
from presstime.models import Firing, Run, RunState, Schedule

Sessions = sessionmaker[Session]
START = datetime(2026, 11, 2, 5, 59, tzinfo=UTC)

SOURCE = '''
"""Every hour."""

from datetime import timedelta
from pipelines import Calendar, Cron, Params, Pipeline


class Asked(Params):
    origin: str = "LGA"


hourly = Pipeline(
    "hourly",
    params=Asked,
    period="hour",
    schedules=[Cron("0 * * * *", name="hourly", catch_up="{catch_up}", overlap="{overlap}"{more})],
)


@hourly.extract
def one(asked: Asked) -> int:
    return 1
'''


class Fixture:
    """One schedule, and a clock to turn."""

    def __init__(self, sessions: Sessions, folder: Path, catch_up: str, overlap: str, more: str) -> None:
        (folder / "hourly.py").write_text(SOURCE.format(catch_up=catch_up, overlap=overlap, more=more))
        self.sessions = sessions
        self.registry = Registry.load(folder, catalog=False, entry_points=False)
        assert self.registry.problems == ()
        with sessions.begin() as session:
            sync(session, self.registry, START)
        with sessions() as session:
            self.schedule: UUID = session.scalars(select(Schedule.id)).one()

    def ring(self, now: datetime) -> None:
        with self.sessions.begin() as session:
            fire(session, self.schedule, self.registry.get, lambda _: [], now)

    def firings(self) -> list[Firing]:
        with self.sessions() as session:
            return list(session.scalars(select(Firing).order_by(Firing.instant)))

    def runs(self) -> list[Run]:
        with self.sessions() as session:
            return list(session.scalars(select(Run).order_by(Run.scheduled_for)))

    def next_at(self) -> datetime | None:
        with self.sessions() as session:
            return session.scalars(select(Schedule.next_at)).one()

    def change(self, **values: object) -> None:
        with self.sessions.begin() as session:
            session.execute(update(Schedule).values(**values))


@pytest.fixture
def hourly(request: pytest.FixtureRequest, sessions: Sessions, tmp_path: Path) -> Fixture:
    settings = getattr(request, "param", {})
    folder = tmp_path / "pipelines"
    folder.mkdir()
    return Fixture(
        sessions,
        folder,
        settings.get("catch_up", "latest"),
        settings.get("overlap", "allow"),
        settings.get("more", ""),
    )


def hour(number: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 2, 0, minute, tzinfo=UTC) + timedelta(hours=number)


def test_an_instant_becomes_one_run_with_the_hour_before_it(hourly: Fixture) -> None:
    hourly.ring(hour(6))

    (run,) = hourly.runs()
    assert run.scheduled_for == hour(6)
    assert (run.interval_start, run.interval_end) == (hour(5), hour(6))
    (firing,) = hourly.firings()
    assert (firing.decision, firing.run_id, firing.count) == ("fired", run.id, 1)


def test_an_alarm_that_rings_twice_or_early_changes_nothing(hourly: Fixture) -> None:
    hourly.ring(START)
    hourly.ring(hour(6))
    hourly.ring(hour(6))
    hourly.ring(hour(6, 30))

    assert len(hourly.runs()) == 1
    assert len(hourly.firings()) == 1


def test_after_a_gap_the_newest_instant_fires_and_the_rest_is_one_row(hourly: Fixture) -> None:
    hourly.ring(hour(10, 5))

    (run,) = hourly.runs()
    assert run.scheduled_for == hour(10)
    passed, fired = hourly.firings()
    assert (passed.instant, passed.last_instant, passed.count) == (hour(6), hour(9), 4)
    assert (passed.decision, passed.reason) == ("skipped", "superseded by a later instant")
    assert fired.decision == "fired"


@pytest.mark.parametrize("hourly", [{"catch_up": "all"}], indirect=True)
def test_all_missed_instants_fire_where_the_author_wants_them(hourly: Fixture) -> None:
    hourly.ring(hour(10, 5))

    assert [run.scheduled_for for run in hourly.runs()] == [hour(n) for n in range(6, 11)]


@pytest.mark.parametrize("hourly", [{"catch_up": "none"}], indirect=True)
def test_a_missed_instant_is_left_out_where_the_author_wants_that(hourly: Fixture) -> None:
    hourly.ring(hour(10, 5))

    assert hourly.runs() == []
    assert [firing.decision for firing in hourly.firings()] == ["skipped", "skipped"]
    hourly.ring(hour(11))
    assert [run.scheduled_for for run in hourly.runs()] == [hour(11)]


@pytest.mark.parametrize("hourly", [{"more": ", grace=timedelta(minutes=10)"}], indirect=True)
def test_an_instant_outside_its_grace_is_too_late(hourly: Fixture) -> None:
    hourly.ring(hour(6, 11))

    (firing,) = hourly.firings()
    assert (firing.cause, firing.reason) == ("too_late", "missed by more than 10 minutes")


def test_a_paused_schedule_fires_nothing_and_says_so(hourly: Fixture) -> None:
    hourly.change(paused_at=START, paused_by="ada")

    hourly.ring(hour(8))

    (firing,) = hourly.firings()
    assert (firing.decision, firing.cause, firing.reason) == ("skipped", "paused", "paused by ada")
    assert firing.count == 3
    assert hourly.runs() == []


def test_the_same_decision_again_makes_its_row_longer(hourly: Fixture) -> None:
    hourly.change(paused_at=START)
    for number in (6, 7, 9):
        hourly.ring(hour(number))

    (firing,) = hourly.firings()
    assert (firing.instant, firing.last_instant, firing.count) == (hour(6), hour(9), 4)


def test_a_pause_ends_by_itself(hourly: Fixture) -> None:
    hourly.change(paused_at=START, paused_until=hour(8), paused_by="ada")

    hourly.ring(hour(7))
    assert hourly.runs() == []
    hourly.ring(hour(8))

    assert [run.scheduled_for for run in hourly.runs()] == [hour(8)]
    with hourly.sessions() as session:
        row = session.scalars(select(Schedule)).one()
        assert (row.paused_at, row.paused_by, row.paused_until) == (None, None, None)


@pytest.mark.parametrize("hourly", [{"more": ", jitter=timedelta(minutes=50)"}], indirect=True)
def test_a_pause_holds_for_an_instant_whose_alarm_comes_after_its_end(hourly: Fixture) -> None:
    offset = offset_of("hourly/hourly", timedelta(minutes=50))
    hourly.change(paused_at=START, paused_until=hour(6) + offset / 2, paused_by="ada")

    hourly.ring(hour(6) + offset * 3 / 4)  # an alarm that came twice, say
    hourly.ring(hour(6) + offset)

    assert [(f.cause, f.instant) for f in hourly.firings()] == [("paused", hour(6))]


@pytest.mark.parametrize("hourly", [{"catch_up": "all"}], indirect=True)
def test_a_pause_holds_for_what_a_batch_leaves_to_the_next_alarm(hourly: Fixture) -> None:
    hourly.change(paused_at=hour(5 + BATCH + 10, 30), paused_until=hour(5 + BATCH + 20))

    hourly.ring(hour(5 + BATCH + 20))
    hourly.ring(hour(5 + BATCH + 20))

    assert len(hourly.runs()) == BATCH + 11
    assert [(f.cause, f.count) for f in hourly.firings() if f.cause] == [("paused", 9)]


@pytest.mark.parametrize("hourly", [{"overlap": "skip", "catch_up": "all"}], indirect=True)
def test_runs_that_fire_are_never_one_row(hourly: Fixture) -> None:
    hourly.ring(hour(6))
    hourly.ring(hour(8))

    assert [(f.decision, f.cause, f.count) for f in hourly.firings()] == [
        ("fired", None, 1),
        ("skipped", "overlap", 2),
    ]


@pytest.mark.parametrize("hourly", [{"more": ', calendar=Calendar(weekend=("mon",))'}], indirect=True)
def test_a_closed_day_is_one_row_that_says_why(hourly: Fixture) -> None:
    """2 November 2026 is a Monday."""
    hourly.ring(hour(25, 5))

    (run,) = hourly.runs()
    assert run.scheduled_for == hour(25)
    assert [(f.decision, f.reason, f.instant, f.last_instant, f.count) for f in hourly.firings()] == [
        ("skipped", "closed: Monday", hour(6), hour(23), 18),
        ("skipped", "superseded by a later instant", hour(24), hour(24), 1),
        ("fired", None, hour(25), hour(25), 1),
    ]


@pytest.mark.parametrize(
    "hourly",
    [
        {"more": ', calendar=Calendar(weekend=("tue",))'},
        {"more": ', calendar=Calendar(weekend=("tue",))', "catch_up": "all"},
    ],
    indirect=True,
)
def test_closed_instants_after_the_newest_that_fires_keep_their_place(hourly: Fixture) -> None:
    with hourly.sessions.begin() as session:
        session.execute(update(Schedule).values(cursor=hour(22)))

    hourly.ring(hour(26))

    assert [(f.decision, f.reason, f.instant, f.count) for f in hourly.firings()] == [
        ("fired", None, hour(23), 1),
        ("skipped", "closed: Tuesday", hour(24), 3),
    ]
    hourly.ring(hour(26))
    assert len(hourly.firings()) == 2


@pytest.mark.parametrize("hourly", [{"more": ", jitter=timedelta(minutes=30)"}], indirect=True)
def test_a_run_with_jitter_starts_later_and_is_for_its_instant(hourly: Fixture) -> None:
    offset = offset_of("hourly/hourly", timedelta(minutes=30))
    assert offset > timedelta(seconds=1)

    hourly.ring(hour(6) + offset - timedelta(seconds=1))
    assert hourly.runs() == []
    hourly.ring(hour(6) + offset)

    (run,) = hourly.runs()
    assert run.scheduled_for == hour(6)
    assert hourly.next_at() == hour(7) + offset


@pytest.mark.parametrize("hourly", [{"more": ', params={"origin": "JFK"}'}], indirect=True)
def test_a_schedule_has_parameters_of_its_own(hourly: Fixture) -> None:
    hourly.ring(hour(6))

    assert [run.params for run in hourly.runs()] == [{"origin": "JFK"}]


@pytest.mark.parametrize("hourly", [{"overlap": "skip"}], indirect=True)
def test_an_unfinished_run_makes_the_next_one_be_skipped(hourly: Fixture) -> None:
    hourly.ring(hour(6))
    hourly.ring(hour(7))

    assert [firing.decision for firing in hourly.firings()] == ["fired", "skipped"]


@pytest.mark.parametrize("hourly", [{"overlap": "queue"}], indirect=True)
def test_an_unfinished_run_makes_the_next_one_wait(hourly: Fixture) -> None:
    from pipelines.runs.advance import advance
    from pipelines.runs.events import lock_run
    from presstime.models import OutboxMessage, Task
    from tests.support.runs.graphs import asked_of, done, tasks_of

    hourly.ring(hour(6))
    hourly.ring(hour(7))
    first, second = hourly.runs()
    assert tasks_of(hourly.sessions, second.id, "one")[0].stage_id is None

    done(hourly.sessions, tasks_of(hourly.sessions, first.id, "one")[0])
    with hourly.sessions.begin() as session:
        advance(session, lock_run(session, first.id), lambda _: [])

    assert hourly.runs()[0].state is RunState.SUCCEEDED
    assert [(row.intent, row.run_id) for row in asked_of(hourly.sessions)][-1] == ("advance", second.id)
    with hourly.sessions.begin() as session:
        advance(session, lock_run(session, second.id), lambda _: [])
        assert session.scalars(select(Task.stage_id).where(Task.run_id == second.id)).one() is not None
        assert session.scalars(select(OutboxMessage.id)).all()


@pytest.mark.parametrize("hourly", [{"overlap": "cancel_running"}], indirect=True)
def test_a_later_run_takes_the_place_of_one_that_is_unfinished(hourly: Fixture) -> None:
    hourly.ring(hour(6))
    hourly.ring(hour(7))

    first, second = hourly.runs()
    assert (first.state, first.error) == (
        RunState.CANCELLED,
        "a later run of this schedule took its place",
    )
    assert second.state is RunState.QUEUED
    assert second.admitted_at is not None


def test_a_pipeline_that_no_longer_loads_is_the_reason_why_nothing_ran(
    hourly: Fixture, tmp_path: Path
) -> None:
    (tmp_path / "pipelines" / "hourly.py").write_text("broken(")
    hourly.registry.refresh()

    hourly.ring(hour(6))

    (firing,) = hourly.firings()
    assert (firing.decision, firing.cause) == ("skipped", "refused")
    assert "hourly" in str(firing.reason)


def test_a_schedule_that_left_the_code_rings_in_vain(hourly: Fixture, tmp_path: Path) -> None:
    (tmp_path / "pipelines" / "hourly.py").unlink()
    hourly.registry.refresh()
    with hourly.sessions.begin() as session:
        assert sync(session, hourly.registry, START)

    hourly.ring(hour(6))

    assert hourly.firings() == []


def test_an_edited_line_keeps_its_cursor(hourly: Fixture, tmp_path: Path) -> None:
    hourly.ring(hour(6))
    path = tmp_path / "pipelines" / "hourly.py"
    path.write_text(path.read_text().replace('"0 * * * *"', '"30 * * * *"'))
    hourly.registry.refresh()
    with hourly.sessions.begin() as session:
        assert sync(session, hourly.registry, hour(6, 10))
        assert not sync(session, hourly.registry, hour(6, 11))

    hourly.ring(hour(6, 30))

    assert [run.scheduled_for for run in hourly.runs()] == [hour(6), hour(6, 30)]


def test_a_schedule_that_is_new_or_edited_is_due_without_a_first_alarm(
    hourly: Fixture, tmp_path: Path
) -> None:
    """The keeper goes by it when beat is silent."""
    assert hourly.next_at() == hour(6)
    path = tmp_path / "pipelines" / "hourly.py"
    path.write_text(path.read_text().replace('"0 * * * *"', '"20 * * * *"'))
    hourly.registry.refresh()
    with hourly.sessions.begin() as session:
        assert sync(session, hourly.registry, hour(6, 10))

    assert hourly.next_at() == hour(6, 20)

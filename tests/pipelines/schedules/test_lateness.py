"""Deadlines of schedules: which instants are late, and which only seem to be. On both databases."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from pipelines import Cron
from pipelines.loading.registry import Registry
from pipelines.runs.ending import end_run
from pipelines.runs.events import lock_run
from pipelines.schedules.editing import edit
from pipelines.schedules.fire import fire
from pipelines.schedules.late_listing import Late, newest_late
from pipelines.schedules.lateness import judge
from pipelines.schedules.pausing import pause, resume
from pipelines.schedules.sync import sync
from pipelines.timetables.occurrences import Timetable
from presstime.models import Event, Firing, Run, RunState, Schedule

Sessions = sessionmaker[Session]
START = datetime(2026, 11, 21, 5, tzinfo=UTC)
SOURCE = '''
"""One number."""

from datetime import time, timedelta
from pipelines import Calendar, Cron, Pipeline

sales = Pipeline("sales", schedules=[Cron("0 6 * * *", name="daily"{policies})])


@sales.extract
def one() -> int:
    return 1
'''


def at(hour: int, minute: int = 0, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


class Morning:
    """A schedule of six o'clock, whose runs have to be finished by half past seven."""

    def __init__(self, sessions: Sessions, folder: Path, policies: str) -> None:
        (folder / "sales.py").write_text(SOURCE.format(policies=policies))
        self.sessions = sessions
        self.registry = Registry.load(folder, catalog=False, entry_points=False)
        assert self.registry.problems == ()
        with sessions.begin() as session:
            sync(session, self.registry, START)
        with sessions() as session:
            self.id = session.scalars(select(Schedule.id)).one()

    def row(self) -> Schedule:
        with self.sessions() as session:
            return session.get_one(Schedule, self.id)

    def ring(self, now: datetime) -> None:
        with self.sessions.begin() as session:
            fire(session, self.id, self.registry.get, lambda _: [], now)

    def end(self, state: RunState, finished: datetime) -> None:
        """The newest run."""
        with self.sessions.begin() as session:
            newest = session.scalars(
                select(Firing.run_id)
                .where(Firing.run_id.is_not(None))
                .order_by(Firing.instant.desc())
                .limit(1)
            ).one()
            assert newest is not None
            if state is RunState.FAILED:
                end_run(session, lock_run(session, newest), state, "the site is down")
            session.execute(update(Run).where(Run.id == newest).values(state=state, finished_at=finished))

    def judge(self, now: datetime) -> None:
        with self.sessions.begin() as session:
            judge(session, self.id, now)

    def late(self) -> list[Late]:
        """The oldest first."""
        with self.sessions() as session:
            return newest_late(session, limit=100)[::-1]


@pytest.fixture
def morning(request: pytest.FixtureRequest, sessions: Sessions, tmp_path: Path) -> Morning:
    folder = tmp_path / "pipelines"
    folder.mkdir()
    policies = getattr(request, "param", "")
    return Morning(sessions, folder, f", by=time(7, 30){policies}")


def test_a_run_that_is_finished_in_time_is_not_late(morning: Morning) -> None:
    morning.ring(at(6))
    morning.end(RunState.SUCCEEDED, at(7, 30))
    morning.judge(at(7, 30))

    assert morning.late() == []
    assert morning.row().judge_at == at(7, 30, day=22)


def test_nothing_is_late_before_its_deadline(morning: Morning) -> None:
    morning.ring(at(6))
    morning.judge(at(7, 29))

    assert morning.late() == []
    assert morning.row().judge_at == at(7, 30)


def test_a_run_that_is_unfinished_at_its_deadline_is_marked_and_has_an_event(morning: Morning) -> None:
    morning.ring(at(6))
    morning.judge(at(7, 31))
    morning.judge(at(7, 32))
    (late,) = morning.late()

    assert (late.delay, late.first, late.deadline) == ("unfinished", at(6), at(7, 30))
    with morning.sessions() as session:
        run = session.scalars(select(Run)).one()
        assert (late.run, run.late_at) == (run.id, at(7, 30))
        events = session.scalars(select(Event).where(Event.kind == "run.late")).all()
        assert [event.data["deadline"] for event in events] == [at(7, 30).isoformat()]


def test_it_is_late_also_when_nobody_looked_until_it_was_finished(morning: Morning) -> None:
    morning.ring(at(6))
    morning.end(RunState.SUCCEEDED, at(9))
    morning.judge(at(12))
    (late,) = morning.late()

    assert (late.delay, late.run_state, late.run_finished_at) == ("unfinished", "succeeded", at(9))


def test_a_failed_run_is_late_and_its_error_is_the_reason(morning: Morning) -> None:
    morning.ring(at(6))
    morning.end(RunState.FAILED, at(6, 5))
    morning.judge(at(7))
    assert morning.late() == []

    morning.judge(at(8))

    assert [(one.delay, one.reason) for one in morning.late()] == [("failed", "the site is down")]


def test_without_any_alarm_each_day_is_late_and_they_are_one_row(morning: Morning) -> None:
    morning.judge(at(8))
    morning.judge(at(8, day=22))
    (late,) = morning.late()

    assert (late.delay, late.first, late.last, late.count) == ("undecided", at(6), at(6, day=22), 2)
    assert (late.reason, late.run) == ("no alarm had rung", None)


def test_a_run_that_comes_after_its_deadline_is_marked_when_it_starts(morning: Morning) -> None:
    morning.judge(at(8))
    morning.ring(at(9))
    (late,) = morning.late()

    with morning.sessions() as session:
        run = session.scalars(select(Run)).one()
    assert (late.delay, late.run, late.run_state) == ("undecided", run.id, "queued")
    assert run.late_at == at(7, 30)


def test_a_schedule_paused_by_mistake_is_late_on_each_day(morning: Morning) -> None:
    with morning.sessions.begin() as session:
        pause(session, morning.id, at(5, 30), by="ada")
    for day in (21, 22, 23):
        morning.ring(at(6, day=day))
        morning.judge(at(8, day=day))
    with morning.sessions.begin() as session:
        resume(session, morning.id, at(9, day=23))
    morning.ring(at(6, day=24))
    morning.end(RunState.SUCCEEDED, at(7, day=24))
    morning.judge(at(8, day=24))
    (late,) = morning.late()

    assert (late.delay, late.reason, late.count) == ("not_run", "paused by ada", 3)


def test_good_days_between_keep_bad_ones_apart(morning: Morning) -> None:
    morning.judge(at(8))
    morning.ring(at(6, day=22))
    morning.end(RunState.SUCCEEDED, at(7, day=22))
    morning.judge(at(8, day=23))

    assert [(one.first.day, one.count) for one in morning.late()] == [(21, 1), (23, 1)]


@pytest.mark.parametrize("morning", [", calendar=Calendar()"], indirect=True)
def test_nobody_waits_for_a_run_on_a_closed_day(morning: Morning) -> None:
    """The twenty-first is a Saturday."""
    morning.ring(at(6, day=22))
    morning.judge(at(12, day=22))

    assert morning.late() == []
    assert morning.row().judge_at == at(7, 30, day=23)


def test_an_edit_neither_forgets_the_run_under_way_nor_asks_for_one_of_before(morning: Morning) -> None:
    morning.ring(at(6))
    with morning.sessions.begin() as session:
        edit(session, morning.id, {"expression": "15 6 * * *"}, morning.registry.get("sales"), at(7))
    morning.judge(at(7))
    assert morning.row().judge_at == at(7, 30)

    morning.judge(at(8))

    assert [(one.delay, one.first) for one in morning.late()] == [("unfinished", at(6))]
    assert morning.row().judge_at == at(7, 30, day=22)


def test_a_deadline_that_is_new_asks_for_nothing_of_before(sessions: Sessions, tmp_path: Path) -> None:
    morning = Morning(sessions, tmp_path, "")
    morning.judge(at(12))
    with morning.sessions.begin() as session:
        edit(session, morning.id, {"by": "07:30"}, morning.registry.get("sales"), at(12))
    morning.judge(at(12))

    assert morning.late() == []
    assert morning.row().judge_at == at(7, 30, day=22)


@pytest.mark.parametrize("morning", [", stop_after=2"], indirect=True)
def test_a_schedule_stops_after_failures_in_a_row_until_it_is_resumed(morning: Morning) -> None:
    for day in (21, 22):
        morning.ring(at(6, day=day))
        morning.end(RunState.FAILED, at(6, 5, day=day))
    morning.ring(at(6, day=23))
    morning.ring(at(6, day=24))

    row = morning.row()
    assert (row.paused_by, row.paused_why) == ("presstime", "2 failures in a row")
    with morning.sessions() as session:
        last = session.scalars(select(Firing).order_by(Firing.instant.desc())).first()
        assert last is not None
        assert (last.instant, last.count) == (at(6, day=23), 2)
        assert last.reason == "paused by presstime: 2 failures in a row"

    with morning.sessions.begin() as session:
        resume(session, morning.id, at(9, day=24))
    morning.ring(at(6, day=25))
    with morning.sessions() as session:
        assert session.scalars(select(Run.scheduled_for).order_by(Run.scheduled_for.desc())).first() == at(
            6, day=25
        )
    assert morning.row().paused_at is None


@pytest.mark.parametrize("morning", [", stop_after=2"], indirect=True)
def test_a_success_between_failures_lets_a_schedule_go_on(morning: Morning) -> None:
    states = (RunState.FAILED, RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)
    for day, state in enumerate(states, start=21):
        morning.ring(at(6, day=day))
        morning.end(state, at(6, 5, day=day))
    morning.ring(at(6, day=25))

    assert morning.row().paused_at is None


@pytest.mark.parametrize(
    ("by", "zone", "instant", "deadline"),
    [
        (timedelta(minutes=90), "UTC", at(6), at(7, 30)),
        ("07:30", "America/New_York", at(11), at(12, 30)),
        ("05:00", "America/New_York", at(11), at(10, day=22)),
        ("06:00", "America/New_York", at(11), at(11, day=22)),
        # Half past two does not exist on 8 March 2026 in New York: at its time the clock shows three.
        (
            "02:30",
            "America/New_York",
            datetime(2026, 3, 8, 6, tzinfo=UTC),
            datetime(2026, 3, 8, 7, tzinfo=UTC),
        ),
    ],
)
def test_a_deadline_is_the_next_such_time_of_day_or_so_long_after(
    by: timedelta | str, zone: str, instant: datetime, deadline: datetime
) -> None:
    value = by if isinstance(by, timedelta) else datetime.fromisoformat(f"2026-01-01T{by}").time()
    schedule = Cron("0 6 * * *", name="daily", by=value)

    assert Timetable(schedule, zone).deadline(instant) == deadline

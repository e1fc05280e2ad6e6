"""Schedules made, changed and deleted by people, and what a deploy leaves of that. On both databases."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from pipelines import Cron, Every
from pipelines.loading.registry import LoadedPipeline, Registry
from pipelines.params import ParamsRefused
from pipelines.schedules.editing import (
    Change,
    DeclaredInCode,
    NotOverridden,
    ScheduleExists,
    create,
    delete,
    edit,
    preview,
    reset,
)
from pipelines.schedules.fire import fire
from pipelines.schedules.pausing import pause
from pipelines.schedules.sync import sync
from pipelines.timetables.kinds import BadSchedule, from_json
from presstime.models import Firing, Run, Schedule

Sessions = sessionmaker[Session]
START = datetime(2026, 11, 21, 5, tzinfo=UTC)

SOURCE = '''
"""One number."""

from datetime import UTC, datetime

from pipelines import Cron, Params, Pipeline


class Asked(Params):
    origin: str = "LGA"


sales = Pipeline("sales", params=Asked, period="day", timezone="{zone}", schedules=[{schedules}])


@sales.extract
def one(asked: Asked) -> int:
    return 1
'''
DAILY = 'Cron("0 6 * * *", name="daily")'


def at(hour: int, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


class Folder:
    """A pipeline that is deployed again and again."""

    def __init__(self, sessions: Sessions, path: Path) -> None:
        self.sessions = sessions
        self._path = path
        self.deploy(START)

    def deploy(self, now: datetime, schedules: str = DAILY, zone: str = "UTC") -> None:
        (self._path / "sales.py").write_text(SOURCE.format(schedules=schedules, zone=zone))
        self._sync(now)

    def take_away(self, now: datetime) -> None:
        (self._path / "sales.py").unlink()
        self._sync(now)

    def _sync(self, now: datetime) -> None:
        self.registry = Registry.load(self._path, catalog=False, entry_points=False)
        assert self.registry.problems == ()
        with self.sessions.begin() as session:
            sync(session, self.registry, now)

    @property
    def loaded(self) -> LoadedPipeline:
        return self.registry.get("sales")

    def row(self, name: str = "daily") -> Schedule:
        with self.sessions() as session:
            return session.scalars(select(Schedule).where(Schedule.name == name)).one()

    def edit(self, now: datetime, name: str = "daily", **changes: Any) -> Change:
        with self.sessions.begin() as session:
            return edit(session, self.row(name).id, changes, self.loaded, now)

    def create(self, schedule: Cron | Every, now: datetime = START) -> None:
        with self.sessions.begin() as session:
            create(session, self.loaded, schedule, now)

    def ring(self, now: datetime, name: str = "daily") -> list[datetime | None]:
        """For which instants there are runs then."""
        with self.sessions.begin() as session:
            fire(session, self.row(name).id, self.registry.get, lambda _: [], now)
        with self.sessions() as session:
            return list(session.scalars(select(Run.scheduled_for).order_by(Run.scheduled_for)))


@pytest.fixture
def folder(sessions: Sessions, tmp_path: Path) -> Folder:
    made = tmp_path / "pipelines"
    made.mkdir()
    return Folder(sessions, made)


def test_a_schedule_of_an_operator_fires_with_parameters_of_its_own(folder: Folder) -> None:
    folder.create(Every(timedelta(hours=1), name="often", params={"origin": "JFK"}))

    assert folder.row("often").next_at == at(6)
    assert folder.ring(at(6), "often") == [at(6)]
    with folder.sessions() as session:
        assert session.scalars(select(Run)).one().params == {"origin": "JFK"}


def test_it_outlives_deploys_and_a_pipeline_that_is_gone_for_a_while(folder: Folder) -> None:
    folder.create(Cron("0 8 * * *", name="late"))
    folder.deploy(at(6), schedules="")
    folder.take_away(at(7))

    assert folder.ring(at(9), "late") == []
    with folder.sessions() as session:
        assert "pipeline 'sales' is unknown" in str(session.scalars(select(Firing.reason)).one())
    folder.deploy(at(10))

    assert folder.row("late").removed_at is None
    assert folder.ring(at(9, day=22), "late") == [at(8, day=22)]


def test_what_was_deleted_can_be_made_anew_and_starts_from_then(folder: Folder) -> None:
    folder.create(Cron("0 8 * * *", name="late"))
    with folder.sessions.begin() as session:
        delete(session, folder.row("late").id, at(9))
    folder.create(Cron("0 10 * * *", name="late"), at(11))

    assert folder.row("late").next_at == at(10, day=22)
    assert folder.ring(at(12), "late") == []


def test_what_is_wrong_with_a_new_schedule_is_said_and_nothing_is_made(folder: Folder) -> None:
    with pytest.raises(ScheduleExists, match="'sales/daily' exists"):
        folder.create(Cron("0 8 * * *", name="daily"))
    with pytest.raises(BadSchedule, match="hour"):
        folder.create(Cron("0 25 * * *", name="late"))
    with pytest.raises(ParamsRefused, match="'region'"):
        folder.create(Cron("0 8 * * *", name="late", params={"region": "north"}))

    with folder.sessions() as session:
        assert session.scalars(select(Schedule.name)).all() == ["daily"]


def test_a_preview_says_what_an_edit_would_cause_and_saves_nothing(folder: Folder) -> None:
    folder.ring(at(6))
    with folder.sessions() as session:
        found = preview(session, folder.row(), {"expression": "0 12 * * *"}, folder.loaded, at(10)).effect

    assert (found.before[0], found.after[0]) == (at(6, day=22), at(12))
    assert found.extra is not None
    assert found.extra.label == "2026-11-21"
    assert from_json(folder.row().spec) == Cron("0 6 * * *", name="daily")


def test_an_edit_starts_at_once_what_would_be_missed(folder: Folder) -> None:
    folder.deploy(START, schedules='Cron("0 12 * * *", name="daily")')
    folder.edit(at(10), expression="0 8 * * *")

    assert folder.ring(at(10)) == [at(8)]


def test_an_edit_starts_nothing_again(folder: Folder) -> None:
    folder.ring(at(6))
    folder.edit(at(10), expression="0 8 * * *")

    assert folder.ring(at(11)) == [at(6)]
    assert folder.row().next_at == at(8, day=22)


def test_the_same_holds_for_an_edit_of_the_code(folder: Folder) -> None:
    folder.ring(at(6))
    folder.deploy(at(10), schedules='Cron("0 8 * * *", name="daily")')

    assert folder.ring(at(11)) == [at(6)]
    assert folder.ring(at(9, day=22)) == [at(6), at(8, day=22)]


def test_an_override_survives_a_deploy_and_the_rest_follows_the_code(folder: Folder) -> None:
    folder.edit(at(10), expression="0 8 * * *", params={"origin": "JFK"})
    folder.deploy(
        at(11), schedules='Cron("0 7 * * *", name="daily", catch_up="all", params={"origin": "EWR"})'
    )
    row = folder.row()

    assert row.overrides == {"kind": "cron", "expression": "0 8 * * *", "params": {"origin": "JFK"}}
    assert from_json(row.spec) == Cron("0 8 * * *", name="daily", catch_up="all", params={"origin": "JFK"})
    with folder.sessions.begin() as session:
        reset(session, row.id, folder.loaded, at(12))
    assert folder.row().overrides is None
    assert folder.row().spec == folder.row().declared
    with pytest.raises(NotOverridden), folder.sessions.begin() as session:
        reset(session, row.id, folder.loaded, at(12))


def test_a_pause_and_an_override_survive_a_pipeline_that_is_gone_for_a_while(folder: Folder) -> None:
    folder.edit(at(6), expression="0 8 * * *")
    with folder.sessions.begin() as session:
        pause(session, folder.row().id, at(7), by="ada")
    folder.take_away(at(9))
    folder.deploy(at(10))

    assert folder.row().paused_by == "ada"
    assert from_json(folder.row().spec) == Cron("0 8 * * *", name="daily")


def test_an_override_that_code_says_too_is_none_any_more(folder: Folder) -> None:
    folder.edit(at(6), expression="0 8 * * *")
    folder.edit(at(7), expression="0 6 * * *")

    assert folder.row().overrides is None


def test_an_override_that_no_longer_fits_its_code_is_dropped(folder: Folder) -> None:
    folder.edit(at(6), ends="2027-01-01T00:00:00Z")
    folder.deploy(at(7), schedules='Cron("0 6 * * *", name="daily", starts=datetime(2028, 1, 1, tzinfo=UTC))')

    assert folder.row().overrides is None
    assert folder.row().spec == folder.row().declared


def test_code_that_comes_to_declare_an_operators_schedule_keeps_what_he_says(folder: Folder) -> None:
    folder.create(Cron("0 8 * * *", name="late", catch_up="all"))
    folder.deploy(at(6), schedules=f'{DAILY}, Cron("0 9 * * *", name="late")')
    row = folder.row("late")

    assert from_json(row.spec) == Cron("0 8 * * *", name="late", catch_up="all")
    assert row.overrides is not None
    assert row.overrides["expression"] == "0 8 * * *"


def test_a_schedule_follows_its_pipeline_into_another_zone(folder: Folder) -> None:
    folder.create(Cron("0 8 * * *", name="late"))
    folder.deploy(at(5), zone="America/New_York")

    assert (folder.row().timezone, folder.row("late").timezone) == ("America/New_York",) * 2
    assert folder.row("late").next_at == at(13)


def test_what_code_declares_is_not_deleted_by_an_operator(folder: Folder) -> None:
    with pytest.raises(DeclaredInCode, match="delete it there"), folder.sessions.begin() as session:
        delete(session, folder.row().id, at(6))


def test_a_refused_edit_changes_nothing(folder: Folder) -> None:
    before = folder.row()
    with pytest.raises(BadSchedule, match="minute"):
        folder.edit(at(10), expression="61 6 * * *")

    assert (folder.row().spec, folder.row().version) == (before.spec, before.version)

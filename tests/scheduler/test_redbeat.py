"""RedBeat's entries as a projection of schedule rows, on a real Valkey."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from celery import Celery
from redbeat.schedulers import get_redis

from pipelines.schedules.kinds import Cron, to_json
from presstime.ids import new_id
from presstime.models import Schedule
from presstime.settings import Settings
from scheduler.celery_app import create_app
from scheduler.redbeat import Alarm, Entry, project
from scheduler.valkey import find_server, server_command, socket_path, wait_until_ready

SUMMER = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Celery]:
    folder = tmp_path_factory.mktemp("redbeat")
    socket = socket_path(folder)
    server = subprocess.Popen(
        server_command(find_server(), socket, folder, persistent=False), stdout=subprocess.DEVNULL
    )
    wait_until_ready(socket, 30)
    yield create_app(lambda: Settings(data_dir=Path(folder)))
    server.terminate()
    server.wait()


@pytest.fixture(autouse=True)
def nothing_from_before(app: Celery) -> None:
    project(app, [])


def row(name: str = "daily", expression: str = "0 6 * * *", version: int = 1) -> Schedule:
    return Schedule(
        id=new_id(),
        pipeline="sales",
        name=name,
        spec=to_json(Cron(expression, name=name)),
        timezone="America/New_York",
        cursor=SUMMER,
        version=version,
    )


def entries(app: Celery) -> dict[str, float]:
    found: dict[str, float] = dict(
        get_redis(app).zrange(app.redbeat_conf.schedule_key, 0, -1, withscores=True)  # type: ignore[attr-defined] # set by RedBeat
    )
    return found


def test_an_entry_is_due_at_the_next_instant_of_its_own_zone(app: Celery) -> None:
    assert project(app, [row()]) == 1

    ((name, score),) = entries(app).items()
    assert name.endswith("sales/daily")
    assert datetime.fromtimestamp(score, UTC) <= datetime.now(
        UTC
    )  # the cursor lies in the past: it rings at once
    entry = Entry.from_key(name, app=app)
    assert isinstance(entry.schedule, Alarm)
    winter = datetime(2026, 12, 1, tzinfo=UTC)
    assert entry.schedule.remaining_estimate(SUMMER) == timedelta(hours=10)
    assert entry.schedule.remaining_estimate(winter) == timedelta(hours=11)


def test_a_second_projection_touches_nothing(app: Celery) -> None:
    rows = [row("a"), row("b")]

    assert project(app, rows) == 2
    assert project(app, rows) == 0


def test_an_edit_a_removal_and_a_loss_are_followed(app: Celery) -> None:
    first, second = row("a"), row("b")
    project(app, [first, second])
    first.spec, first.version = to_json(Cron("30 7 * * *", name="a")), 2
    second.removed_at = SUMMER

    assert project(app, [first, second]) == 2
    ((name, _),) = entries(app).items()
    assert Entry.from_key(name, app=app).schedule.spec["expression"] == "30 7 * * *"

    get_redis(app).flushall()
    assert project(app, [first, second]) == 1
    assert len(entries(app)) == 1


def test_an_entry_whose_hash_is_gone_is_written_again(app: Celery) -> None:
    project(app, [row()])
    (name,) = entries(app)
    get_redis(app).delete(name)

    assert project(app, [row()]) == 1


def test_an_alarm_that_never_rang_is_due() -> None:
    alarm = Alarm(to_json(Cron("0 6 * * *", name="daily")), "UTC", 0.0, 1)

    assert alarm.is_due(datetime(1, 1, 2, tzinfo=UTC)).is_due
    due = alarm.is_due(datetime.now(UTC))
    assert not due.is_due
    assert 0 < due.next <= 86_400


def test_alarms_are_equal_when_their_rows_are() -> None:
    spec = to_json(Cron("0 6 * * *", name="daily"))

    assert Alarm(spec, "UTC", 0.0, 1) == Alarm(dict(spec), "UTC", 0.0, 1)
    assert Alarm(spec, "UTC", 0.0, 1) != Alarm(spec, "UTC", 0.0, 2)
    assert hash(Alarm(spec, "UTC", 0.0, 1)) == hash(Alarm(dict(spec), "UTC", 0.0, 1))

"""Beat's ticks on a real Valkey: what is due is sent together, and moved on."""

import base64
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from celery import Celery
from redbeat.schedulers import ensure_conf, get_redis
from redis import Redis

from pipelines.timetables.kinds import Cron
from pipelines.timetables.occurrences import Timetable
from presstime.clock import utc_now
from presstime.database import create_engine, create_sessions
from presstime.settings import Settings
from scheduler.beat import Scheduler
from scheduler.celery_app import create_app
from scheduler.projection import Projection
from scheduler.redbeat import Entry
from scheduler.tasks import TOGETHER
from tests.support.alarms import Sessions, add, change, entries
from tests.support.servers.databases import sqlite_with_tables
from tests.support.servers.valkey import running_valkey

LEAP_DAY = "0 6 29 2 *"  # seldom enough that none comes while a test runs
LONG_AGO = datetime(2020, 3, 1, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Celery]:
    settings = Settings(data_dir=tmp_path)
    with running_valkey(tmp_path, persistent=False):
        made = create_app(lambda: settings)
        yield made
        made.close()


@pytest.fixture
def sessions(app: Celery, tmp_path: Path) -> Iterator[Sessions]:
    engine = create_engine(sqlite_with_tables(tmp_path / "presstime.db"))
    yield create_sessions(engine)
    engine.dispose()


def project(app: Celery, sessions: Sessions) -> None:
    Projection(app, sessions).look_at_all(utc_now(), time.monotonic())


def sent(app: Celery) -> list[list[str]]:
    """The schedules that each message names, the oldest message first."""
    with app.connection_or_acquire() as connection:
        client: Redis = connection.default_channel.client
        messages = [json.loads(one) for one in client.lrange("control", 0, -1)]
    return [json.loads(base64.b64decode(one["body"]))[0] for one in reversed(messages)]


def test_what_is_due_is_sent_together_and_moved_on(app: Celery, sessions: Sessions) -> None:
    ids = {str(add(sessions, f"s{number}", LEAP_DAY, cursor=LONG_AGO)) for number in range(TOGETHER + 1)}
    project(app, sessions)
    following = Timetable(Cron(LEAP_DAY, name="leap"), "America/New_York", timedelta(0)).rings(utc_now())
    assert following is not None

    Scheduler(app).tick()

    messages = sent(app)
    assert [len(message) for message in messages] == [TOGETHER, 1]
    assert {one for message in messages for one in message} == ids
    assert set(entries(app).values()) == {following.timestamp()}
    Scheduler(app).tick()
    assert len(sent(app)) == 2, "each rang once"


def test_the_pause_lasts_until_the_next_alarm_and_no_longer_than_a_second(
    app: Celery, sessions: Sessions
) -> None:
    scheduler = Scheduler(app)
    assert scheduler.tick() == 1
    add(sessions, "daily", cursor=utc_now())
    project(app, sessions)
    (key,) = entries(app)
    get_redis(app).zadd(ensure_conf(app).schedule_key, {key: time.time() + 0.5})

    assert scheduler.tick() <= 0.5


def test_the_pause_does_not_outlast_what_rang_just_now(app: Celery, sessions: Sessions) -> None:
    every = {"kind": "every", "name": "often", "interval": "PT1S"}
    add(sessions, "often", spec=every, cursor=utc_now() - timedelta(seconds=2))
    project(app, sessions)
    begun = time.time()

    pause = Scheduler(app).tick()

    (again,) = entries(app).values()
    assert len(sent(app)) == 1
    assert pause <= max(0.0, again - begun)


def test_an_alarm_that_was_changed_while_it_rang_keeps_its_new_time(app: Celery, sessions: Sessions) -> None:
    schedule = add(sessions, "daily")
    project(app, sessions)
    scheduler = Scheduler(app)
    now = utc_now()
    loaded = scheduler._load(list(entries(app)), now)
    cursor = now + timedelta(days=10)
    change(sessions, schedule, cursor=cursor)
    project(app, sessions)
    changed = entries(app)

    assert scheduler._ring(loaded, now)

    assert entries(app) == changed


def test_an_entry_that_was_removed_while_it_rang_does_not_come_back(app: Celery, sessions: Sessions) -> None:
    schedule = add(sessions, "daily")
    project(app, sessions)
    scheduler = Scheduler(app)
    loaded = scheduler._load(list(entries(app)), utc_now())
    change(sessions, schedule, removed_at=utc_now())
    project(app, sessions)

    assert scheduler._ring(loaded, utc_now())

    assert entries(app) == {}


@pytest.mark.parametrize("definition", [None, "no JSON", "{}"])
def test_an_entry_that_cannot_be_read_is_taken_out_and_keeps_no_other_from_ringing(
    app: Celery, sessions: Sessions, definition: str | None
) -> None:
    add(sessions, "a")
    other = add(sessions, "b")
    project(app, sessions)
    bad, good = sorted(entries(app))
    get_redis(app).delete(bad)
    if definition is not None:
        get_redis(app).hset(bad, "definition", definition)

    Scheduler(app).tick()

    assert sent(app) == [[str(other)]]
    assert list(entries(app)) == [good]


def test_an_alarm_that_could_not_be_sent_rings_again(app: Celery, sessions: Sessions, tmp_path: Path) -> None:
    add(sessions, "daily")
    project(app, sessions)
    before = entries(app)
    without_broker = create_app(lambda: Settings(data_dir=tmp_path))
    without_broker.conf.update(broker_url=f"redis+socket://{tmp_path / 'nobody.sock'}")
    Scheduler(without_broker).tick()
    without_broker.close()
    assert entries(app) == before

    Scheduler(app).tick()

    assert len(sent(app)) == 1
    assert entries(app) != before


def test_what_rings_for_the_last_time_is_never_due_again(app: Celery, sessions: Sessions) -> None:
    spec = {"kind": "once", "name": "gala", "at": "2026-08-01T00:00:00Z"}
    add(sessions, "gala", spec=spec)
    project(app, sessions)
    (key,) = entries(app)
    assert isinstance(Entry.from_key(key, app=app).schedule.spec, dict)

    Scheduler(app).tick()

    assert len(sent(app)) == 1
    assert entries(app) == {key: -1}

"""RedBeat's entries as a projection of schedule rows, on a real Valkey and both databases."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from celery import Celery
from redbeat.schedulers import ensure_conf, get_redis

from pipelines.timetables.kinds import Cron, to_json
from presstime.settings import Settings
from scheduler.celery_app import create_app
from scheduler.projection import MISSING_EVERY, OVERLAP, WHOLE_EVERY, Projection
from scheduler.redbeat import Alarm, Entry
from tests.support.alarms import SUMMER, Sessions, add, change, entries
from tests.support.servers.valkey import running_valkey

NOW = SUMMER + timedelta(days=1)
SECOND = timedelta(seconds=1)
START = 1_000.0  # a monotonic clock's


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Celery]:
    folder = tmp_path_factory.mktemp("redbeat")
    with running_valkey(folder, persistent=False):
        yield create_app(lambda: Settings(data_dir=Path(folder)))


@pytest.fixture
def app(valkey: Celery) -> Celery:
    get_redis(valkey).flushdb()
    return valkey


@pytest.fixture
def projection(app: Celery, sessions: Sessions) -> Projection:
    return Projection(app, sessions)


def test_an_entry_is_due_at_the_next_instant_of_its_own_zone(
    app: Celery, projection: Projection, sessions: Sessions
) -> None:
    add(sessions, "daily")

    assert projection.look_at_all(NOW, START) == 1

    ((name, score),) = entries(app).items()
    assert name.endswith("sales/daily")
    assert datetime.fromtimestamp(score, UTC) == SUMMER + timedelta(hours=10)
    entry = Entry.from_key(name, app=app)
    assert isinstance(entry.schedule, Alarm)
    winter = datetime(2026, 12, 1, tzinfo=UTC)
    assert entry.schedule.remaining_estimate(SUMMER) == timedelta(hours=10)
    assert entry.schedule.remaining_estimate(winter) == timedelta(hours=11)


def test_jitter_is_kept_to_the_millisecond(app: Celery, projection: Projection, sessions: Sessions) -> None:
    add(sessions, "daily", spec=to_json(Cron("0 6 * * *", name="daily", jitter=timedelta(minutes=30))))

    projection.look_at_all(NOW, START)

    ((name, score),) = entries(app).items()
    jitter = Entry.from_key(name, app=app).schedule.jitter
    assert jitter % 1 != 0
    assert score == (SUMMER + timedelta(hours=10, seconds=jitter)).timestamp()


def test_a_second_look_touches_nothing(projection: Projection, sessions: Sessions) -> None:
    add(sessions, "a")
    add(sessions, "b", updated_at=NOW)

    assert projection.look(NOW, START) == 2
    assert projection.look(NOW + SECOND, START + 1) == 0
    assert projection.look(NOW + SECOND, START + WHOLE_EVERY) == 0


def test_an_edit_a_removal_and_a_new_one_are_followed_at_the_next_look(
    app: Celery, projection: Projection, sessions: Sessions
) -> None:
    edited, removed = add(sessions, "a"), add(sessions, "b")
    projection.look(NOW, START)
    later = to_json(Cron("30 7 * * *", name="a"))
    change(sessions, edited, spec=later, updated_at=NOW)
    change(sessions, removed, removed_at=NOW, updated_at=NOW)
    add(sessions, "c", updated_at=NOW)

    assert projection.look(NOW + SECOND, START + 1) == 3
    assert projection.look(NOW + 2 * SECOND, START + 2) == 0
    first, second = sorted(entries(app))
    assert Entry.from_key(first, app=app).schedule.spec["expression"] == "30 7 * * *"
    assert second.endswith("sales/c")
    assert projection.look(NOW + 3 * SECOND, START + WHOLE_EVERY) == 0, "and nothing else is wrong"


def test_a_change_that_is_committed_late_is_followed(projection: Projection, sessions: Sessions) -> None:
    projection.look(NOW, START)
    projection.look(NOW + SECOND, START + 1)
    add(sessions, "a", updated_at=NOW - OVERLAP / 2)

    assert projection.look(NOW + 2 * SECOND, START + 2) == 1


def test_a_change_made_while_nobody_could_look_is_followed(
    projection: Projection, sessions: Sessions
) -> None:
    projection.look(NOW, START)
    add(sessions, "a", updated_at=NOW + SECOND)

    assert projection.look(NOW + 10 * OVERLAP, START + 1) == 1


@pytest.mark.parametrize("left", [0, 2])
def test_lost_entries_are_noticed_by_their_number(
    app: Celery, projection: Projection, sessions: Sessions, left: int
) -> None:
    for name in ("a", "b", "c"):
        add(sessions, name)
    projection.look(NOW, START)
    if left:
        get_redis(app).zpopmin(ensure_conf(app).schedule_key, 3 - left)
    else:
        get_redis(app).flushall()

    assert projection.look(NOW + SECOND, START + MISSING_EVERY) == 3 - left
    assert len(entries(app)) == 3


def test_a_single_hash_that_redis_evicted_is_written_again_in_the_end(
    app: Celery, projection: Projection, sessions: Sessions
) -> None:
    add(sessions, "a")
    add(sessions, "b")
    projection.look(NOW, START)
    lost, _ = entries(app)
    get_redis(app).delete(lost)

    assert projection.look(NOW + SECOND, START + WHOLE_EVERY) == 1
    assert Entry.from_key(lost, app=app).task == "presstime.fire"


def test_a_row_that_cannot_be_read_keeps_no_other_from_its_alarm(
    app: Celery, projection: Projection, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    add(sessions, "a", spec={"kind": "moon", "name": "a"})
    add(sessions, "b")

    with caplog.at_level(logging.WARNING):
        assert projection.look(NOW, START) == 1

    assert "sales/a gets no alarm" in caplog.text
    assert projection.look(NOW, START + MISSING_EVERY) == 0, "nothing is missing that could be there"

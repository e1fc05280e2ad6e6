"""One prune at a time, each day at its hour, and no harm when it fails. On both databases."""

import logging
import os
import platform
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, sessionmaker

from pipelines.runs.retention.prune import clock
from presstime.database import database_now
from presstime.models import Leader
from presstime.settings import Settings
from scheduler.pruning import (
    LOOK_EVERY,
    NOBODY,
    RENEW_SECONDS,
    ROLE,
    DailyPrune,
    PruneInterrupted,
    PruneUnderWay,
    holding,
    last_hour,
    run_prune,
)
from scheduler.runtime import Runtime
from tests.support.runs.past import Past
from tests.support.waiting import until

Sessions = sessionmaker[Session]


@pytest.fixture
def runtime(database_url: str, tmp_path: Path) -> Iterator[Runtime]:
    opened = Runtime.open(Settings(data_dir=tmp_path, database_url=database_url, keep_runs_count=0))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def past(runtime: Runtime) -> Past:
    """With two runs, of which one is old."""
    made = Past(runtime.sessions, runtime.artifacts)
    made.run(0)
    made.run(400)
    return made


def row(sessions: Sessions) -> Leader:
    with sessions() as session:
        return session.scalars(select(Leader).where(Leader.role == ROLE)).one()


def change(sessions: Sessions, **values: object) -> None:
    with sessions.begin() as session:
        session.execute(update(Leader).where(Leader.role == ROLE).values(**values))


def now_of(sessions: Sessions) -> datetime:
    with sessions() as session:
        return clock(session)


def test_a_second_prune_is_refused_and_says_who_is_at_it(runtime: Runtime, past: Past) -> None:
    with holding(runtime.sessions) as lease:
        with pytest.raises(PruneUnderWay, match=rf"{lease.holder}, since .*Z. Wait for its end"):
            run_prune(runtime)
        assert run_prune(runtime, dry=True).counts["runs"] == 1, "to look is always possible"
        assert len(past.runs()) == 2

    run_prune(runtime)

    assert len(past.runs()) == 1
    assert row(runtime.sessions).holder == NOBODY


def test_of_many_at_once_one_prunes(runtime: Runtime, past: Past) -> None:
    """The one that is at it stays at it until all others were refused."""
    refused: list[PruneUnderWay] = []

    def hold_up(*_: object) -> None:
        until(lambda: len(refused) == 3, "three refusals")

    def at_once() -> int | None:
        try:
            return run_prune(runtime, tell=hold_up).counts["runs"]
        except PruneUnderWay as error:
            refused.append(error)
            return None

    with ThreadPoolExecutor(4) as pool:
        ended = [one.result() for one in [pool.submit(at_once) for _ in range(4)]]

    assert [count for count in ended if count is not None] == [1]
    assert len(past.runs()) == 1


def test_the_place_of_a_process_that_died_is_taken_at_once(runtime: Runtime, past: Past) -> None:
    died = subprocess.Popen(["true"])
    died.wait()
    with holding(runtime.sessions):
        change(runtime.sessions, holder=f"prune-1-{died.pid}@{platform.node()}")

        run_prune(runtime)

    assert len(past.runs()) == 1


def test_one_that_vanished_with_its_machine_is_waited_for(runtime: Runtime, past: Past) -> None:
    with holding(runtime.sessions):
        change(runtime.sessions, holder="prune-1-1@elsewhere", lease_until=database_now(3600))
    with pytest.raises(PruneUnderWay, match="elsewhere"):
        run_prune(runtime)
    ran_out = now_of(runtime.sessions) - timedelta(seconds=1)
    change(runtime.sessions, lease_until=ran_out)

    with holding(runtime.sessions) as lease:
        assert lease.settled == ran_out, "until then it may have set files aside"
        assert row(runtime.sessions).holder == lease.holder


def test_one_that_stood_still_and_lost_its_place_stops(runtime: Runtime, past: Past) -> None:
    with holding(runtime.sessions) as lease:
        lease.heed()
        change(runtime.sessions, holder=f"prune-2-{os.getpid()}@{platform.node()}")
        lease.heed()  # it cannot know yet
        ticking, wall = lease.renewed
        lease.renewed = (ticking, wall - RENEW_SECONDS)  # as after a sleep, in which one clock stands still

        with pytest.raises(PruneInterrupted, match="another one began"):
            lease.heed()

    assert row(runtime.sessions).holder.startswith("prune-2-"), "it gave away only what was its own"


def test_a_lease_is_renewed_while_the_work_goes_on(runtime: Runtime, past: Past) -> None:
    with holding(runtime.sessions) as lease:
        change(runtime.sessions, lease_until=database_now(-60))
        lease.heed()
        assert row(runtime.sessions).lease_until > now_of(runtime.sessions) + timedelta(seconds=60)


def test_a_prune_that_fails_gives_its_place_back(runtime: Runtime, past: Past) -> None:
    stop = threading.Event()
    stop.set()

    with pytest.raises(PruneInterrupted, match="The next one goes on"):
        run_prune(runtime, stop=stop)

    assert row(runtime.sessions).holder == NOBODY
    assert run_prune(runtime).counts["runs"] == 1


@pytest.mark.parametrize(
    ("at", "now", "last"),
    [
        ("03:30", "2026-11-21T03:30", "2026-11-21T03:30"),
        ("03:30", "2026-11-21T03:29", "2026-11-20T03:30"),
        ("00:00", "2027-01-01T00:00", "2027-01-01T00:00"),
        ("23:59", "2027-01-01T12:00", "2026-12-31T23:59"),
    ],
)
def test_the_hour_that_came_last(at: str, now: str, last: str) -> None:
    def instant(written: str) -> datetime:
        return datetime.fromisoformat(written).replace(tzinfo=UTC)

    assert last_hour(at, instant(now)) == instant(last)
    assert last_hour("", instant(now)) is None


def ended(daily: DailyPrune) -> None:
    until(lambda: not any(one.name == "prune" for one in threading.enumerate()), "the end of the prune")
    daily.close()


def hour_after(now: datetime) -> datetime:
    """Just after the hour that the settings name has come for the first time since `now`."""
    hour = last_hour("03:30", now)
    assert hour is not None
    return hour + timedelta(days=1, seconds=1)


def test_it_begins_once_a_day_and_at_an_hour_that_was_missed(runtime: Runtime, past: Past) -> None:
    now = now_of(runtime.sessions)
    daily = DailyPrune(runtime)

    assert not daily.look(now), "a new installation waits for its hour"
    late = hour_after(now) + timedelta(hours=5)
    assert daily.look(late)
    ended(daily)

    assert len(past.runs()) == 1
    assert row(runtime.sessions).since >= now
    another = DailyPrune(runtime)
    assert not another.look(now), "it has been done, by whichever keeper"


def test_without_an_hour_it_never_begins(runtime: Runtime, past: Past) -> None:
    never = runtime.settings.model_copy(update={"prune_at": ""})
    daily = DailyPrune(replace(runtime, settings=never))

    assert not daily.look(now_of(runtime.sessions) + timedelta(days=400))


def test_the_keeper_asks_sql_only_now_and_then(runtime: Runtime) -> None:
    now = now_of(runtime.sessions)
    daily = DailyPrune(runtime)
    assert not daily.look(now)
    with runtime.sessions.begin() as session:
        session.execute(text("DROP TABLE leaders"))

    assert not daily.look(now + LOOK_EVERY / 2), "or it would have failed"


def test_a_daily_prune_beside_one_by_hand_is_put_off_with_a_line(
    runtime: Runtime, past: Past, caplog: pytest.LogCaptureFixture
) -> None:
    now = now_of(runtime.sessions)
    daily = DailyPrune(runtime)
    daily.look(now)
    with holding(runtime.sessions), caplog.at_level(logging.INFO):
        assert daily.look(hour_after(now))
        ended(daily)

    assert "did not come to its end: another prune is under way" in caplog.text
    assert len(past.runs()) == 2


def test_a_daily_prune_that_fails_is_a_line_in_the_log(
    runtime: Runtime, past: Past, caplog: pytest.LogCaptureFixture
) -> None:
    now = now_of(runtime.sessions)
    daily = DailyPrune(runtime)
    daily.look(now)
    with runtime.sessions.begin() as session:
        session.execute(text("ALTER TABLE heartbeats RENAME TO elsewhere"))

    with caplog.at_level(logging.INFO):
        assert daily.look(hour_after(now))
        ended(daily)

    assert "the daily prune did not come to its end" in caplog.text
    assert row(runtime.sessions).holder == NOBODY
    assert len(past.runs()) == 1, "what is done is done"


def test_a_store_that_is_away_is_a_line_in_the_log(
    runtime: Runtime, past: Past, caplog: pytest.LogCaptureFixture
) -> None:
    now = now_of(runtime.sessions)
    away = runtime.settings.model_copy(update={"artifacts_url": "file:///proc/presstime"})
    daily = DailyPrune(replace(runtime, settings=away))
    daily.look(now)

    with caplog.at_level(logging.INFO):
        assert daily.look(hour_after(now))
        ended(daily)

    assert "did not come to its end: artifact store file:///proc/presstime" in caplog.text
    assert len(past.runs()) == 2


def test_a_keeper_that_stops_interrupts_it(
    runtime: Runtime, past: Past, caplog: pytest.LogCaptureFixture
) -> None:
    now = now_of(runtime.sessions)
    daily = DailyPrune(runtime)
    daily.look(now)
    daily.close()

    with caplog.at_level(logging.INFO):
        assert daily.look(hour_after(now))
        ended(daily)

    assert "interrupted: its process stops" in caplog.text
    assert len(past.runs()) == 2

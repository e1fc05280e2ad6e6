"""Beat as a process: it says that it lives, and what is due is fired without it too."""

import signal
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from presstime.migrations import ensure_current
from presstime.models import Heartbeat, Run
from scheduler.heartbeats import PULSE_SECONDS
from scheduler.runtime import Runtime
from tests.support.installations.installation import Installation

LATEST = timedelta(seconds=5)  # after its instant a run exists, although no beat lives
OFTEN = '''
"""Every few seconds."""

from datetime import timedelta
from pipelines import Every, Pipeline

often = Pipeline("often", schedules=[Every(timedelta(seconds=7), name="often", catch_up="all")])


@often.extract
def one() -> int:
    return 1
'''


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    made.write_pipeline("often", OFTEN)
    made.start_valkey()
    yield made
    made.stop_all()


@pytest.fixture
def runtime(installation: Installation) -> Iterator[Runtime]:
    opened = installation.runtime()
    ensure_current(opened.engine, create=True)
    yield opened
    opened.engine.dispose()


def seen(runtime: Runtime) -> datetime | None:
    with runtime.sessions() as session:
        return session.scalar(select(Heartbeat.seen_at).where(Heartbeat.kind == "beat"))


def test_a_beat_says_that_it_lives_as_long_as_it_ticks(installation: Installation, runtime: Runtime) -> None:
    installation.start("beat")
    first: datetime = installation.wait("a heartbeat", lambda: seen(runtime))
    installation.wait("another one", lambda: seen(runtime) != first)

    # It hangs in its next tick, until it gives up its Redis.
    installation.processes["valkey"].send_signal(signal.SIGSTOP)
    time.sleep(PULSE_SECONDS)
    last = seen(runtime)
    time.sleep(2 * PULSE_SECONDS)

    assert seen(runtime) == last
    installation.processes["valkey"].send_signal(signal.SIGCONT)
    installation.wait("a heartbeat again", lambda: seen(runtime) != last)


def test_without_any_beat_the_keeper_fires_what_is_due_within_seconds(
    installation: Installation, runtime: Runtime
) -> None:
    installation.start("keeper")

    run: Run = installation.wait("a run", lambda: newest(runtime))

    assert run.scheduled_for is not None
    assert run.created_at - run.scheduled_for < LATEST


def newest(runtime: Runtime) -> Run | None:
    with runtime.sessions() as session:
        return session.scalars(select(Run).order_by(Run.id.desc()).limit(1)).first()

"""Beat as a process: it says that it lives, and what is due is fired without it too."""

import signal
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

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
def with_broker(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as made:
        made.write_pipeline("often", OFTEN)
        made.make_tables()
        made.start_valkey()
        yield made


def seen(runtime: Runtime) -> datetime | None:
    with runtime.sessions() as session:
        return session.scalar(select(Heartbeat.seen_at).where(Heartbeat.kind == "beat"))


def test_a_beat_says_that_it_lives_as_long_as_it_ticks(with_broker: Installation) -> None:
    with_broker.start("beat")
    first: datetime = with_broker.wait("a heartbeat", lambda: seen(with_broker.runtime))
    with_broker.wait("another one", lambda: seen(with_broker.runtime) != first)

    # It hangs in its next tick, until it gives up its Redis.
    with_broker.processes["valkey"].send_signal(signal.SIGSTOP)
    time.sleep(PULSE_SECONDS)
    last = seen(with_broker.runtime)
    time.sleep(2 * PULSE_SECONDS)

    assert seen(with_broker.runtime) == last
    with_broker.processes["valkey"].send_signal(signal.SIGCONT)
    with_broker.wait("a heartbeat again", lambda: seen(with_broker.runtime) != last)


def test_without_any_beat_the_keeper_fires_what_is_due_within_seconds(with_broker: Installation) -> None:
    with_broker.start("keeper")

    run: Run = with_broker.wait("a run", lambda: newest(with_broker.runtime))

    assert run.scheduled_for is not None
    assert run.created_at - run.scheduled_for < LATEST


def newest(runtime: Runtime) -> Run | None:
    with runtime.sessions() as session:
        return session.scalars(select(Run).order_by(Run.id.desc()).limit(1)).first()

"""A worker is deaf when it has room, messages wait and none comes for a while; not when one of these is missing."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from celery.worker import state

from presstime.settings import Settings
from scheduler.celery_app import create_app
from scheduler.watchdog import Watchdog
from tests.support.servers.valkey import running_valkey
from tests.support.waiting import PATIENCE

DEAF = 0.1  # seconds
A_WHILE = 10 * DEAF  # in which one that thinks itself deaf has ended


class Request:
    """A message that a worker has taken."""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Celery]:
    with running_valkey(tmp_path, persistent=False):
        made = create_app(lambda: Settings(data_dir=tmp_path))
        yield made
        made.close()


@pytest.fixture
def told_to_stop() -> Iterator[threading.Event]:
    """Set once this process is."""
    told = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: told.set())
    yield told
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def watchdog(app: Celery, told_to_stop: threading.Event) -> Iterator[Watchdog]:
    made = Watchdog(app, ["control"], slots=1, seconds=DEAF)
    yield made
    made._on_stop()
    for thread in threading.enumerate():
        if thread.name == "watchdog":
            thread.join(PATIENCE)


def test_who_hears_nothing_of_what_waits_is_told_to_stop(
    app: Celery, watchdog: Watchdog, told_to_stop: threading.Event
) -> None:
    app.send_task("anything", queue="control")

    watchdog._on_ready()

    assert told_to_stop.wait(PATIENCE)


def test_who_hears_nothing_because_nothing_waits_goes_on(
    watchdog: Watchdog, told_to_stop: threading.Event
) -> None:
    watchdog._on_ready()

    assert not told_to_stop.wait(A_WHILE)


def test_who_is_busy_with_all_hands_goes_on(
    app: Celery, watchdog: Watchdog, told_to_stop: threading.Event
) -> None:
    app.send_task("anything", queue="control")
    request = Request()
    state.reserved_requests.add(request)

    watchdog._on_ready()

    assert not told_to_stop.wait(A_WHILE)
    state.reserved_requests.discard(request)

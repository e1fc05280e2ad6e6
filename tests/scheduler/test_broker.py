"""Asking a broker that is away: that is known at once, for nothing else is done meanwhile."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from celery import Celery

from presstime.settings import Settings
from scheduler.broker import BROKER_AWAY, BrokerMemory, waiting_messages
from scheduler.celery_app import create_app
from tests.support.waiting import PATIENCE


class HangsUp:
    """A server that closes each connection at once, and counts them."""

    def __init__(self, path: Path) -> None:
        self.calls = 0
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):  # told to end
            while True:
                connection, _ = self._listener.accept()
                self.calls += 1
                connection.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        self._listener.close()


@pytest.fixture
def hangs_up(tmp_path: Path) -> Iterator[HangsUp]:
    server = HangsUp(tmp_path / "broker.sock")
    yield server
    server.close()


@pytest.fixture
def app(tmp_path: Path, hangs_up: HangsUp) -> Iterator[Celery]:
    url = f"redis+socket://{tmp_path / 'broker.sock'}?virtual_host=0"
    made = create_app(lambda: Settings(data_dir=tmp_path, redis_url=url))
    yield made
    made.close()


@pytest.mark.parametrize(
    "ask",
    [lambda app: BrokerMemory(app).forgot(), lambda app: waiting_messages(app, "control")],
    ids=["whether it forgot", "what waits"],
)
def test_a_broker_that_is_away_is_tried_twice_and_no_more(
    app: Celery, hangs_up: HangsUp, ask: Callable[[Celery], object]
) -> None:
    with pytest.raises(BROKER_AWAY):
        ask(app)

    assert hangs_up.calls == 2

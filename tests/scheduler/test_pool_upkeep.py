"""With Celery's own pool and event loop."""

import os
import signal
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from celery.concurrency.prefork import TaskPool
from kombu.asynchronous import Hub, set_event_loop

from scheduler.pool_upkeep import PoolUpkeep

CELERYS_LOOK = 5.0  # seconds after which Celery looks by itself


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    set_event_loop(hub)
    yield hub
    hub.close()
    set_event_loop(None)


@pytest.fixture
def pool(hub: Hub) -> Iterator[Any]:  # Celery's classes carry no types
    app = Celery("empty", set_as_current=False)
    pool: Any = TaskPool(1, app=app, initargs=(app, "worker"), threads=False, timeout=60, soft_timeout=50)
    pool.start()
    pool.register_with_event_loop(hub)
    yield pool
    pool.terminate()


def test_a_child_whose_death_was_missed_is_replaced_before_celery_looks_again(hub: Hub, pool: Any) -> None:
    worker = SimpleNamespace(pool=pool)
    PoolUpkeep(worker).register_with_event_loop(worker, hub)
    [child] = pool._pool._pool
    pool._pool._untrack_child_process(child, hub)  # the pipe was closed, the process not yet dead

    began = time.monotonic()
    os.kill(child.pid, signal.SIGKILL)
    loop = hub.create_loop()
    while [one.pid for one in pool._pool._pool] == [child.pid]:
        next(loop)
        assert time.monotonic() - began < CELERYS_LOOK - 0.5, "nobody looked"

    [another] = pool._pool._pool
    assert another._is_alive()

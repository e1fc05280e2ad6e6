"""A process that publishes for weeks must not keep something for each task that it ever sent."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from celery.result import AsyncResult

from presstime.settings import Settings
from scheduler.canvas import TaskRef, compile_stage
from scheduler.celery_app import create_app
from tests.support.servers.valkey import running_valkey


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Celery]:
    with running_valkey(tmp_path):
        app = create_app(lambda: Settings(data_dir=tmp_path))
        yield app
        app.close()


def test_a_published_chord_leaves_nothing_behind_in_its_publisher(app: Celery) -> None:
    branches = [[TaskRef(uuid4(), "extract", 60, 65)] for _ in range(10)]

    compile_stage(app, uuid4(), uuid4(), branches).apply_async()

    gc.collect()
    assert [found for found in gc.get_objects() if isinstance(found, AsyncResult)] == []
    backend: Any = app.backend  # Celery's attributes have no types
    assert backend.result_consumer.subscribed_to == set()
    assert backend.client.keys("*") != []  # the chord itself is there: it counts in the result store

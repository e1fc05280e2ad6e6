"""Health: what an orchestrator hears when a part is away, hangs, or is of another version."""

import shutil
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from api.services import Services
from presstime.clock import utc_now
from presstime.settings import Settings
from scheduler.heartbeats import beat
from tests.support.servers.api import calling
from tests.support.servers.valkey import ValkeyServer
from tests.support.waiting import until


@pytest.fixture
def stoppable(settings: Settings, own_valkey: ValkeyServer) -> FastAPI:
    return create_app(
        settings.model_copy(update={"broker_url": own_valkey.broker_url, "redis_url": own_valkey.results_url})
    )


def reasons(answer: httpx.Response) -> dict[str, str]:
    """Why the parts that are not ready are not."""
    parts = answer.json()["parts"]
    assert set(parts) == {"database", "broker", "artifacts"}
    return {name: part["reason"] for name, part in parts.items() if not part["ready"]}


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_needs_no_token(quiet: httpx.Client, path: str) -> None:
    assert quiet.get(path, headers={"Authorization": ""}).status_code == 200


def test_all_is_ready_and_nothing_is_left_in_the_store(client: httpx.Client, services: Services) -> None:
    answer = client.get("/health/ready")

    assert answer.json()["status"] == "ready"
    assert reasons(answer) == {}
    store = Path(unquote(urlsplit(services.runtime.artifacts.url).path))
    assert [path for path in store.rglob("*") if path.is_file()] == []


def test_a_keeper_is_seen(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    assert client.get("/health/ready").json()["heartbeats"] == []
    with sessions.begin() as session:
        beat(session, "keeper-1@here", "keeper", utc_now())

    (shown,) = client.get("/health/ready").json()["heartbeats"]

    assert (shown["kind"], shown["process"]) == ("keeper", "keeper-1@here")


def test_a_broker_that_is_away_makes_it_unready_until_it_is_back(
    stoppable: FastAPI, own_valkey: ValkeyServer
) -> None:
    with calling(stoppable) as client:
        assert client.get("/health/ready").status_code == 200
        own_valkey.stop()
        answer = client.get("/health/ready")

        assert answer.status_code == 503
        assert answer.json()["status"] == "unready"
        assert reasons(answer) == {"broker": "refused, or cannot be reached"}
        assert client.get("/health/live").status_code == 200
        own_valkey.start()
        until(lambda: client.get("/health/ready").status_code == 200, "readiness")


def test_a_broker_that_hangs_hangs_nobody(stoppable: FastAPI, own_valkey: ValkeyServer) -> None:
    with calling(stoppable) as client:
        own_valkey.freeze()
        started = time.monotonic()
        answer = client.get("/health/ready")
        took = time.monotonic() - started
        live = client.get("/health/live")
        own_valkey.stop()

    assert answer.status_code == 503
    assert list(reasons(answer)) == ["broker"]
    assert live.status_code == 200
    assert took < 30  # without a limit it would wait for ever


def test_tables_of_another_version_make_it_unready(
    client: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert reasons(answer) == {"database": "its tables are not of this Presstime"}


def test_a_database_without_tables_makes_it_unready(settings: Settings, tmp_path: Path) -> None:
    empty = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'empty.db'}"})

    with calling(create_app(empty)) as client:
        answer = client.get("/health/ready")

    assert reasons(answer) == {"database": "its tables are of another version; run: presstime migrate"}


def test_a_writer_at_work_does_not_make_it_unready(
    client: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        beat(session, "worker-1@here", "worker", utc_now())

        assert client.get("/health/ready").status_code == 200


def test_a_store_that_takes_nothing_makes_it_unready(client: httpx.Client, services: Services) -> None:
    store = Path(unquote(urlsplit(services.runtime.artifacts.url).path))
    shutil.rmtree(store)
    store.write_text("a file where the folder was")

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert list(reasons(answer)) == ["artifacts"]
    assert str(store) not in answer.text

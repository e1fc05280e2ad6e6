"""A process that stands still within a transaction, on PostgreSQL: it must not hold up everybody else."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from presstime import database
from presstime.database import create_engine, create_sessions
from scheduler.outage import until_answered
from tests.support.servers.postgres import PostgresServer
from tests.support.waiting import until

LOCK = text("SELECT value FROM counter FOR UPDATE")


@pytest.fixture
def engine(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(database, "IDLE_SECONDS", 1)
    engine = create_engine(postgres.create_database())
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counter AS SELECT 0 AS value"))
    yield engine
    engine.dispose()


def test_who_stands_still_loses_its_locks_and_does_its_work_again(engine: Engine) -> None:
    sessions = create_sessions(engine)
    tries: list[float] = []

    def count(session: Session) -> None:
        session.execute(LOCK)
        tries.append(time.monotonic())
        if len(tries) == 1:
            until(others.done, "the others to have had their turn")  # as if stopped, and continued
        session.execute(text("UPDATE counter SET value = value + 1"))

    def take_turn() -> None:
        until(lambda: bool(tries), "the lock to be held")
        with sessions.begin() as session:
            session.execute(LOCK)
            session.execute(text("UPDATE counter SET value = value + 10"))

    with ThreadPoolExecutor(1) as pool:
        others = pool.submit(take_turn)
        until_answered(sessions, count)
        others.result()

    assert len(tries) == 2
    with sessions() as session:
        assert session.scalar(text("SELECT value FROM counter")) == 11

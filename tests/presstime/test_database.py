"""The database: writers that never lose each other's work, and one clock. On both databases."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session, sessionmaker

from presstime.database import (
    BadDatabaseUrl,
    create_engine,
    database_now,
    insert_or_ignore,
    reading,
)
from presstime.models import Leader
from presstime.settings import PROJECT

COUNT = """
import sys
from sqlalchemy import text
from presstime.database import create_engine

engine = create_engine(sys.argv[1])
for _ in range(100):
    with engine.begin() as connection:
        n = connection.execute(text("SELECT n FROM counter" + sys.argv[2])).scalar_one()
        connection.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})
"""


def test_four_processes_that_read_and_write_lose_nothing(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    lock = " FOR UPDATE" if engine.dialect.name == "postgresql" else ""

    processes = [
        subprocess.Popen([sys.executable, "-c", COUNT, empty_database_url, lock], cwd=PROJECT)
        for _ in range(4)
    ]

    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0, 0]
    with engine.connect() as connection:
        assert connection.execute(text("SELECT n FROM counter")).scalar_one() == 400
    engine.dispose()


def test_the_databases_clock_is_aware_and_can_be_moved(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        now, later = session.execute(select(database_now(), database_now(90))).one()

    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=60)
    assert timedelta(seconds=89.9) < later - now < timedelta(seconds=90.1)


def test_an_instant_comes_back_as_it_was_stored(sessions: sessionmaker[Session]) -> None:
    instant = datetime(2026, 3, 8, 6, 59, 59, 123456, tzinfo=UTC)
    with sessions.begin() as session:
        session.add(Leader(role="r", holder="h", lease_until=instant, since=instant))

    with sessions() as session:
        assert session.get_one(Leader, "r").since == instant
        assert session.scalar(select(Leader.role).where(Leader.since < database_now())) == "r"


def test_a_naive_time_is_refused(sessions: sessionmaker[Session]) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 # the very mistake
    with sessions() as session:
        session.add(Leader(role="r", holder="h", lease_until=naive, since=naive))
        with pytest.raises(Exception, match="time zone"):
            session.flush()


def test_an_insert_leaves_a_row_alone_that_is_there(sessions: sessionmaker[Session]) -> None:
    for holder in ("first", "second"):
        with sessions.begin() as session:
            session.execute(
                insert_or_ignore(session, Leader).values(
                    role="r", holder=holder, lease_until=database_now(), since=database_now()
                )
            )

    with sessions() as session:
        assert session.get_one(Leader, "r").holder == "first"


def test_a_reader_waits_for_no_writer(engine: Engine, sessions: sessionmaker[Session]) -> None:
    with engine.begin() as writer:
        writer.execute(text("DELETE FROM leaders"))
        with reading(sessions) as session:
            assert session.scalars(select(Leader)).all() == []


@pytest.mark.parametrize("url", ["mysql://root:secret@host/db", "nonsense", "postgresql://u:secret@h/d"])
def test_a_database_that_cannot_be_used_names_the_setting_and_no_password(url: str) -> None:
    with pytest.raises(BadDatabaseUrl, match="PRESSTIME_DATABASE_URL") as caught:
        create_engine(url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_what_is_promised_at_commit_survives_a_power_cut_on_sqlite_too(
    tmp_path: Path, durable: bool, level: int
) -> None:
    """2 is FULL: each commit is on the disk. 1 is NORMAL: the last ones may be lost, and nothing is torn."""
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}", durable=durable)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == level
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    engine.dispose()

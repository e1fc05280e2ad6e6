"""Fixtures that every suite shares: databases of both kinds, and no setting from outside."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from presstime.artifacts import Artifacts
from presstime.database import create_engine, create_sessions
from presstime.migrations import ensure_current
from tests.postgres import PostgresServer
from tests.rabbitmq import RabbitServer, find_server

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("PRESSTIME_") and name != "PRESSTIME_REAL_DATA":
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitServer]:
    binary = find_server()
    if binary is None:
        pytest.skip(
            "RabbitMQ is not installed; on Debian: apt-get install --no-install-recommends rabbitmq-server"
        )
    server = RabbitServer(binary)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'presstime.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.create_database()


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    made = create_engine(empty_database_url)
    ensure_current(made, create=True)
    yield made
    made.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return create_sessions(engine)


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts((tmp_path / "artifacts").as_uri())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On the build machine everything is installed, so that a skip there hides something."""
    report = yield
    if os.environ.get("CI") and report.skipped and "real_data" not in item.keywords:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which the build does not allow: {report.longrepr}"
    return report

"""Fixtures that every suite shares: databases and stores of both kinds, and no setting from outside."""

import gc
import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path

import httpx
import hypothesis
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from presstime.artifacts import Artifacts
from presstime.database import create_engine, create_sessions
from tests.support.servers.databases import DATABASES, sqlite_with_tables
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.rabbitmq import RabbitServer, find_server

BUCKET = "presstime-test"

# No test depends on the machine's speed. On the build machine none depends on chance either: whether a change lands
# is decided by the change, and examples that nobody has met yet are looked for by contributors.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("suite")


def pytest_configure() -> None:
    """Nothing that is imported and collected becomes garbage: to look for it takes a fifth of the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("PRESSTIME_") and name != "PRESSTIME_REAL_DATA":
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
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


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of a database with all its tables. Whoever changes those takes an empty one."""
    if request.param == "sqlite":
        yield sqlite_with_tables(tmp_path / "presstime.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database_with_tables() as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return create_sessions(engine)


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts((tmp_path / "artifacts").as_uri())


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a real S3 server on loopback, with one bucket."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        httpx.put(f"{endpoint}/{BUCKET}", timeout=60).raise_for_status()
        yield endpoint
    finally:
        server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Artifacts:
    if request.param == "folder":
        return Artifacts((tmp_path / "a folder").as_uri())
    monkeypatch.setenv("AWS_ENDPOINT", request.getfixturevalue("s3"))
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    return Artifacts(f"s3://{BUCKET}/{tmp_path.name}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out PostgreSQL together with S3: each is met with the other's plainer kind, and neither knows it."""
    both = [item for item in items if {"postgresql", "s3"} <= set(re.split(r"[\[\]-]", item.name))]
    if both:
        config.hook.pytest_deselected(items=both)
        items[:] = [item for item in items if item not in both]


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

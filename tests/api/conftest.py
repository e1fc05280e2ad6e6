"""An application with a database, an artifact store, a broker, and pipelines, one of them broken."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from api.services import Services
from presstime.settings import Settings
from tests.support.servers.api import ValkeyServer, over_http
from tests.support.servers.databases import sqlite_with_tables

TOKEN = "open-sesame"  # not a secret: it opens what a test has just made
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}

SALES = '''"""Sales of every region.

Made for the tests of the API.
"""

from typing import Literal

from pipelines import Cron, Interval, Params, Pipeline


class Filters(Params):
    origin: Literal["EWR", "JFK"] | None = None
    at_least: int = 0


sales = Pipeline(
    "daily-sales",
    owner="desk",
    params=Filters,
    period="month",
    timezone="America/New_York",
    schedules=[Cron("0 6 1 * *", name="monthly")],
)
plain = Pipeline("no-period", title="Without a period")


@sales.extract
def regions(interval: Interval) -> list[str]:
    return ["north", "south"]


@sales.extract(over=regions)
def totals(region: str) -> list[int]:
    return [len(region)]


@plain.extract
def numbers() -> list[int]:
    return [1, 2, 3]
'''
BROKEN = """from pipelines import Pipeline

broken = Pipeline("half-done")


@broken.extract
def rows(nothing_like_it: int) -> list[int]:
    return []
"""


@pytest.fixture(scope="session")
def shared_valkey() -> Iterator[ValkeyServer]:
    server = ValkeyServer()
    yield server
    server.remove()


@pytest.fixture
def own_valkey() -> Iterator[ValkeyServer]:
    """One that the test may stop."""
    server = ValkeyServer()
    yield server
    server.remove()


def write_pipelines(path: Path) -> Path:
    """The folder of an author."""
    path.mkdir()
    (path / "sales.py").write_text(SALES)
    (path / "half_done.py").write_text(BROKEN)
    return path


def install(folder: Path, pipelines: Path, valkey: ValkeyServer) -> Settings:
    """Settings for what lies below `folder`, with a database that has its tables."""
    made = Settings(
        _env_file=None,
        data_dir=folder / "data",
        pipelines=(pipelines,),
        token=SecretStr(TOKEN),
        broker_url=valkey.broker_url,
        redis_url=valkey.results_url,
    )
    assert sqlite_with_tables(made.data_dir / "presstime.db") == made.effective_database_url
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pipelines(tmp_path / "pipelines")


@pytest.fixture
def settings(tmp_path: Path, folder: Path, shared_valkey: ValkeyServer) -> Settings:
    return install(tmp_path, folder, shared_valkey)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    """Over real HTTP, with the token."""
    with calling(app) as made:
        yield made


@contextmanager
def calling(app: FastAPI) -> Iterator[httpx.Client]:
    with (
        over_http(app) as url,
        httpx.Client(base_url=url, headers=AUTHORIZED, timeout=60, verify=False) as client,
    ):
        yield client


@pytest.fixture(scope="session")
def quiet_app(tmp_path_factory: pytest.TempPathFactory, shared_valkey: ValkeyServer) -> FastAPI:
    """Shared by all that is refused and all that only looks: it never has a row."""
    folder = tmp_path_factory.mktemp("quiet")
    return create_app(install(folder, write_pipelines(folder / "pipelines"), shared_valkey))


@pytest.fixture(scope="session")
def quiet(quiet_app: FastAPI) -> Iterator[httpx.Client]:
    with calling(quiet_app) as made:
        yield made


@pytest.fixture
def services(app: FastAPI, client: httpx.Client) -> Services:
    """What the routes themselves work with."""
    return services_in(app)


def services_in(app: FastAPI) -> Services:
    opened: Services = app.state.services
    return opened


@pytest.fixture
def sessions(services: Services) -> sessionmaker[Session]:
    return services.runtime.sessions

"""An application with a database, an artifact store, a broker, and pipelines, one of them broken."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from api.services import Services
from presstime.settings import Settings
from tests.support.servers.api import calling, install, services_in, write_pipelines
from tests.support.servers.valkey import ValkeyServer


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


@pytest.fixture
def sessions(services: Services) -> sessionmaker[Session]:
    return services.runtime.sessions

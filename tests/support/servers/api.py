"""The API to test: its pipelines, its settings, a real HTTP server, a client, and the ways to look inside."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from api.services import Services
from presstime.settings import Settings
from tests.support.servers.databases import sqlite_with_tables
from tests.support.servers.valkey import ValkeyServer
from tests.support.waiting import PATIENCE, until

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
SCHEDULES = "/api/v1/schedules"
MONTHLY = f"{SCHEDULES}/daily-sales/monthly"


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


@contextmanager
def over_http(app: FastAPI) -> Iterator[str]:
    """Serve on a free port of loopback; the address."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started or not thread.is_alive(), "the HTTP server")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=PATIENCE)


@contextmanager
def calling(app: FastAPI) -> Iterator[httpx.Client]:
    with (
        over_http(app) as url,
        httpx.Client(base_url=url, headers=AUTHORIZED, timeout=60, verify=False) as client,
    ):
        yield client


def services_in(app: FastAPI) -> Services:
    opened: Services = app.state.services
    return opened


def answer(response: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert response.status_code == status, response.text
    found: dict[str, Any] = response.json()
    return found

"""Every error is a problem, whoever raised it."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from api.errors import STATUSES, error_response
from api.services import Services
from presstime.errors import PresstimeError
from presstime.settings import Settings
from tests.support.runs.rows import make_runs
from tests.support.servers.api import AUTHORIZED, calling, over_http


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/", 404),
        ("GET", "/api/v1/runs/", 404),
        ("DELETE", "/api/v1/runs", 405),
        ("GET", "/api/v1/pipelines/daily-sales/runs", 405),
    ],
)
def test_what_the_router_refuses_is_a_problem_too(
    quiet: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = quiet.request(method, path)

    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "about:blank"
    assert answer.json()["instance"] == path
    if status == 405:
        assert answer.headers["Allow"]


EXPECTED: dict[int, str] = {  # by status: the types of problems that clients know
    400: "host-refused",
    401: "unauthorized",
    404: """unknown-backfill unknown-file unknown-pipeline unknown-report unknown-run unknown-task
        unknown-schedule unknown-sheet""",
    409: """backfill-over illegal-move declared-in-code not-overridden not-paused not-possible pipeline-broken
        schedule-exists""",
    410: "artifact-missing",
    413: "body-too-large",
    415: "not-json",
    416: "range-not-satisfiable",
    422: """bad-cursor bad-interval bad-pause bad-schedule bad-stretch key-reused no-preview
        params-refused""",
    503: "artifacts-unavailable",
}
KINDS = {re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower(): kind for kind in STATUSES}


def test_every_type_of_problem_is_known() -> None:
    assert sorted(KINDS) == sorted(name for names in EXPECTED.values() for name in names.split())


@pytest.mark.parametrize(
    ("name", "status"), [(name, status) for status, names in EXPECTED.items() for name in names.split()]
)
def test_a_type_of_problem_has_its_status_and_so_have_its_subclasses(name: str, status: int) -> None:
    kind = KINDS[name]

    class Special(kind):  # type: ignore[misc, valid-type] # the class is a parameter
        def __init__(self) -> None:
            PresstimeError.__init__(self, "words for a person")
            self.__dict__ |= {"challenge": "Bearer", "size": 1, "faults": {}}

    answer = error_response(Special(), "/here")

    assert answer.status_code == status
    assert b"words for a person" in bytes(answer.body)
    assert b"urn:presstime:problem:special" in bytes(answer.body)


def test_an_error_that_nobody_foresaw_here_shows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Unforeseen(PresstimeError):
        pass

    answer = error_response(Unforeseen("the key lies under the mat"), "/here")

    assert answer.status_code == 500
    assert b"mat" not in bytes(answer.body)
    assert "the key lies under the mat" in caplog.text


@pytest.mark.parametrize("path", ["/api/v1/runs", "/api/v1/pipelines"])
def test_a_database_that_is_away_is_said_to_be_away(settings: Settings, path: str) -> None:
    away = settings.model_copy(update={"database_url": "postgresql+psycopg://nobody@127.0.0.1:1/nothing"})

    with calling(create_app(away)) as client:
        answer = client.get(path)
        ready = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:presstime:problem:database-unavailable"
    assert answer.headers["Retry-After"]
    assert "127.0.0.1" not in answer.text
    assert ready.json()["parts"]["database"]["ready"] is False


def test_a_run_is_not_accepted_while_the_database_is_away(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("no database at all" * 1000)

    with calling(create_app(settings.model_copy(update={"database_url": f"sqlite:///{path}"}))) as client:
        assert client.post("/api/v1/pipelines/daily-sales/runs").status_code == 503


def test_many_readers_at_once_do_not_wait_for_each_other(app: FastAPI) -> None:
    """Far more requests than threads, and than connections: none may hold one and wait for the other."""
    together = threading.Barrier(100)

    def read(path: str) -> int:
        together.wait()
        return httpx.get(url + path, headers=AUTHORIZED, timeout=60, verify=False).status_code

    with over_http(app) as url, ThreadPoolExecutor(100) as pool:
        services: Services = app.state.services
        (run_id,) = make_runs(services, "daily-sales", 1)
        answers = list(pool.map(read, ["/api/v1/runs", f"/api/v1/runs/{run_id}"] * 50))

    assert answers == [200] * 100


def test_readers_do_not_wait_for_a_writer(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.connection()

        assert client.get("/api/v1/runs", timeout=10).status_code == 200

"""The runs that a file came from, over HTTP. On both databases."""

from collections.abc import Iterator
from uuid import UUID

import httpx
import jsonschema  # type: ignore[import-untyped] # it ships no types
import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from api.services import Services
from presstime.settings import Settings
from tests.support.runs.files import SHA256, fetched, made, run_with_task
from tests.support.servers.api import calling, services_in

PATH = f"/api/v1/files/{SHA256}/runs"


@pytest.fixture
def app(settings: Settings, database_url: str) -> FastAPI:
    return create_app(settings.model_copy(update={"database_url": database_url}))


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with calling(app) as made_:
        yield made_


@pytest.fixture
def sessions(app: FastAPI, client: httpx.Client) -> sessionmaker[Session]:
    services: Services = services_in(app)
    return services.runtime.sessions


def test_a_files_sha256_finds_its_runs(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    run, task = run_with_task(sessions)
    report = made(sessions, task)
    later, task = run_with_task(sessions)
    made(sessions, task, body=b"later figures")
    fetched(sessions, task, "http://a")

    document = client.get("/api/v1/openapi.json").json()
    page = client.get(PATH).json()
    newest, oldest = page["items"]

    assert [newest["run"]["id"], oldest["run"]["id"], page["next"]] == [str(later), str(run), None]
    assert (newest["reports"], newest["reports_total"], newest["fetches_total"]) == ([], 0, 1)
    (fetch,) = newest["fetches"]
    assert (fetch["url"], fetch["step"], fetch["item"], fetch["status"]) == ("http://a", "pages", None, 200)
    (told,) = oldest["reports"]
    assert (told["id"], told["run_id"], told["sha256"]) == (str(report.id), str(run), SHA256)
    assert (told["version"], told["newest_version"], told["superseded"]) == (1, 2, True)
    assert client.get(f"/api/v1/files/{SHA256.upper()}/runs").json() == page
    operation = document["paths"]["/api/v1/files/{sha256}/runs"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(page)


def test_pages_go_on_behind_their_cursor(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    runs: list[UUID] = []
    for _ in range(5):
        run, task = run_with_task(sessions)
        made(sessions, task)
        runs.append(run)

    seen, cursor = [], None
    for size in (2, 2, 1):
        page = client.get(PATH, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        assert len(page["items"]) == size
        seen += [item["run"]["id"] for item in page["items"]]
        cursor = page["next"]

    assert cursor is None
    assert seen == [str(run) for run in reversed(runs)]


def test_a_file_of_nobody_here_is_not_found(client: httpx.Client) -> None:
    answer = client.get(PATH)

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:presstime:problem:unknown-file"
    assert SHA256 in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/files/abc/runs",
        f"/api/v1/files/{'g' * 64}/runs",
        f"{PATH}?limit=0",
        f"{PATH}?limit=201",
        f"{PATH}?cursor=x",
        f"{PATH}?page=2",
    ],
)
def test_what_cannot_be_asked_is_refused(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 422

"""The whole way on PostgreSQL: started twice at once, listed, shown, downloaded."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from presstime.models import TaskState
from presstime.settings import Settings
from tests.support.races import keeper_between
from tests.support.runs.rows import make_report, make_tasks
from tests.support.servers.api import calling, services_in
from tests.support.servers.postgres import PostgresServer


@pytest.fixture
def app(settings: Settings, postgres: PostgresServer) -> Iterator[FastAPI]:
    with postgres.database_with_tables() as url:
        yield create_app(settings.model_copy(update={"database_url": url}))


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with calling(app) as made:
        yield made


def test_what_holds_on_sqlite_holds_on_postgresql(app: FastAPI, client: httpx.Client) -> None:
    def post(number: int) -> httpx.Response:
        return client.post(
            "/api/v1/pipelines/daily-sales/runs",
            json={"interval": "2013-01", "params": {"at_least": number // 12}},
            headers={"Idempotency-Key": f"key {number // 12}"},
        )

    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(post, range(24)))
    services = services_in(app)
    page = client.get(
        "/api/v1/runs", params={"limit": 1, "state": ["queued", "running"], "trigger": "api"}
    ).json()
    rest = client.get("/api/v1/runs", params={"limit": 1, "cursor": page["next"]}).json()
    run_id = UUID(page["items"][0]["id"])
    make_tasks(services.runtime.sessions, run_id, "totals", [TaskState.SUCCEEDED, TaskState.FAILED])
    report = make_report(services, run_id, "Sales.xlsx", b"cells", "application/zip")
    run = client.get(f"/api/v1/runs/{run_id}").json()

    assert {answer.status_code for answer in answers} == {202}
    listed = {page["items"][0]["id"], rest["items"][0]["id"]}
    assert {answer.json()["id"] for answer in answers} == listed
    assert len(listed) == 2
    assert rest["next"] is None
    assert [task["rows"] for task in run["tasks"]] == [None, 0, None]
    assert client.get(f"/api/v1/runs/{run_id}/events").json()[0]["number"] == 1
    assert client.get(run["reports"][0]["download"], headers={"Range": "bytes=1-2"}).content == b"el"
    assert run["reports"][0]["id"] == str(report.id)
    assert client.get("/health/ready").json()["status"] == "ready"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("pipelines/no-period/runs", {}),
        (
            "schedules",
            {"pipeline": "no-period", "name": "daily", "kind": "cron", "expression": "0 6 * * *"},
        ),
        ("backfills", {"pipeline": "daily-sales", "first": "2013-01", "last": "2013-01"}),
    ],
)
def test_a_request_survives_that_the_keeper_writes_the_pipeline_at_this_moment(
    app: FastAPI, client: httpx.Client, path: str, body: dict[str, object]
) -> None:
    runtime = services_in(app).runtime

    with keeper_between(runtime.sessions, runtime.registry) as between:
        answer = between.call(lambda: client.post(f"/api/v1/{path}", json=body))

    assert answer.status_code in {201, 202}, answer.text

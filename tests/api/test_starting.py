"""Starting a run: what is stored, what is refused, and what is sent."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from presstime.models import Base, Event, IdempotencyKey, OutboxMessage, Run, RunState, Task, Trigger
from presstime.settings import Settings
from tests.support.servers.api import AUTHORIZED, SALES, calling, over_http, services_in
from tests.support.servers.valkey import ValkeyServer
from tests.support.waiting import until

RUNS = "/api/v1/pipelines/daily-sales/runs"
JSON = {"Content-Type": "application/json"}
MADE_BY_A_RUN = (Run, Task, Event, OutboxMessage, IdempotencyKey)


def rows(sessions: sessionmaker[Session], table: type[Base]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_run_is_queued_and_found_where_the_answer_says(client: httpx.Client) -> None:
    answer = client.post(RUNS, json={"params": {"origin": "JFK"}, "interval": "2013-01"})

    run = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/v1/runs/{run['id']}"
    assert (run["state"], run["trigger"], run["actor"]) == ("queued", "api", "api token")
    assert run["interval"] == {
        "label": "2013-01",
        "start": "2013-01-01T05:00:00Z",
        "end": "2013-02-01T05:00:00Z",
    }
    stored = client.get(answer.headers["Location"]).json()
    assert stored["params"] == {"origin": "JFK", "at_least": 0}
    assert {**stored, **run} == stored


def test_a_run_needs_no_body(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    answer = client.post(RUNS)

    assert answer.status_code == 202
    with sessions() as session:
        run = session.get_one(Run, UUID(answer.json()["id"]))
    assert (run.state, run.trigger) == (RunState.QUEUED, Trigger.API)
    assert run.interval_end is not None
    assert run.interval_end <= run.as_of


def test_a_pipeline_without_a_period_runs_without_an_interval(client: httpx.Client) -> None:
    answer = client.post("/api/v1/pipelines/no-period/runs", json={})

    assert answer.status_code == 202
    assert answer.json()["interval"] is None


def test_a_pipeline_written_a_moment_ago_can_be_run(client: httpx.Client, folder: Path) -> None:
    (folder / "fresh.py").write_text(
        SALES.replace("daily-sales", "fresh-sales").replace("no-period", "fresh")
    )

    assert client.post("/api/v1/pipelines/fresh-sales/runs").status_code == 202


REFUSED: Mapping[str, tuple[str, bytes, int, str]] = {
    "broken JSON": ("daily-sales", b'{"params": ', 400, "malformed-body"),
    "bytes that are no text": ("daily-sales", b'{"params": "\xff"}', 400, ""),
    "endless nesting": ("daily-sales", b"[" * 100_000, 400, ""),
    "a list": ("daily-sales", b"[]", 422, "invalid-request"),
    "an unknown member": ("daily-sales", b'{"parameters": {}}', 422, "invalid-request"),
    "params that are a list": ("daily-sales", b'{"params": []}', 422, "invalid-request"),
    "a number that is none": ("daily-sales", b'{"params": {"at_least": NaN}}', 422, "invalid-request"),
    "half a character": ("daily-sales", b'{"params": {"origin": "\\ud800"}}', 422, "invalid-request"),
    "an interval that is a number": ("daily-sales", b'{"interval": 2013}', 422, "invalid-request"),
    "an unknown parameter": ("daily-sales", b'{"params": {"orign": "JFK"}}', 422, "params-refused"),
    "a wrong value": ("daily-sales", b'{"params": {"origin": "LHR"}}', 422, "params-refused"),
    "a month that is none": ("daily-sales", b'{"interval": "2013-13"}', 422, "bad-interval"),
    "an empty interval": ("daily-sales", b'{"interval": "2013-01/2013-01"}', 422, "bad-interval"),
    "words": ("daily-sales", b'{"interval": "last month"}', 422, "bad-interval"),
    "an interval where none is": ("no-period", b'{"interval": "2013"}', 422, "bad-interval"),
    "an unknown pipeline": ("weekly-sales", b"{}", 404, "unknown-pipeline"),
    "a broken pipeline": ("half-done", b"{}", 409, "pipeline-broken"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_leaves_no_row_behind(quiet: httpx.Client, quiet_app: FastAPI, case: str) -> None:
    pipeline, body, status, kind = REFUSED[case]

    answer = quiet.post(
        f"/api/v1/pipelines/{pipeline}/runs", content=body, headers=JSON | {"Idempotency-Key": "once"}
    )

    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["type"] == (f"urn:presstime:problem:{kind}" if kind else "about:blank")
    sessions = services_in(quiet_app).runtime.sessions
    assert [rows(sessions, table) for table in MADE_BY_A_RUN] == [0] * len(MADE_BY_A_RUN)


def test_every_wrong_part_of_a_request_is_named(quiet: httpx.Client) -> None:
    problem = quiet.post(RUNS, json={"params": {"origin": "LHR", "at_least": "many"}}).json()

    assert {fault["name"] for fault in problem["errors"]} == {"params.origin", "params.at_least"}
    assert {fault["location"] for fault in problem["errors"]} == {"body"}
    assert "LHR" in problem["detail"]


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_does_not_say_it_is_json_is_refused(quiet: httpx.Client, kind: str | None) -> None:
    answer = quiet.post(RUNS, content=b"{}", headers={"Content-Type": kind} if kind else {})

    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\there"])
def test_a_key_that_cannot_be_kept_is_refused(quiet: httpx.Client, quiet_app: FastAPI, key: str) -> None:
    answer = quiet.post(RUNS, headers={"Idempotency-Key": key})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["location"] == "header"
    assert rows(services_in(quiet_app).runtime.sessions, Run) == 0


def test_the_same_key_with_the_same_request_is_the_same_run(client: httpx.Client) -> None:
    headers = {"Idempotency-Key": "monday"}
    first = client.post(RUNS, content=b'{"interval": "2013-01", "params": {}}', headers=JSON | headers)
    again = client.post(RUNS, content=b'{ "interval":"2013-01" }', headers=JSON | headers)

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]


OTHER: list[tuple[str, Any]] = [
    (RUNS, {"interval": "2013-02"}),
    (RUNS, {"interval": "2013-01", "params": {"origin": "JFK"}}),
    ("/api/v1/pipelines/no-period/runs", {}),
]


@pytest.mark.parametrize(("path", "body"), OTHER)
def test_the_same_key_with_another_request_is_refused(
    client: httpx.Client, sessions: sessionmaker[Session], path: str, body: Any
) -> None:
    client.post(RUNS, json={"interval": "2013-01"}, headers={"Idempotency-Key": "monday"})

    answer = client.post(path, json=body, headers={"Idempotency-Key": "monday"})

    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:presstime:problem:key-reused"
    assert rows(sessions, Run) == 1


def test_a_key_answers_though_its_pipeline_has_gone(client: httpx.Client, folder: Path) -> None:
    first = client.post(RUNS, headers={"Idempotency-Key": "monday"})
    (folder / "sales.py").unlink()

    again = client.post(RUNS, headers={"Idempotency-Key": "monday"})

    assert (again.status_code, again.json()) == (202, first.json())
    assert client.post(RUNS).status_code == 404


def test_fifty_posts_with_one_key_at_once_make_one_run(app: FastAPI) -> None:
    ready = threading.Barrier(50)

    def post(number: int) -> httpx.Response:
        ready.wait()
        return httpx.post(
            url + RUNS, headers=AUTHORIZED | {"Idempotency-Key": "monday"}, timeout=60, verify=False
        )

    with over_http(app) as url, ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(post, range(50)))
        listed = httpx.get(url + "/api/v1/runs", headers=AUTHORIZED).json()["items"]

    assert {answer.status_code for answer in answers} == {202}
    assert {answer.json()["id"] for answer in answers} == {run["id"] for run in listed}
    assert len(listed) == 1


def test_a_run_is_sent_to_the_broker_after_its_commit(settings: Settings, own_valkey: ValkeyServer) -> None:
    app = _app_with(settings, own_valkey)
    with calling(app) as client:
        client.post(RUNS)
        sessions = services_in(app).runtime.sessions
        until(lambda: rows(sessions, OutboxMessage) == 0, "the outbox to be empty")

    assert own_valkey.queued("extract.express") == 1


@pytest.mark.parametrize("end", ["stop", "freeze"])
def test_without_a_broker_a_run_is_accepted_all_the_same(
    settings: Settings, own_valkey: ValkeyServer, end: str
) -> None:
    app = _app_with(settings, own_valkey)
    with calling(app) as client:
        getattr(own_valkey, end)()
        started = time.monotonic()
        answers = [client.post(RUNS) for _ in range(5)]
        took = time.monotonic() - started
        sessions = services_in(app).runtime.sessions
        waiting = rows(sessions, OutboxMessage)
        own_valkey.stop()

    assert [answer.status_code for answer in answers] == [202] * 5
    assert waiting == 5
    assert took < 15  # one wait for this broker alone takes longer


def _app_with(settings: Settings, valkey: ValkeyServer) -> FastAPI:
    return create_app(
        settings.model_copy(update={"broker_url": valkey.broker_url, "redis_url": valkey.results_url})
    )

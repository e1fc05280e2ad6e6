"""The JSON of commands: each field of the API, with the same value."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from presstime.models import TaskState
from presstime.settings import load_settings
from tests.support.commands import Command
from tests.support.runs.rows import make_report, make_tasks
from tests.support.servers.api import over_http

TOKEN = "a token for whoever compares"
SCHEDULE = ("one", "daily", "--cron", "0 6 * * *", "--zone", "Europe/Berlin", "--param", "seconds=2")


@pytest.fixture
def app(command: Command, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """The API over what the commands write; a schedule is there."""
    monkeypatch.setenv("PRESSTIME_TOKEN", TOKEN)
    command("schedule", "create", *SCHEDULE)
    return create_app(load_settings())


@pytest.fixture
def api(app: FastAPI) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with over_http(app) as url, httpx.Client(base_url=f"{url}/api/v1", headers=headers) as client:
        yield client


def printed(command: Command, *words: str) -> Any:
    ended = command(*words, "--json")
    assert ended.code == 0, ended.stderr
    return json.loads(ended.stdout)


def common(document: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """What of a document has the names that the API gives."""
    return {name: document.get(name, "missing") for name in answer}


def test_a_listed_run_has_the_fields_of_the_api(command: Command, api: httpx.Client) -> None:
    fired = printed(command, "schedule", "fire", "daily")
    (listed,) = printed(command, "runs")
    (answer,) = api.get("/runs").json()["items"]

    assert common(listed, answer) == answer
    assert common(fired, answer) == answer
    assert answer["interval"]["label"] == listed["interval_label"]
    assert listed["run_id"] == fired["run_id"] == answer["id"]
    assert (listed["params"], listed["rerun_of"]) == ({"seconds": 2.0}, None)


def test_a_run_that_is_changed_has_the_fields_of_the_api(command: Command, api: httpx.Client) -> None:
    run = printed(command, "schedule", "fire", "daily")["id"]
    cancelled = printed(command, "cancel", run)
    answer = api.get("/runs").json()["items"][0]
    retried = printed(command, "retry", run)
    again = api.get("/runs").json()["items"][0]
    rerun = printed(command, "rerun", run)
    newest = api.get("/runs").json()["items"][0]

    assert common(cancelled, answer) == answer
    assert common(retried, again) == again
    assert common(rerun, newest) == newest
    assert (answer["state"], again["generation"], rerun["rerun_of"]) == ("cancelled", 2, run)


def test_a_run_that_is_shown_has_the_fields_of_the_api(
    command: Command, app: FastAPI, api: httpx.Client
) -> None:
    run = printed(command, "schedule", "fire", "daily")["id"]
    services = app.state.services
    make_tasks(services.runtime.sessions, UUID(run), "number", [TaskState.SUCCEEDED, TaskState.FAILED])
    make_report(services, UUID(run), "One.xlsx", b"cells", "application/zip")

    shown = printed(command, "show", run)
    answer = api.get(f"/runs/{run}").json()
    reports = answer.pop("reports")

    assert common(shown, answer) == answer
    assert [common(report, given) for report, given in zip(shown["reports"], reports, strict=True)] == reports
    assert len(answer["tasks"]) == answer["tasks_total"] == 4
    assert reports[0]["filename"] == "One.xlsx"


def test_a_schedule_has_the_fields_of_the_api(command: Command, api: httpx.Client) -> None:
    printed(command, "schedule", "pause", "daily", "--until", "2100-01-01", "--reason", "a move")
    (listed,) = printed(command, "schedule", "list", "--pipeline", "one")
    answer = api.get("/schedules/one/daily").json()

    assert common(listed, answer) == answer
    assert printed(command, "schedule", "show", "daily") == listed
    assert (listed["schedule"], listed["next"]) == ("one/daily", answer["next_run"])
    assert answer["paused"]["why"] == "a move"
    resumed = printed(command, "schedule", "resume", "daily")
    answer = api.get("/schedules/one/daily").json()
    assert common(resumed, answer) == answer

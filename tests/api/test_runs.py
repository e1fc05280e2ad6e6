"""Runs as clients see them: pages, filters, details, events."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from api.cursors import write_cursor
from api.routes.runs import EVENTS_SHOWN, TASKS_SHOWN
from api.services import Services
from pipelines.runs.events import lock_run, record
from pipelines.runs.states import move_run
from presstime.ids import first_id
from presstime.models import Event, OutboxMessage, Run, RunState, Stage, Task, TaskState, Trigger
from tests.support.runs.rows import make_report, make_runs, make_tasks


def ids(answer: httpx.Response) -> list[UUID]:
    return [UUID(run["id"]) for run in answer.json()["items"]]


def test_pages_hold_every_run_once_newest_first(client: httpx.Client, services: Services) -> None:
    made = make_runs(services, "daily-sales", 7)

    found, cursor, pages = list[UUID](), None, 0
    while pages == 0 or cursor:
        page = client.get("/api/v1/runs", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))
        found += ids(page)
        cursor, pages = page.json()["next"], pages + 1

    assert found == made[::-1]
    assert pages == 3


def test_a_page_that_is_just_full_is_the_last(client: httpx.Client, services: Services) -> None:
    make_runs(services, "daily-sales", 3)

    assert client.get("/api/v1/runs", params={"limit": 3}).json()["next"] is None


def test_runs_made_while_somebody_reads_do_not_shift_the_pages(
    client: httpx.Client, services: Services
) -> None:
    made = make_runs(services, "daily-sales", 4)
    first = client.get("/api/v1/runs", params={"limit": 2})
    make_runs(services, "daily-sales", 3)

    second = client.get("/api/v1/runs", params={"limit": 2, "cursor": first.json()["next"]})

    assert ids(first) + ids(second) == made[::-1]


def test_runs_are_found_by_pipeline_state_and_trigger(
    client: httpx.Client, services: Services, sessions: sessionmaker[Session]
) -> None:
    (plain,) = make_runs(services, "no-period", 1, Trigger.BACKFILL)
    queued, running, cancelled = make_runs(services, "daily-sales", 3)
    with sessions.begin() as session:
        move_run(session, lock_run(session, running), RunState.RUNNING)
        move_run(session, lock_run(session, cancelled), RunState.CANCELLED)

    def found(**wanted: str | list[str]) -> list[UUID]:
        return ids(client.get("/api/v1/runs", params=wanted))

    assert found(pipeline="no-period") == [plain]
    assert found(pipeline="never-heard-of") == []
    assert found(state="running") == [running]
    assert found(state=["running", "cancelled"]) == [cancelled, running]
    assert found(state="queued", pipeline="daily-sales") == [queued]
    assert found(trigger="backfill") == [plain]


def make_earlier(session: Session, run_id: UUID, created: datetime) -> UUID:
    """As if the run had been made at that time, by a machine whose clock was ten minutes wrong."""
    run = session.get_one(Run, run_id)
    columns = {column.name: getattr(run, column.name) for column in Run.__table__.columns}
    earlier = first_id(created, later=timedelta(minutes=10))
    for model in (Event, OutboxMessage, Task, Stage):
        session.execute(delete(model).where(model.run_id == run_id))
    session.delete(run)
    session.flush()
    session.add(Run(**columns | {"id": earlier, "created_at": created}))
    return earlier


def test_runs_are_found_by_time(
    client: httpx.Client, services: Services, sessions: sessionmaker[Session]
) -> None:
    first, late = make_runs(services, "daily-sales", 2)
    with sessions.begin() as session:
        created = session.get_one(Run, first).created_at - timedelta(days=2)
        early = make_earlier(session, first, created)
        moment = (created + timedelta(days=1)).isoformat()
        made = created.isoformat()

    assert ids(client.get("/api/v1/runs", params={"since": moment})) == [late]
    assert ids(client.get("/api/v1/runs", params={"until": moment})) == [early]
    assert ids(client.get("/api/v1/runs", params={"since": made, "until": moment})) == [early]
    assert ids(client.get("/api/v1/runs", params={"until": made})) == []
    ends = {"since": "0001-01-01T00:00:00Z", "until": "9999-12-31T23:59:59Z"}
    assert ids(client.get("/api/v1/runs", params=ends)) == [late, early]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=many",
        "state=done",
        "trigger=magic",
        "since=yesterday",
        "since=2026-01-01T00:00:00",
        "statte=failed",
        "pipeline=%00",
        "cursor=",
        "cursor=%00",
        "cursor=abc",
        "cursor=" + "A" * 101,
        "cursor=" + write_cursor(UUID(int=7))[:-1],
    ],
)
def test_a_filter_that_cannot_be_used_is_refused(quiet: httpx.Client, query: str) -> None:
    answer = quiet.get(f"/api/v1/runs?{query}")

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0] | {"detail": ""} == {
        "location": "query",
        "name": query.partition("=")[0],
        "detail": "",
    }


def test_a_run_shows_its_steps_tasks_and_reports(
    client: httpx.Client, services: Services, sessions: sessionmaker[Session]
) -> None:
    (run_id,) = make_runs(services, "daily-sales", 1)
    make_tasks(sessions, run_id, "totals", [TaskState.SUCCEEDED, TaskState.FAILED])
    report = make_report(services, run_id, "Sales.xlsx", b"cells", "application/vnd.ms-excel")

    run = client.get(f"/api/v1/runs/{run_id}").json()

    assert [(step["step"], step["mapped"], step["tasks"]) for step in run["steps"]] == [
        ("regions", False, {"ready": 1}),
        ("totals", True, {"succeeded": 1, "failed": 1}),
    ]
    assert [(task["step"], task["item"], task["state"], task["rows"]) for task in run["tasks"]] == [
        ("regions", None, "ready", None),
        ("totals", "item 0", "succeeded", 0),
        ("totals", "item 1", "failed", None),
    ]
    assert run["tasks"][2]["error"] == "ValueError: no such region"
    assert run["tasks_total"] == 3
    assert (run["actor"], run["trigger"], run["timezone"]) == ("ann", "cli", "America/New_York")
    (shown,) = run["reports"]
    assert shown["id"] == str(report.id)
    assert (shown["filename"], shown["bytes"], shown["sha256"]) == ("Sales.xlsx", 5, report.sha256)
    assert (shown["media_type"], shown["version"]) == ("application/vnd.ms-excel", 1)
    assert client.get(shown["download"]).content == b"cells"


def test_of_too_many_tasks_those_that_failed_are_shown_and_all_are_counted(
    client: httpx.Client, services: Services, sessions: sessionmaker[Session]
) -> None:
    (run_id,) = make_runs(services, "daily-sales", 1)
    make_tasks(sessions, run_id, "totals", [TaskState.SUCCEEDED] * 2 * TASKS_SHOWN)
    make_tasks(
        sessions, run_id, "totals", [TaskState.FAILED] * 20 + [TaskState.RUNNING] * 10, first=2 * TASKS_SHOWN
    )

    run = client.get(f"/api/v1/runs/{run_id}").json()

    assert len(run["tasks"]) == TASKS_SHOWN
    assert run["tasks_total"] == 2 * TASKS_SHOWN + 31
    assert run["steps"][1]["tasks"] == {"succeeded": 2 * TASKS_SHOWN, "failed": 20, "running": 10}
    shown = [task["state"] for task in run["tasks"]]
    assert (shown.count("failed"), shown.count("running"), shown.count("ready")) == (20, 10, 1)
    assert [task["position"] for task in run["tasks"][1:]] == sorted(
        task["position"] for task in run["tasks"][1:]
    )


def test_events_go_on_where_the_reader_stopped(
    client: httpx.Client, services: Services, sessions: sessionmaker[Session]
) -> None:
    (run_id,) = make_runs(services, "daily-sales", 1)
    with sessions.begin() as session:
        lock_run(session, run_id)
        for number in range(EVENTS_SHOWN):
            record(session, run_id, "step.log", {"line": number})

    first = client.get(f"/api/v1/runs/{run_id}/events").json()
    rest = client.get(f"/api/v1/runs/{run_id}/events", params={"after": first[-1]["number"]}).json()

    newest = client.get(f"/api/v1/runs/{run_id}").json()["events"]
    assert [event["number"] for event in first + rest] == list(range(1, newest + 1))
    assert len(first) == EVENTS_SHOWN
    assert first[0]["kind"] == "run.queued"
    assert first[0]["data"] == {"trigger": "cli", "actor": "ann"}


@pytest.mark.parametrize("path", ["", "/events"])
def test_an_unknown_run_is_not_found(quiet: httpx.Client, path: str) -> None:
    answer = quiet.get(f"/api/v1/runs/{uuid4()}{path}")

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:presstime:problem:unknown-run"


@pytest.mark.parametrize("path", ["/api/v1/runs/7", "/api/v1/runs/7/events", "/api/v1/reports/x/download"])
def test_an_id_that_is_none_is_refused(quiet: httpx.Client, path: str) -> None:
    assert quiet.get(path).status_code == 422


@pytest.mark.parametrize("after", ["-1", "x", str(2**31)])
def test_an_event_number_that_is_none_is_refused(quiet: httpx.Client, after: str) -> None:
    answer = quiet.get(f"/api/v1/runs/{uuid4()}/events", params={"after": after})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["name"] == "after"

"""Cancel, retry, rerun, and one task with its traces: what is stored, what is refused, and what is sent."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from api.services import Services
from pipelines.runs.complete import Failure, Result, fail
from pipelines.runs.retention.policy import Keep
from pipelines.runs.retention.prune import prune
from presstime.clock import utc_now
from presstime.models import OutboxMessage, Run, RunState, Stage, Task, Trigger
from presstime.settings import Settings
from tests.support.runs.graphs import advanced, claimed, done, run_of, tasks_of
from tests.support.runs.rows import make_runs
from tests.support.servers.api import calling, services_in
from tests.support.servers.valkey import ValkeyServer
from tests.support.waiting import until

Sessions = sessionmaker[Session]

STEPS = '''
"""Two steps in a row, and two items beside them."""

from pipelines import Pipeline

steps = Pipeline("two-steps")


@steps.extract
def first() -> int:
    return 1


@steps.transform
def second(first: int) -> int:
    return first // 0


@steps.extract(over=["north", "south"])
def each(region: str) -> int:
    return len(region)
'''
MENDED = STEPS.replace("first // 0", "first // 1")
NO_RUN = "/api/v1/runs/01980000-0000-7000-8000-000000000000"
SALES = "/api/v1/pipelines/daily-sales/runs"


@pytest.fixture
def file(folder: Path) -> Path:
    """The author's file, there before anything is loaded."""
    path = folder / "two_steps.py"
    path.write_text(STEPS)
    return path


@pytest.fixture
def run_id(file: Path, services: Services) -> UUID:
    """A run that failed at its second step and at one of two items."""
    return failed_run(services)


def failed_run(services: Services) -> UUID:
    sessions = services.runtime.sessions
    (run_id,) = make_runs(services, "two-steps", 1)
    north, south = tasks_of(sessions, run_id, "each")
    assert done(sessions, tasks_of(sessions, run_id, "first")[0])
    assert done(sessions, north)
    for task in (south, tasks_of(sessions, run_id, "second")[0]):
        failing(sessions, task)
    advanced(sessions, run_id)
    assert run_of(sessions, run_id).state is RunState.FAILED
    return run_id


def failing(sessions: Sessions, task: Task) -> None:
    """One attempt that comes to nothing."""
    attempt = claimed(sessions, task)
    assert attempt is not None
    failure = Failure(
        "no", "ValueError", "Traceback (most recent call last): ...", result=Result(log="tried")
    )
    with sessions.begin() as session:
        assert fail(session, attempt, failure)


def path(run_id: UUID | str, *words: object) -> str:
    return "/".join(["/api/v1/runs", str(run_id), *map(str, words)])


def last_event(client: httpx.Client, run_id: UUID | str, kind: str) -> dict[str, Any]:
    events = [event for event in client.get(path(run_id, "events")).json() if event["kind"] == kind]
    data: dict[str, Any] = events[-1]["data"]
    return data


def states(sessions: Sessions, run_id: UUID) -> dict[str, list[str]]:
    return {
        step: [str(task.state) for task in tasks_of(sessions, run_id, step)]
        for step in ("first", "second", "each")
    }


def refused(answer: httpx.Response, status: int, kind: str) -> str:
    """The detail of a problem of that kind."""
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, problem["type"]) == (status, f"urn:presstime:problem:{kind}")
    detail: str = problem["detail"]
    return detail


def test_a_run_under_way_is_cancelled_once(file: Path, client: httpx.Client, services: Services) -> None:
    (run_id,) = make_runs(services, "two-steps", 1)

    answer = client.post(path(run_id, "cancel"))

    run = answer.json()
    assert (answer.status_code, run["id"], run["state"]) == (200, str(run_id), "cancelled")
    assert run["finished_at"] is not None
    assert last_event(client, run_id, "run.cancelled") == {"actor": "api token"}
    assert "nothing to cancel" in refused(client.post(path(run_id, "cancel")), 409, "not-possible")


def test_a_retry_goes_on_with_the_same_run(
    client: httpx.Client, sessions: Sessions, run_id: UUID, file: Path
) -> None:
    before = run_of(sessions, run_id).code_version
    file.write_text(MENDED)

    answer = client.post(path(run_id, "retry"))

    run = answer.json()
    assert (answer.status_code, run["id"]) == (202, str(run_id))
    assert (run["state"], run["generation"], run["error"], run["finished_at"]) == ("queued", 2, None, None)
    assert run["code_version"] != before
    assert states(sessions, run_id) == {
        "first": ["succeeded"],
        "second": ["ready"],
        "each": ["succeeded", "ready"],
    }
    assert last_event(client, run_id, "run.retried") == {
        "actor": "api token",
        "generation": 2,
        "from_code": before,
        "to_code": run["code_version"],
    }
    assert "is queued" in refused(client.post(path(run_id, "retry")), 409, "not-possible")


def test_a_cancelled_run_can_be_retried(file: Path, client: httpx.Client, services: Services) -> None:
    (run_id,) = make_runs(services, "two-steps", 1)
    client.post(path(run_id, "cancel"))

    answer = client.post(path(run_id, "retry"))

    assert (answer.status_code, answer.json()["state"]) == (202, "queued")


CHANGED: Mapping[str, tuple[str, int, str, str]] = {
    "other steps": (STEPS.replace("def second", "def third"), 409, "not-possible", "other steps now"),
    "a mistake in it": (STEPS.replace("(region: str)", "(region)"), 409, "pipeline-broken", "region"),
    "nothing of it": ("", 404, "unknown-pipeline", "two-steps"),
}


@pytest.mark.parametrize("case", CHANGED)
def test_a_file_that_no_longer_fits_leaves_the_run_as_it_is(
    client: httpx.Client, sessions: Sessions, run_id: UUID, file: Path, case: str
) -> None:
    text, status, kind, said = CHANGED[case]
    file.write_text(text)
    task = tasks_of(sessions, run_id, "second")[0]

    for words in (("retry",), ("tasks", task.id, "retry")):
        assert said in refused(client.post(path(run_id, *words)), status, kind)

    run = run_of(sessions, run_id)
    assert (run.state, run.generation) == (RunState.FAILED, 1)


def test_one_task_is_retried_and_the_others_stay(
    client: httpx.Client, sessions: Sessions, run_id: UUID
) -> None:
    south = tasks_of(sessions, run_id, "each")[1]

    answer = client.post(path(run_id, "tasks", south.id, "retry"))

    assert (answer.status_code, answer.json()["id"]) == (202, str(run_id))
    assert states(sessions, run_id) == {
        "first": ["succeeded"],
        "second": ["failed"],
        "each": ["succeeded", "ready"],
    }
    said = last_event(client, run_id, "run.retried")
    assert said == {"actor": "api token", "generation": 2, "step": "each", "item": '"south"'}


def test_a_task_that_succeeded_is_not_retried(client: httpx.Client, sessions: Sessions, run_id: UUID) -> None:
    north = tasks_of(sessions, run_id, "each")[0]

    assert "is succeeded" in refused(
        client.post(path(run_id, "tasks", north.id, "retry")), 409, "not-possible"
    )


def test_a_task_is_found_in_its_own_run_only(
    client: httpx.Client, services: Services, sessions: Sessions, run_id: UUID
) -> None:
    (other,) = make_runs(services, "two-steps", 1)
    stranger = tasks_of(sessions, other, "second")[0].id

    for task_id in (stranger, uuid4()):
        assert str(task_id) in refused(client.get(path(run_id, "tasks", task_id)), 404, "unknown-task")
        refused(client.post(path(run_id, "tasks", task_id, "retry")), 404, "unknown-task")


def test_a_task_shows_its_traceback_and_what_it_logged(
    client: httpx.Client, sessions: Sessions, run_id: UUID
) -> None:
    south = tasks_of(sessions, run_id, "each")[1]

    task = client.get(path(run_id, "tasks", south.id)).json()

    assert (task["step"], task["item"], task["state"], task["attempt"]) == ("each", "south", "failed", 1)
    assert (task["error"], task["error_type"], task["log"]) == ("no", "ValueError", "tried")
    assert task["traceback"].startswith("Traceback")
    (kept,) = task["failed_attempts"]
    assert (kept["attempt"], kept["worker"], kept["error"], kept["error_type"], kept["log"]) == (
        1,
        "worker-1",
        "no",
        "ValueError",
        "tried",
    )
    assert kept["traceback"] == task["traceback"]
    listed = client.get(path(run_id)).json()["tasks"]
    assert {**task, **next(one for one in listed if one["id"] == str(south.id))} == task


def test_the_traces_of_a_failed_attempt_stay_when_the_next_one_succeeds(
    client: httpx.Client, sessions: Sessions, run_id: UUID
) -> None:
    south = tasks_of(sessions, run_id, "each")[1]
    client.post(path(run_id, "tasks", south.id, "retry"))
    assert done(sessions, south, {"rows": 3})

    task = client.get(path(run_id, "tasks", south.id)).json()

    assert (task["state"], task["attempt"], task["rows"]) == ("succeeded", 2, 3)
    assert (task["error"], task["traceback"]) == (None, None)
    assert [(kept["attempt"], kept["error"]) for kept in task["failed_attempts"]] == [(1, "no")]


def test_a_run_whose_results_were_pruned_is_not_retried(
    client: httpx.Client, services: Services, sessions: Sessions, run_id: UUID
) -> None:
    runtime = services.runtime
    with runtime.artifacts.draft(f"runs/{run_id}/task/1/result.json") as result:
        result.write_text("[]")
    keep = Keep(frames_days=1, events_days=0, runs_days=0, runs_count=0)
    prune(sessions, runtime.artifacts, keep, utc_now() + timedelta(days=2))

    for words in (("retry",), ("tasks", tasks_of(sessions, run_id, "second")[0].id, "retry")):
        said = refused(client.post(path(run_id, *words)), 409, "not-possible")
        assert "were removed on" in said
        assert "rerun" in said
    assert client.post(path(run_id, "rerun")).status_code == 202


def test_a_rerun_is_a_new_run_with_the_same_parameters_and_interval(client: httpx.Client) -> None:
    old = client.post(SALES, json={"params": {"origin": "JFK"}, "interval": "2013-01"}).json()

    answer = client.post(path(old["id"], "rerun"))

    new = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == path(new["id"])
    assert new["id"] != old["id"]
    assert (new["state"], new["trigger"], new["actor"]) == ("queued", "rerun", "api token")
    assert new["interval"] == old["interval"]
    stored = client.get(answer.headers["Location"]).json()
    assert (stored["rerun_of"], stored["params"]) == (old["id"], {"origin": "JFK", "at_least": 0})
    assert last_event(client, new["id"], "run.queued") == {"trigger": "rerun", "actor": "api token"}


def test_a_rerun_with_a_key_is_made_once(client: httpx.Client, folder: Path) -> None:
    old = client.post(SALES).json()["id"]
    key = {"Idempotency-Key": "monday"}
    first = client.post(path(old, "rerun"), headers=key)

    again = client.post(path(old, "rerun"), headers=key)
    without = client.post(path(old, "rerun"))

    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Location"] == first.headers["Location"]
    assert without.json()["id"] not in {old, first.json()["id"]}
    refused(client.post(path(first.json()["id"], "rerun"), headers=key), 422, "key-reused")
    refused(client.post(SALES, headers=key), 422, "key-reused")
    (folder / "sales.py").unlink()
    assert client.post(path(old, "rerun"), headers=key).json() == first.json()
    refused(client.post(path(old, "rerun")), 404, "unknown-pipeline")


ROUTES = [
    ("POST", f"{NO_RUN}/cancel"),
    ("POST", f"{NO_RUN}/retry"),
    ("POST", f"{NO_RUN}/rerun"),
    ("POST", f"{NO_RUN}/tasks/{UUID(int=7)}/retry"),
    ("GET", f"{NO_RUN}/tasks/{UUID(int=7)}"),
]


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_a_run_that_is_not_there_is_not_found(quiet: httpx.Client, method: str, route: str) -> None:
    answer = quiet.request(method, route, headers={"Idempotency-Key": "x"})

    refused(answer, 404, "unknown-run")
    refused(quiet.request(method, route.replace(NO_RUN, "/api/v1/runs/1")), 422, "invalid-request")
    assert quiet.request(method, route, headers={"Authorization": ""}).status_code == 401


BODIES: Mapping[str, tuple[bytes, str, int, str]] = {
    "a member": (b'{"params": {"origin": "JFK"}}', "application/json", 422, "invalid-request"),
    "a list": (b"[]", "application/json", 422, "invalid-request"),
    "broken JSON": (b"{", "application/json", 400, "malformed-body"),
    "a form": (b"origin=JFK", "application/x-www-form-urlencoded", 415, "not-json"),
    "no type": (b"{}", "", 415, "not-json"),
}


@pytest.mark.parametrize("case", BODIES)
@pytest.mark.parametrize(("method", "route"), ROUTES[:4])
def test_a_body_that_would_do_nothing_is_refused(
    quiet: httpx.Client, method: str, route: str, case: str
) -> None:
    body, kind, status, problem = BODIES[case]

    answer = quiet.request(method, route, content=body, headers={"Content-Type": kind} if kind else {})

    refused(answer, status, problem)


def test_an_empty_object_is_no_more_than_no_body(
    file: Path, client: httpx.Client, services: Services
) -> None:
    (run_id,) = make_runs(services, "two-steps", 1)

    assert client.post(path(run_id, "cancel"), json={}).status_code == 200
    assert client.post(path(run_id, "retry"), json={}).status_code == 202


@pytest.mark.parametrize("operation", ["retry", "rerun", "task"])
def test_what_may_start_is_sent_to_the_broker_after_the_commit(
    settings: Settings, own_valkey: ValkeyServer, file: Path, operation: str
) -> None:
    urls = {"broker_url": own_valkey.broker_url, "redis_url": own_valkey.results_url}
    app = create_app(settings.model_copy(update=urls))
    with calling(app) as client:
        sessions = services_in(app).runtime.sessions
        run_id = failed_run(services_in(app))
        south = tasks_of(sessions, run_id, "each")[1]
        known = stages(sessions)

        words = ("tasks", south.id, "retry") if operation == "task" else (operation,)
        answer = client.post(path(run_id, *words))

        assert answer.status_code == 202
        new = stages(sessions) - known
        # Its chain and its chord; or the chord alone.
        assert len(new) == (1 if operation == "task" else 2)
        until(lambda: waiting(sessions, new) == 0, "the messages to be sent")
        assert published(sessions, new) == [1] * len(new)
    assert own_valkey.queued("extract.express") + own_valkey.queued("transform.express") == {
        "retry": 2,  # `second`, and one item
        "rerun": 3,  # `first`, and two items
        "task": 1,
    }.get(operation)


def stages(sessions: Sessions) -> set[UUID]:
    with sessions() as session:
        return set(session.scalars(select(Stage.id)))


def waiting(sessions: Sessions, of: set[UUID]) -> int:
    query = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.stage_id.in_(of))
    with sessions() as session:
        return session.scalar(query) or 0


def published(sessions: Sessions, of: set[UUID]) -> list[int]:
    with sessions() as session:
        return list(session.scalars(select(Stage.published).where(Stage.id.in_(of))))


@pytest.fixture
def either(settings: Settings, database_url: str, file: Path) -> Iterator[tuple[FastAPI, httpx.Client]]:
    """An application on one of the two databases."""
    app = create_app(settings.model_copy(update={"database_url": database_url}))
    with calling(app) as client:
        yield app, client


def test_of_many_who_retry_at_once_one_does(either: tuple[FastAPI, httpx.Client]) -> None:
    app, client = either
    run_id = failed_run(services_in(app))
    sessions = services_in(app).runtime.sessions

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post(path(run_id, "retry")), range(8)))

    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 7
    assert run_of(sessions, run_id).generation == 2


def test_of_many_who_rerun_with_one_key_all_get_the_same_run(either: tuple[FastAPI, httpx.Client]) -> None:
    app, client = either
    run_id = failed_run(services_in(app))
    headers = {"Idempotency-Key": "monday"}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post(path(run_id, "rerun"), headers=headers), range(8)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    with services_in(app).runtime.sessions() as session:
        assert session.scalars(select(Run.trigger).order_by(Run.id)).all() == [Trigger.CLI, Trigger.RERUN]

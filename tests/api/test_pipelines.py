"""What can be run, as clients see it."""

from pathlib import Path

import httpx
from sqlalchemy.orm import Session, sessionmaker

from api.services import Services
from pipelines.schedules.pausing import pause, resume
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.models import Schedule
from tests.support.servers.api import SALES


def test_pipelines_are_listed_with_what_a_form_needs(quiet: httpx.Client) -> None:
    answer = quiet.get("/api/v1/pipelines")

    found = {pipeline["name"]: pipeline for pipeline in answer.json()["items"]}
    sales = found["daily-sales"]
    assert answer.status_code == 200
    assert list(found) == sorted(found)
    assert sales["title"] == "Daily sales"
    assert sales["description"].startswith("Sales of every region.")
    assert (sales["owner"], sales["period"], sales["timezone"]) == ("desk", "month", "America/New_York")
    assert set(sales["params_schema"]["properties"]) == {"origin", "at_least"}
    assert sales["load_error"] is None
    assert [(step["name"], step["needs"]) for step in sales["steps"]] == [
        ("regions", []),
        ("totals", ["regions"]),
    ]
    assert found["no-period"]["title"] == "Without a period"


def test_a_schedule_shows_as_declared_until_the_scheduler_has_seen_it(quiet: httpx.Client) -> None:
    (schedule,) = quiet.get("/api/v1/pipelines/daily-sales").json()["schedules"]

    assert schedule["name"] == "monthly"
    assert schedule["spec"]["kind"] == "cron"
    assert schedule["spec"]["expression"] == "0 6 1 * *"
    assert schedule["timezone"] == "America/New_York"
    assert schedule["next_at"] is None


def test_a_schedule_shows_what_an_operator_did_to_it(
    client: httpx.Client, services: Services, sessions: sessionmaker[Session]
) -> None:
    now = utc_now()
    with sessions.begin() as session:
        sync(session, services.runtime.registry, now)
        session.flush()
        row = session.query(Schedule).filter_by(pipeline="daily-sales", name="monthly").one()
        schedule_id = pause(session, row.id, now, by="ada").id
    (paused,) = client.get("/api/v1/pipelines/daily-sales").json()["schedules"]
    with sessions.begin() as session:
        resume(session, schedule_id, utc_now())
    (resumed,) = client.get("/api/v1/pipelines/daily-sales").json()["schedules"]

    assert (paused["paused_at"] is None, paused["next_at"]) == (False, None)
    assert (resumed["paused_at"], resumed["next_at"] is None) == (None, False)


def test_a_broken_pipeline_is_listed_with_its_error(client: httpx.Client, folder: Path) -> None:
    answer = client.get("/api/v1/pipelines").json()

    (broken,) = [pipeline for pipeline in answer["items"] if pipeline["name"] == "half-done"]
    (problem,) = [problem for problem in answer["problems"] if problem["pipeline"] == "half-done"]
    assert "nothing_like_it" in broken["load_error"]
    assert broken["steps"] == []
    assert problem["file"] == str(folder / "half_done.py")
    assert problem["messages"] == broken["load_error"].splitlines()
    assert client.get("/api/v1/pipelines/half-done").json() == broken


def test_a_file_that_python_cannot_read_is_a_problem_of_its_own(client: httpx.Client, folder: Path) -> None:
    (folder / "notes.py").write_text("this is not Python")

    answer = client.get("/api/v1/pipelines").json()

    (problem,) = [one for one in answer["problems"] if one["file"] == str(folder / "notes.py")]
    assert problem["pipeline"] is None
    assert problem["line"] == 1
    assert "daily-sales" in {pipeline["name"] for pipeline in answer["items"]}


def test_what_was_known_of_a_pipeline_outlives_its_file_breaking(
    client: httpx.Client, services: Services, sessions: sessionmaker[Session], folder: Path
) -> None:
    with sessions.begin() as session:
        sync(session, services.runtime.registry, utc_now())
    (folder / "sales.py").write_text(SALES.replace("return [len(region)]", "return [len(region)"))

    pipeline = client.get("/api/v1/pipelines/daily-sales").json()

    assert pipeline["load_error"]
    assert pipeline["title"] == "Daily sales"
    assert [schedule["name"] for schedule in pipeline["schedules"]] == ["monthly"]


def test_an_edited_file_shows_without_a_restart(client: httpx.Client, folder: Path) -> None:
    before = client.get("/api/v1/pipelines/daily-sales").json()
    (folder / "sales.py").write_text(SALES.replace('owner="desk"', 'owner="the new desk"'))

    after = client.get("/api/v1/pipelines/daily-sales").json()

    assert after["owner"] == "the new desk"
    assert after["code_version"] != before["code_version"]


def test_an_unknown_pipeline_is_not_found_but_guessed(quiet: httpx.Client) -> None:
    answer = quiet.get("/api/v1/pipelines/daily-sails")

    assert answer.status_code == 404
    assert answer.json() == {
        "type": "urn:presstime:problem:unknown-pipeline",
        "title": "Unknown pipeline",
        "status": 404,
        "detail": "pipeline 'daily-sails' is unknown, did you mean 'daily-sales'?",
        "instance": "/api/v1/pipelines/daily-sails",
    }

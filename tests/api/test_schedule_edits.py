"""Schedules over HTTP: made, tried out, changed, deleted, and fired at once."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from api.services import Services
from pipelines.schedules.sync import sync
from presstime.models import Run, Schedule
from tests.support.servers.api import MONTHLY, SCHEDULES, answer

BEGAN = datetime(2026, 1, 15, tzinfo=UTC)
DAILY = {"pipeline": "daily-sales", "name": "daily", "expression": "0 6 * * *"}


@pytest.fixture(autouse=True)
def synced(services: Services) -> Services:
    with services.runtime.sessions.begin() as session:
        sync(session, services.runtime.registry, BEGAN)
        session.execute(delete(Schedule).where(Schedule.pipeline != "daily-sales"))
    return services


def test_a_schedule_is_made_with_all_that_it_can_have(client: httpx.Client) -> None:
    policies = {
        "timezone": "Europe/Berlin",
        "starts": "2026-01-01T00:00:00+01:00",
        "calendar": {"country": "DE", "region": "BY", "on_closed": "next", "dates": ["2026-12-24"]},
        "catch_up": "all",
        "grace": "P1D",
        "overlap": "skip",
        "jitter": "PT5M",
        "by": "07:30",
        "stop_after": 3,
    }
    made = answer(client.post(SCHEDULES, json=DAILY | policies), 201)

    assert made["description"].startswith("At 06:00 every day, Berlin time, moved from Saturdays")
    assert (made["declared"], made["overrides"]) == (False, None)
    plain = {key: value for key, value in policies.items() if key not in {"starts", "calendar", "by"}}
    assert plain.items() <= made["spec"].items()
    assert (made["spec"]["by"], made["spec"]["starts"]) == ("07:30:00", "2026-01-01T00:00:00+01:00")
    assert made["spec"]["calendar"]["dates"] == ["2026-12-24"]
    assert answer(client.get(f"{SCHEDULES}/daily-sales/daily")) == made


def test_what_a_schedule_shows_can_be_sent_back(client: httpx.Client) -> None:
    made = answer(client.post(SCHEDULES, json=DAILY | {"by": "PT90M", "timezone": "UTC"}), 201)
    spec = {name: value for name, value in made["spec"].items() if name != "name"}

    again = answer(client.patch(f"{SCHEDULES}/daily-sales/daily", json=spec))

    assert again["schedule"]["spec"] == made["spec"]


def test_a_preview_tells_and_an_edit_saves(client: httpx.Client) -> None:
    told = answer(client.post(f"{MONTHLY}/preview", json={"expression": "0 8 1 * *"}))
    unchanged = answer(client.get(MONTHLY))
    saved = answer(client.patch(MONTHLY, json={"expression": "0 8 1 * *"}))

    assert [one[11:13] for one in told["before"]] == ["06"] * 5
    assert [one[11:13] for one in told["after"]] == ["08"] * 5
    assert (told["extra"], told["missed"]) == (None, None)
    assert unchanged["overrides"] is None
    assert saved["effect"]["after"] == told["after"]
    assert saved["schedule"]["overrides"] == {"kind": "cron", "expression": "0 8 1 * *"}

    reset = answer(client.post(f"{MONTHLY}/reset"))
    assert reset["schedule"]["overrides"] is None
    assert answer(client.post(f"{MONTHLY}/reset"), 409)["type"].endswith("not-overridden")


def test_null_takes_a_policy_away(client: httpx.Client) -> None:
    answer(client.patch(MONTHLY, json={"grace": "PT1H", "by": "07:30"}))
    answer(client.patch(MONTHLY, json={"grace": None}))
    left = answer(client.patch(MONTHLY, json={"by": None}))

    assert left["schedule"]["overrides"] is None


def test_only_what_an_operator_made_is_deleted(client: httpx.Client) -> None:
    answer(client.post(SCHEDULES, json=DAILY), 201)

    assert client.delete(f"{SCHEDULES}/daily-sales/daily").status_code == 204
    assert client.get(f"{SCHEDULES}/daily-sales/daily").status_code == 404
    refused = answer(client.delete(MONTHLY), 409)
    assert "delete it there, or pause it" in refused["detail"]


def test_a_schedule_is_fired_once_for_one_key(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    answer(client.post(SCHEDULES, json=DAILY | {"params": {"origin": "JFK"}}), 201)
    path = f"{SCHEDULES}/daily-sales/daily/fire"
    first = client.post(path, headers={"Idempotency-Key": "one"})
    second = client.post(path, headers={"Idempotency-Key": "one"})

    assert answer(first, 202)["id"] == answer(second, 202)["id"]
    assert first.headers["location"] == f"/api/v1/runs/{first.json()['id']}"
    with sessions() as session:
        run = session.scalars(select(Run)).one()
        assert (run.trigger, run.scheduled_for, run.params["origin"]) == ("api", None, "JFK")
        assert run.schedule_id is not None


def test_a_schedule_that_is_not_stored_is_tried_out(client: httpx.Client) -> None:
    found = answer(
        client.post(
            f"{SCHEDULES}/next",
            json={
                "expression": "30 2 * * *",
                "timezone": "America/New_York",
                "after": "2026-03-07T12:00:00Z",
                "count": 2,
            },
        )
    )

    assert [one["at"] for one in found["items"]] == ["2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"]
    assert "02:30 does not exist on 2026-03-08" in found["items"][0]["oddities"][0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"expression": "61 * * * *"}, "minute '61'"),
        ({"expression": "0 6 * * *", "interval": "PT1H"}, "say when with one of"),
        ({"kind": "every", "expression": "0 6 * * *"}, "no other `kind`"),
        ({"timezone": "Europe/Berln"}, "did you mean 'Europe/Berlin'"),
        ({"by": "25:00"}, "no time of day"),
        ({"by": "PT0S"}, "leaves no time"),
        ({"starts": "2026-01-01T00:00:00"}, "timezone"),
        ({"starts": "2026-01-02T00:00:00Z", "ends": "2026-01-01T00:00:00Z"}, "is not after"),
        ({"calendar": {"country": "XX"}}, "country='XX'"),
        ({"calendar": {"contry": "US"}}, "contry"),
        ({"overlap": "beside"}, "queue"),
        ({"stop_after": 0}, "greater than or equal to 1"),
        ({"params": {"shop": 1}}, "parameter 'shop'"),
        ({"name": "weekly"}, "name"),
        ({"paused": True}, "paused"),
    ],
)
def test_what_is_wrong_with_a_change_is_said_and_nothing_changes(
    client: httpx.Client, change: dict[str, Any], said: str
) -> None:
    before = answer(client.get(MONTHLY))

    refused = answer(client.patch(MONTHLY, json=change), 422)

    assert said in refused["detail"]
    assert answer(client.get(MONTHLY)) == before


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        (DAILY | {"pipeline": "none"}, 404, "'none' is unknown"),
        (DAILY | {"name": "monthly"}, 409, "exists"),
        (DAILY | {"name": "Daily"}, 422, "'Daily'"),
        ({"pipeline": "daily-sales", "name": "daily"}, 422, "say when with one of"),
        (DAILY | {"expression": ["0 6 * * *"] * 101}, 422, "100 items"),
    ],
)
def test_what_cannot_be_made_is_a_problem(
    client: httpx.Client, asked: dict[str, Any], status: int, said: str
) -> None:
    assert said in answer(client.post(SCHEDULES, json=asked), status)["detail"]

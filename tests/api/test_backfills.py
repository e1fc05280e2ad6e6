"""Backfills over HTTP: asked for, followed, held up."""

from typing import Any

import httpx
import pytest

from api.services import Services
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from tests.support.servers.api import answer

BACKFILLS = "/api/v1/backfills"
SPRING = {"pipeline": "daily-sales", "first": "2026-03", "last": "2026-05"}


@pytest.fixture(autouse=True)
def synced(services: Services) -> Services:
    with services.runtime.sessions.begin() as session:
        sync(session, services.runtime.registry, utc_now())
    return services


def counted(backfill: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in backfill["progress"].items() if count}


def test_a_backfill_starts_as_many_runs_as_it_may_and_lists_its_periods(client: httpx.Client) -> None:
    told = answer(client.post(f"{BACKFILLS}/preview", json=SPRING))
    made = answer(client.post(BACKFILLS, json=SPRING | {"max_active": 2, "newest_first": True}), 202)
    items = answer(client.get(f"{BACKFILLS}/{made['id']}/items"))["items"]

    assert told == {"runs": ["2026-03", "2026-04", "2026-05"], "left_out": []}
    assert counted(made) == {"pending": 1, "queued": 2}
    assert [one["interval"] for one in items] == ["2026-05", "2026-04", "2026-03"]
    assert [one["run_state"] for one in items] == ["queued", "queued", None]
    run = answer(client.get(f"/api/v1/runs/{items[0]['run_id']}"))
    assert (run["trigger"], run["interval"]["label"]) == ("backfill", "2026-05")
    assert answer(client.get(f"{BACKFILLS}/{made['id']}")) == made
    rest = answer(client.get(f"{BACKFILLS}/{made['id']}/items", params={"after": 1}))["items"]
    assert [one["number"] for one in rest] == [2]


def test_backfills_are_listed_a_page_at_a_time(client: httpx.Client) -> None:
    made = [answer(client.post(BACKFILLS, json=SPRING), 202)["id"] for _ in range(2)]
    page = answer(client.get(BACKFILLS, params={"limit": 1, "pipeline": "daily-sales"}))
    last = answer(client.get(BACKFILLS, params={"limit": 1, "cursor": page["next"]}))

    assert [page["items"][0]["id"], last["items"][0]["id"]] == made[::-1]
    assert last["next"] is None


def test_a_backfill_is_paused_resumed_and_cancelled(client: httpx.Client) -> None:
    made = answer(client.post(BACKFILLS, json=SPRING | {"max_active": 1}), 202)
    one = f"{BACKFILLS}/{made['id']}"

    assert answer(client.post(f"{one}/pause"))["state"] == "paused"
    assert "was to be running" in answer(client.post(f"{one}/pause"), 409)["detail"]
    assert answer(client.post(f"{one}/resume"))["state"] == "running"
    cancelled = answer(client.post(f"{one}/cancel"))
    assert (cancelled["state"], counted(cancelled)) == ("cancelled", {"pending": 2, "cancelled": 1})


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"pipeline": "none"}, 404, "'none' is unknown"),
        ({"schedule": "hourly"}, 404, "no schedule 'daily-sales/hourly'"),
        ({"first": "soon"}, 422, "'soon' is not one of"),
        ({"last": "2026-01"}, 422, "ends before"),
        ({"params": {"shop": 1}}, 422, "'shop'"),
        ({"max_active": 0}, 422, "max_active"),
        ({"rerun": "some"}, 422, "rerun"),
        ({"order": "newest"}, 422, "order"),
    ],
)
def test_what_cannot_be_made_is_a_problem(
    client: httpx.Client, change: dict[str, Any], status: int, said: str
) -> None:
    assert said in answer(client.post(BACKFILLS, json=SPRING | change), status)["detail"]
    assert answer(client.get(BACKFILLS))["items"] == []

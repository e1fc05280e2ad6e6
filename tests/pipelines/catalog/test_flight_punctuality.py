"""The shipped pipeline: its plain functions, and a whole month against figures counted elsewhere."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pandas as pd
import pytest

from pipelines.catalog import flight_punctuality as shipped
from pipelines.sources import Web
from pipelines.sources.snapshots import Recorder
from pipelines.testing import Finished, run_in_process
from presstime.artifacts import Artifacts
from tests.support.servers.demo_site import demo_process
from tests.support.workbooks.large import rows_of_sheet, table_of_sheet

NOW = datetime(2013, 2, 1, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo_url() -> Iterator[str]:
    with demo_process() as (_, url):
        yield url


@pytest.fixture
def web(artifacts: Artifacts, demo_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setenv("PRESSTIME_DEMO_URL", demo_url)
    with Web(Recorder(artifacts, lambda: NOW)) as opened:
        yield opened


@pytest.fixture(scope="module")
def january(demo_url: str) -> Iterator[Finished]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESSTIME_DEMO_URL", demo_url)
        with run_in_process(shipped.flights, interval="2013-01", as_of=NOW) as finished:
            yield finished


def rows_of(finished: Finished, sheet: str) -> list[dict[str, Any]]:
    (path,) = finished.reports.values()
    header, *rows = table_of_sheet(path, sheet)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def listed(january: Finished) -> list[dict[str, Any]]:
    return rows_of(january, "Departures")


def test_a_month_has_its_true_figures_by_carrier(january: Finished) -> None:
    carriers = rows_of(january, "By carrier")
    by_name = {row["Name"]: row for row in carriers}

    assert len(carriers) == 16
    united, express = by_name["United Air Lines Inc."], by_name["ExpressJet Airlines Inc."]
    assert (united["Flights"], united["Cancelled"], united["On time"]) == (4637, 32, 3586)
    assert united["Mean departure delay (min)"] == pytest.approx(8.326167, abs=5e-7)
    assert united["Share on time"] == pytest.approx(3586 / 4637)
    assert (express["Flights"], express["Cancelled"]) == (4171, 182)
    assert express["Mean arrival delay (min)"] == pytest.approx(25.160192, abs=5e-7)
    assert by_name["Delta Air Lines Inc."]["On time"] == 3170
    assert by_name["SkyWest Airlines Inc."]["Flights"] == 1
    assert sum(row["Cancelled"] for row in carriers) == 521


def test_the_largest_carrier_stands_first(january: Finished) -> None:
    flights = [row["Flights"] for row in rows_of(january, "By carrier")]

    assert flights == sorted(flights, reverse=True)


def test_every_day_and_every_departure_of_the_month_is_there(
    january: Finished, listed: list[dict[str, Any]]
) -> None:
    days = rows_of(january, "By day")

    assert len(days) == 31
    assert sum(row["Flights"] for row in days) == len(listed) == 27_004
    assert sum(row["Cancelled"] for row in days) == 521


def test_cells_have_the_types_that_a_reader_can_calculate_with(january: Finished) -> None:
    (path,) = january.reports.values()
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        header, values = book["Departures"].iter_rows(values_only=True, max_row=2)
    first = dict(zip(map(str, header), values, strict=True))

    when = next(value for header, value in first.items() if header.startswith("Scheduled departure"))
    assert when == datetime(2013, 1, 1, 5, 15)  # noqa: DTZ001 # cells of Excel have no zone
    assert {type(first[name]) for name in ("Flight", "Departure delay (min)", "Distance (miles)")} == {int}


def test_a_cancelled_flight_has_blanks_for_its_delays(listed: list[dict[str, Any]]) -> None:
    cancelled = [row for row in listed if row["Cancelled"]]

    assert len(cancelled) == 521
    assert {row["Departure delay (min)"] for row in cancelled} == {None}


def test_one_airport_of_departure_is_counted_alone(demo_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSTIME_DEMO_URL", demo_url)

    with run_in_process(
        shipped.flights, interval="2013-01-01", params={"origin": "JFK"}, as_of=NOW
    ) as finished:
        departures = rows_of(finished, "Departures")

    assert {row["From"] for row in departures} == {"JFK"}
    assert len(departures) == 297


def test_a_report_says_what_it_found_and_what_changed_since_the_one_before(
    demo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSTIME_DEMO_URL", demo_url)
    before = pd.DataFrame(
        {"carrier": ["UA", "ZZ"], "name": ["United Air Lines Inc.", "Zeppelin"], "flights": 1}
    )

    with run_in_process(
        shipped.flights, interval="2013-01-02", previous={"punctuality": before}, as_of=NOW
    ) as finished:
        (path,) = finished.reports.values()
        head = [row[0] for row in rows_of_sheet(path, "By carrier")[:4]]
        changes = rows_of_sheet(path, "Changes")

    assert head[:2] == ["Flight punctuality out of New York", "2 January 2013"]
    assert head[2].startswith("943 departures, ")
    assert head[3].startswith(
        "Since 1 January 2013: 13 rows added, 1 removed, 1 changed, 5 columns new, largest: UA +169."
    )
    assert any(row[:2] == ["ZZ", "Zeppelin"] for row in changes)


def test_a_month_without_departures_is_no_report(demo_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSTIME_DEMO_URL", demo_url)

    with run_in_process(shipped.flights, interval="2014-01-01", as_of=NOW, check=False) as finished:
        assert finished.state == "failed"
        assert "no departure" in str(finished.error)
        assert finished.reports == {}


def test_a_day_without_departures_has_the_columns_and_types_of_any_other(web: Web) -> None:
    none = shipped.departures(date(2014, 1, 1), web, shipped.Filters())
    some = shipped.departures(date(2013, 1, 1), web, shipped.Filters())

    assert (len(none), len(some)) == (0, 842)
    pd.testing.assert_series_equal(none.dtypes, some.dtypes)


def test_every_page_of_a_day_is_a_snapshot(web: Web) -> None:
    shipped.departures(date(2013, 1, 1), web, shipped.Filters())

    assert [kept.status for kept in web._recorder.snapshots] == [200, 200, 200]


def test_a_carrier_without_a_name_is_found() -> None:
    frame = pd.DataFrame({"carrier": ["UA", "ZZ"], "name": ["United", None]})

    finding = shipped.every_carrier_is_known(frame)

    assert finding is not None
    assert "ZZ" in finding.message
    assert "UA" not in finding.message
    assert shipped.every_carrier_is_known(frame.head(1)) is None


def test_an_arrival_fifteen_minutes_late_is_not_on_time() -> None:
    delays = pd.DataFrame(
        {
            "carrier": ["UA"] * 4,
            "cancelled": [False, False, False, True],
            "dep_delay": pd.array([1, 2, 3, None], dtype="Int64"),
            "arr_delay": pd.array([14, 15, None, None], dtype="Int64"),
        }
    )

    (row,) = shipped.summary(delays, "carrier").to_dict("records")

    assert (row["flights"], row["cancelled"], row["on_time"], row["share_on_time"]) == (4, 1, 1, 0.25)

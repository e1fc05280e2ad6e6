import csv
import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from pipelines.timetables.cron import HORIZON, BadCron, cron_instants, merged_instants, parse_cron
from tests.support.real_data import real_data

NEW_YORK = ZoneInfo("America/New_York")


def local(expression: str, start: str, end: str, zone: ZoneInfo = NEW_YORK) -> list[str]:
    """Instants between two local times of `zone`, as local times with offset."""
    after = datetime.fromisoformat(start).replace(tzinfo=zone)
    until = datetime.fromisoformat(end).replace(tzinfo=zone)
    found = cron_instants(expression, zone, after.astimezone(UTC), until.astimezone(UTC))
    return [f"{instant.astimezone(zone):%d %H:%M%z}" for instant in found]


def test_a_fixed_time_in_the_spring_gap_fires_once_at_its_end() -> None:
    found = local("30 2 * * *", "2026-03-07", "2026-03-10")

    assert found == [
        "07 02:30-0500",
        "08 03:00-0400",
        "09 02:30-0400",
    ]


def test_several_fixed_times_in_one_gap_collapse_into_one() -> None:
    assert local("0,15,30 2,3 * * *", "2026-03-08", "2026-03-09")[:2] == ["08 03:00-0400", "08 03:15-0400"]


def test_a_fixed_time_that_occurs_twice_fires_at_the_first() -> None:
    assert local("30 1 * * *", "2026-11-01", "2026-11-03") == ["01 01:30-0400", "02 01:30-0500"]


def test_a_walk_that_starts_in_the_second_of_two_hours_does_not_go_back() -> None:
    after = datetime(2026, 11, 1, 6, 20, tzinfo=UTC)  # 01:20 for the second time

    found = list(cron_instants("30 1 * * *", NEW_YORK, after, after + timedelta(days=1)))

    assert found == []


def test_a_starred_hour_fires_in_both_halves_of_a_repeat_and_not_in_a_gap() -> None:
    assert local("30 * * * *", "2026-11-01T00:45", "2026-11-01T02:45") == [
        "01 01:30-0400",
        "01 01:30-0500",
        "01 02:30-0500",
    ]
    assert local("30 * * * *", "2026-03-08T01:00", "2026-03-08T04:00") == ["08 01:30-0500", "08 03:30-0400"]


def test_a_starred_minute_with_a_step_follows_the_wall_clock_too() -> None:
    assert local("*/30 1,2 * * *", "2026-03-08", "2026-03-09") == ["08 01:00-0500", "08 01:30-0500"]


def test_a_whole_day_that_a_zone_skipped_fires_once_at_its_end() -> None:
    apia = ZoneInfo("Pacific/Apia")  # went from 29 to 31 December 2011

    assert local("30 6 30 12 *", "2011-12-28", "2012-01-02", apia) == ["31 00:00+1400"]


def test_the_end_is_included_and_the_start_is_not() -> None:
    assert local("0 6 * * *", "2026-01-01T06:00", "2026-01-03T06:00") == ["02 06:00-0500", "03 06:00-0500"]


def test_lines_together_give_a_shared_instant_once() -> None:
    after = datetime(2026, 1, 1, tzinfo=UTC)

    found = merged_instants(("0 6 * * *", "0 6,7 * * *"), NEW_YORK, after, after + timedelta(days=1))

    assert [instant.hour for instant in found] == [11, 12]


@pytest.mark.parametrize("line", ["0 0 29 2 1#5", "0 0 29 2 *"])
def test_a_rare_line_is_found(line: str) -> None:
    after = datetime(2026, 1, 1, tzinfo=UTC)

    assert next(cron_instants(line, NEW_YORK, after, after + HORIZON)) > after


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("61 * * * *", "minute '61' is not 0 to 59, nor a list"),
        ("0 6-25 * * *", "hour '6-25' is not 0 to 23"),
        ("0 6 0 * *", "day of month '0' is not 1 to 31 or L"),
        ("0 6 * JANUARY *", "month 'JANUARY' is not 1 to 12 or JAN to DEC"),
        ("* * * *", "has 4 fields, not 5"),
        ("0 0 * * * *", "has 6 fields, not 5"),
        ("", "has 0 fields, not 5"),
        ("0 0 30 2 *", "day of month '30' never comes in month '2'"),
        ("0 6 * * MOO", "day of week 'MOO' is not 0 to 7 or SUN to SAT"),
        ("@reboot", "names no time"),
        ("@never", "has 1 fields, not 5"),
    ],
)
def test_a_bad_line_is_refused_with_the_reason(line: str, reason: str) -> None:
    with pytest.raises(BadCron, match=re.escape(reason)) as caught:
        parse_cron(line)

    assert repr(line) in str(caught.value)


def rows(name: str) -> list[dict[str, str]]:
    with real_data(f"cron/{name}").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.real_data
def test_published_cases_of_the_new_york_changes_come_out_as_debian_has_them() -> None:
    wrong = []
    for row in rows("croniter_us_eastern_dst.csv"):
        expected = [datetime.fromisoformat(text) for text in row["expected_next_debian"].split()]
        after, zone = datetime.fromisoformat(row["start"]).astimezone(UTC), ZoneInfo(row["timezone"])
        found = list(islice(cron_instants(row["expression"], zone, after, after + HORIZON), len(expected)))
        if found != [moment.astimezone(UTC) for moment in expected]:
            wrong.append((row["expression"], row["start"]))

    assert wrong == []


@pytest.mark.real_data
def test_lines_found_in_public_repositories_give_the_instants_known_for_them() -> None:
    wrong = []
    for row in rows("realworld_expressions.csv"):
        if row["status"] == "invalid":
            with pytest.raises(BadCron):
                parse_cron(row["expression"])
            continue
        for start, zone, column in (
            (row["start_utc"], "UTC", "expected_next_utc"),
            (row["start2"], row["timezone2"], "expected_next2_debian_dst"),
        ):
            expected = [datetime.fromisoformat(text) for text in row[column].split()]
            after = datetime.fromisoformat(start).astimezone(UTC)
            instants = cron_instants(row["expression"], ZoneInfo(zone), after, after + HORIZON)
            if list(islice(instants, len(expected))) != [moment.astimezone(UTC) for moment in expected]:
                wrong.append((row["expression"], zone))

    assert wrong == []


# What Presstime decides otherwise than robfig/cron, and why.
OTHERWISE = {
    "robfig-next-20": "02:30 in the gap fires at its end, 03:00, instead of a year later",
    "robfig-next-22": "01:30 that comes twice fires at the first, not at the second again",
    "robfig-next-23": "30 February never comes: refused, instead of accepted and never fired",
    "robfig-next-24": "31 April never comes: as above",
    **{f"robfig-next-{number:02}": "has six fields, seconds among them" for number in range(7, 13)},
}


@pytest.mark.real_data
def test_the_cases_of_robfig_cron_pass_but_those_that_are_decided_otherwise() -> None:
    failed = set()
    for row in rows("robfig_cases.csv"):
        try:
            agrees = _agrees(row)
        except BadCron:
            agrees = False
        if not agrees:
            failed.add(row["case"])

    assert failed == OTHERWISE.keys()


def _agrees(row: dict[str, str]) -> bool:
    """A row asks whether a time matches, or for the first one after it."""
    zone = ZoneInfo(row["timezone"])
    moment = datetime.fromisoformat(row["time"])
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    line = row["standard_5field"] or row["expression"]
    if row["check"] == "match":
        found = list(cron_instants(line, zone, moment - timedelta(seconds=1), moment))
        return bool(found) == (row["expected"] == "true")
    first = next(cron_instants(line, zone, moment, moment + HORIZON))
    expected = datetime.fromisoformat(row["expected"])
    return first == (expected if expected.tzinfo else expected.replace(tzinfo=zone)).astimezone(UTC)

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.cron import HORIZON, BadCron, cron_instants, merged_instants, parse_cron
from tests.real_data import real_data

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
        ("61 * * * *", "bad minute"),
        ("* * * *", "has 4 fields, not 5"),
        ("0 0 * * * *", "has 6 fields, not 5"),
        ("", "has 0 fields, not 5"),
        ("0 0 30 2 *", "bad day-of-month"),
        ("0 6 * * MOO", "bad day-of-week"),
        ("@reboot", "names no time"),
        ("@never", "has 1 fields, not 5"),
    ],
)
def test_a_bad_line_is_refused_with_the_reason(line: str, reason: str) -> None:
    with pytest.raises(BadCron, match=reason) as caught:
        parse_cron(line)

    assert repr(line) in str(caught.value)


FIELDS = st.tuples(
    st.sampled_from(["0", "30", "15,45", "*", "*/20", "10-12", "0/25"]),
    st.sampled_from(["*", "0", "1", "2", "1,2,3", "*/6", "*/3", "23", "0-3"]),
    st.sampled_from(["*", "1", "8", "1,8,29", "*/7", "L"]),
    st.sampled_from(["*", "3", "11", "3,11"]),
    st.sampled_from(["*", "0", "1-5", "*/2", "7", "SUN#1"]),
)
CHANGES = [
    ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 31, 12, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 3, 12, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 2, 12, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 3, 12, tzinfo=UTC)),
    ("America/St_Johns", datetime(2010, 11, 6, 0, tzinfo=UTC)),
    ("America/St_Johns", datetime(2010, 3, 13, 0, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 10, 31, 0, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 29, 0, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 3, 7, 12, tzinfo=UTC)),
]


@settings(deadline=None, max_examples=60)
@given(FIELDS, st.sampled_from(CHANGES))
def test_every_instant_agrees_with_a_walk_over_all_minutes(
    fields: tuple[str, ...], change: tuple[str, datetime]
) -> None:
    zone, after = ZoneInfo(change[0]), change[1]
    until = after + timedelta(days=3)

    assert list(cron_instants(" ".join(fields), zone, after, until)) == list(
        oracle(fields, zone, after, until)
    )


def oracle(fields: tuple[str, ...], zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """Debian's rule by brute force: what local times pass, or are jumped over, from minute to minute."""
    starred = fields[0].startswith("*") or fields[1].startswith("*")
    seen: set[datetime] = set()
    instant = after - timedelta(days=2)
    before = instant.astimezone(zone).replace(tzinfo=None) - timedelta(minutes=1)
    while instant <= until:
        here = instant.astimezone(zone).replace(tzinfo=None)
        passed = {here}
        if not starred and here - before > timedelta(minutes=1):
            gap = int((here - before).total_seconds() // 60)
            passed |= {before + timedelta(minutes=n) for n in range(1, gap)}
        fresh = {moment for moment in passed if starred or moment not in seen}
        seen |= passed
        if instant > after and any(matches(fields, moment) for moment in fresh):
            yield instant
        before, instant = here, instant + timedelta(minutes=1)


def matches(fields: tuple[str, ...], moment: datetime) -> bool:
    minute, hour, day, month, weekday = fields
    months = {"*": set(range(1, 13)), "3": {3}, "11": {11}, "3,11": {3, 11}}[month]
    time_fits = moment.minute in numbers(minute, 60) and moment.hour in numbers(hour, 24)
    return time_fits and moment.month in months and day_fits(day, weekday, moment)


def numbers(field: str, top: int) -> set[int]:
    if "," in field:
        return {int(part) for part in field.split(",")}
    span, _, step = field.partition("/")
    low, _, high = span.partition("-")
    start = 0 if span == "*" else int(low)
    end = top - 1 if span == "*" or (step and not high) else int(high or low)
    return set(range(start, end + 1, int(step or 1)))


def day_fits(day: str, weekday: str, moment: datetime) -> bool:
    last = (moment + timedelta(days=1)).day == 1
    days = {"*": True, "*/7": (moment.day - 1) % 7 == 0, "L": last}
    by_day = days[day] if day in days else moment.day in numbers(day, 32)
    sunday = moment.weekday() == 6
    weekdays = {
        "*": True,
        "0": sunday,
        "7": sunday,
        "1-5": moment.weekday() < 5,
        "*/2": (moment.weekday() + 1) % 7 in {0, 2, 4, 6} or sunday,
        "SUN#1": sunday and moment.day <= 7,
    }
    either = not day.startswith("*") and not weekday.startswith("*")
    return (by_day or weekdays[weekday]) if either else (by_day and weekdays[weekday])


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

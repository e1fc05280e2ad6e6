"""Our walk against the brute-force one, where clocks change: in every zone, from 1990 to 2037."""

import random
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.timetables.cron import cron_instants
from tests.support.timetable_oracle import Line, walk

FIRST, LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2037, 12, 31, tzinfo=UTC)
STEP = timedelta(days=14)  # no zone changes its clocks there and back within that
CASES = 2_400
SHARES = 8
REACH = timedelta(hours=16)  # of a window around a change
TRIES = 6  # years in which a zone's change is looked for
MINUTES = ("0", "30", "*", "*/20", "15,45", "5-59/18", "59", "0/25", "*/7")
HOURS = ("*", "0", "1", "2", "3", "1-3", "*/2", "23", "0-23/5", "2,3,4", "22-23")
DAYS = ("*", "*", "*", "L", "1-31/2", "*/3", "1,15,L", "24-31")
MONTHS = ("*", "*", "*", "MAR-APR", "OCT,NOV", "*/2", "1-12")
WEEKDAYS = ("*", "*", "*", "SUN", "0,6", "1-5", "SUN#1", "7", "MON-SAT/2", "FRI#5")


@pytest.mark.parametrize("share", range(SHARES))
def test_instants_around_changes_of_clocks_are_those_of_a_walk_over_all_minutes(share: int) -> None:
    """The same cases each time; Lord Howe's change of half an hour is among them."""
    wrong = [
        case
        for case in cases()[share::SHARES]
        if list(cron_instants(case[0], ZoneInfo(case[1]), case[2], case[3]))
        != list(walk(case[0], ZoneInfo(case[1]), case[2], case[3]))
    ]

    assert wrong == []


def test_every_zone_is_among_the_cases() -> None:
    zones = {zone for _, zone, _, _ in cases()}

    assert zones == available_timezones()
    assert len(cases()) >= 2_000
    assert sum(zone == "Australia/Lord_Howe" for _, zone, _, _ in cases()) >= 3


@lru_cache
def cases() -> list[tuple[str, str, datetime, datetime]]:
    """Expression, zone, start and end: around a change of the zone's clocks, where one is found by chance."""
    chance = random.Random(20130101)  # the same cases each time
    names = sorted(available_timezones())
    found = []
    for number in range(max(CASES, len(names))):
        zone = names[number % len(names)]
        near = FIRST + chance.random() * (LAST - FIRST)
        for _ in range(TRIES):
            if changes := changes_in(zone, chance.randint(FIRST.year, LAST.year)):
                near = chance.choice(changes)
                break
        start = (near - chance.random() * REACH).replace(microsecond=0)
        line = " ".join(map(chance.choice, (MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS)))
        found.append((line, zone, start, start + REACH))
    return found


def changes_in(zone: str, year: int) -> list[datetime]:
    """When the zone's offset changes, to the minute."""
    place = ZoneInfo(zone)

    def offset(instant: datetime) -> timedelta | None:
        return instant.astimezone(place).utcoffset()

    found = []
    instant = datetime(year, 1, 1, tzinfo=UTC)
    while instant.year == year:
        low, high = instant, instant + STEP
        if offset(low) != offset(high):
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            found.append(high)
        instant += STEP
    return found


EXPRESSIONS = st.tuples(*map(st.sampled_from, (MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS))).map(" ".join)
ZONES = ("America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "America/Havana", "Pacific/Apia")
NEAR_CHANGES = st.sampled_from(
    [(zone, change) for zone in ZONES for year in range(2005, 2025) for change in changes_in(zone, year)]
)
LENGTHS = st.integers(0, 4 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@settings(max_examples=150)
@given(EXPRESSIONS, NEAR_CHANGES, LENGTHS, LENGTHS)
def test_instants_increase_match_their_fields_and_do_not_depend_on_the_stretch(
    expression: str, near: tuple[str, datetime], first: timedelta, second: timedelta
) -> None:
    zone, start = ZoneInfo(near[0]), near[1] - timedelta(hours=30)
    middle, end = start + first, start + first + second

    whole = list(cron_instants(expression, zone, start, end))

    assert whole == [
        *cron_instants(expression, zone, start, middle),
        *cron_instants(expression, zone, middle, end),
    ]
    assert all(one < other for one, other in pairwise(whole))
    line = Line.read(expression)
    for instant in whole:
        here = instant.astimezone(zone)
        assert line.matches(here.replace(tzinfo=None)) or is_end_of_gap(instant, zone)


def is_end_of_gap(instant: datetime, zone: ZoneInfo) -> bool:
    """The one documented case in which local time need not match."""
    before = (instant - timedelta(seconds=1)).astimezone(zone).utcoffset()
    after = instant.astimezone(zone).utcoffset()
    return before is not None and after is not None and after > before

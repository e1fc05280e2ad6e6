from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import Cron, Every, Once
from pipelines.timetables.calendars import Calendar, OnClosed
from pipelines.timetables.cron import cron_instants
from pipelines.timetables.kinds import BadSchedule, Schedule
from pipelines.timetables.occurrences import Occurrence, Timetable, offset_of

NEW_YORK = "America/New_York"
JULY = datetime(2026, 7, 1, tzinfo=UTC)


def seen(schedule: Schedule, start: datetime, days: int, zone: str = NEW_YORK) -> list[str]:
    """Local times, those that are left out in brackets, those that were moved with their old weekday."""
    found = []
    for one in Timetable(schedule, zone).occurrences(start, start + timedelta(days=days)):
        text = f"{one.instant.astimezone(ZoneInfo(zone)):%a %d %H:%M}"
        if one.moved_from is not None:
            text += f" from {one.moved_from.astimezone(ZoneInfo(zone)):%a}"
        found.append(text if one.fires else f"({text} {one.closed})")
    return found


def test_a_closed_day_is_left_out_and_says_why() -> None:
    daily = Cron("0 6 * * *", name="daily", calendar=Calendar(country="US"))

    assert seen(daily, JULY, 6) == [
        "Wed 01 06:00",
        "Thu 02 06:00",
        "(Fri 03 06:00 Independence Day (observed))",
        "(Sat 04 06:00 Independence Day)",
        "(Sun 05 06:00 Sunday)",
        "Mon 06 06:00",
    ]


def test_what_is_moved_onto_one_instant_is_one() -> None:
    """Three closed days are moved to a Monday that has its own."""
    daily = Cron("0 6 * * *", name="daily", calendar=Calendar(country="US", on_closed="next"))

    assert seen(daily, JULY, 6) == ["Wed 01 06:00", "Thu 02 06:00", "Mon 06 06:00"]


def test_a_moved_instant_keeps_its_time_of_day_and_its_order() -> None:
    twice = Cron(("0 18 * * SAT", "0 9 * * SUN"), name="twice", calendar=Calendar(on_closed="next"))

    assert seen(twice, JULY, 6) == ["Mon 06 09:00 from Sun", "Mon 06 18:00 from Sat"]


def test_the_last_business_day_of_the_month() -> None:
    """The last of January, February and May 2026 are a Saturday, a Saturday and a Sunday."""
    monthly = Cron("0 18 L * *", name="monthly", calendar=Calendar(on_closed="previous"))

    found = Timetable(monthly, NEW_YORK).following(datetime(2026, 1, 1, tzinfo=UTC))

    days = [next(found).instant.astimezone(ZoneInfo(NEW_YORK)).date() for _ in range(6)]
    assert days == [
        date(2026, 1, 30),
        date(2026, 2, 27),
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 29),
        date(2026, 6, 30),
    ]


def test_a_moved_time_that_the_clocks_jump_over_fires_at_the_end_of_the_gap() -> None:
    """Clocks change on Sunday 8 March; here Saturdays are closed, and Sundays are not."""
    calendar = Calendar(weekend=("sat",), on_closed="next")
    night = Cron("30 2 * * SAT", name="night", calendar=calendar)

    assert seen(night, datetime(2026, 3, 7, tzinfo=UTC), 3) == ["Sun 08 03:00 from Sat"]


def test_the_start_is_included_and_the_end_is_not() -> None:
    bounded = Cron(
        "0 6 * * *",
        name="bounded",
        starts=datetime(2026, 7, 2, 6, tzinfo=ZoneInfo(NEW_YORK)),
        ends=datetime(2026, 7, 4, 6, tzinfo=ZoneInfo(NEW_YORK)),
    )

    assert seen(bounded, JULY, 30) == ["Thu 02 06:00", "Fri 03 06:00"]
    assert Timetable(bounded, NEW_YORK).next(datetime(2026, 7, 4, tzinfo=UTC)) is None


def test_a_calendar_goes_with_every_and_once_too() -> None:
    every = Every(timedelta(days=1), name="every", calendar=Calendar(weekend=("wed",)))
    once = Once(datetime(2026, 7, 4, 12, tzinfo=UTC), name="once", calendar=Calendar(on_closed="next"))

    assert seen(every, JULY, 2, "UTC") == ["Thu 02 00:00", "Fri 03 00:00"]
    assert seen(once, JULY, 9, "UTC") == ["Mon 06 12:00 from Sat"]


def test_a_schedule_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(BadSchedule, match=r"schedule 'odd': interval .* is shorter than one second"):
        Timetable(Every(timedelta(0), name="odd"), "UTC").occurrences(JULY, JULY)


def test_jitter_is_a_part_of_it_and_always_the_same() -> None:
    hour = timedelta(hours=1)
    offsets = [offset_of(f"sales/{number}", hour) for number in range(200)]

    assert offsets == [offset_of(f"sales/{number}", hour) for number in range(200)]
    assert all(timedelta() <= offset < hour for offset in offsets)
    quarters = [sum(offset // (hour / 4) == part for offset in offsets) for part in range(4)]
    assert min(quarters) > 30, quarters
    assert offset_of("sales/daily", None) == timedelta()


def test_the_alarm_rings_after_the_instant_by_its_offset() -> None:
    timetable = Timetable(Cron("0 6 * * *", name="daily"), "UTC", offset=timedelta(minutes=7))

    assert timetable.rings(JULY) == JULY.replace(hour=6, minute=7)


CALENDARS = st.builds(
    Calendar,
    country=st.sampled_from([None, "US", "DE"]),
    weekend=st.sampled_from([(), ("sat", "sun"), ("fri", "sat"), ("mon",)]),
    dates=st.sampled_from([(), (date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 31))]),
    on_closed=st.sampled_from(["skip", "next", "previous"]),
)
LINES = st.sampled_from(
    [
        "0 6 * * *",
        "0 18 L * *",
        "*/30 * * * *",
        "30 2 * * 0,6",
        "15 1,23 1,15 * *",
        "0 */6 * * 5-7",
        "59 23 * * *",
    ]
)
STARTS = st.integers(0, 50 * 24 * 60).map(
    lambda minutes: datetime(2026, 2, 20, tzinfo=UTC) + timedelta(minutes=minutes)
)
LENGTHS = st.integers(0, 20 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@settings(max_examples=150)
@given(LINES, CALENDARS, STARTS, LENGTHS, LENGTHS)
def test_two_stretches_give_what_one_gives_in_order_and_none_twice(
    line: str, calendar: Calendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    timetable = Timetable(Cron(line, name="any", calendar=calendar), NEW_YORK)
    middle, end = start + first, start + first + second

    whole = list(timetable.occurrences(start, end))

    assert [*timetable.occurrences(start, middle), *timetable.occurrences(middle, end)] == whole
    instants = [one.instant for one in whole]
    assert all(one < other for one, other in pairwise(instants))
    assert all(start < instant <= end for instant in instants)


@settings(max_examples=100)
@given(LINES, CALENDARS, STARTS, LENGTHS)
def test_moves_agree_with_a_walk_over_all_days(
    line: str, calendar: Calendar, start: datetime, length: timedelta
) -> None:
    """Every instant of three months is moved by itself, and what lands in the stretch is kept."""
    zone = ZoneInfo(NEW_YORK)
    far = timedelta(days=45)
    found = Timetable(Cron(line, name="any", calendar=calendar), NEW_YORK).occurrences(start, start + length)

    expected = set()
    for instant in cron_instants(line, zone, start - far, start + length + far):
        landed = _landed(calendar, calendar.on_closed, instant.astimezone(zone))
        if landed is not None and start < landed <= start + length:
            expected.add(landed)
    assert {one.instant for one in found if one.fires} == expected


def _landed(calendar: Calendar, direction: OnClosed, local: datetime) -> datetime | None:
    """By wall clock, an hour or two too far where clocks change: no line above falls into a gap on its way."""
    day = local.date()
    if calendar.closed(day) is None:
        return local.astimezone(UTC)
    if direction == "skip":
        return None
    while calendar.closed(day) is not None:
        day += timedelta(days=1 if direction == "next" else -1)
    moved = datetime.combine(day, local.time(), tzinfo=local.tzinfo)
    back = moved.astimezone(UTC).astimezone(local.tzinfo)
    if back.replace(tzinfo=None) != moved.replace(tzinfo=None):  # in the gap of 8 March: at its end
        return datetime(2026, 3, 8, 7, tzinfo=UTC)
    return moved.astimezone(UTC)


def test_an_occurrence_that_is_left_out_does_not_fire() -> None:
    assert Occurrence(JULY).fires
    assert not Occurrence(JULY, closed="Sunday").fires
    assert Occurrence(JULY, closed="Sunday", moved_from=JULY - timedelta(days=1)).fires

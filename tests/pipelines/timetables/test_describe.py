from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pipelines import Cron, Every, Once
from pipelines.timetables.calendars import Calendar
from pipelines.timetables.describe import describe, spoken_duration
from pipelines.timetables.kinds import Schedule
from pipelines.timetables.occurrences import Timetable
from pipelines.timetables.simulate import simulate

NEW_YORK = "America/New_York"
NEW_YEAR = datetime(2026, 1, 1, tzinfo=ZoneInfo(NEW_YORK))


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Cron("0 6 1 * *", name="a"), "At 06:00 on the first day of every month, New York time"),
        (
            Cron("*/15 9-17 * * MON-FRI", name="a", timezone="UTC"),
            "Every 15th minute from 09:00 through 17:59 on Monday through Friday, UTC",
        ),
        (Cron(("0 6 * * *", "@weekly"), name="a"), "At 06:00 every day; at 00:00 on Sunday, New York time"),
        (
            Cron("0 6 * * *", name="a", calendar=Calendar(country="US", region="NY")),
            "At 06:00 every day, New York time, not on Saturdays, Sundays and public holidays of US-NY",
        ),
        (
            Cron(
                "0 18 L * *", name="a", calendar=Calendar(on_closed="previous", dates=(date(2026, 12, 24),))
            ),
            "At 18:00 on the last day of every month, New York time, moved from Saturdays, Sundays and 1 date of "
            "its own to the open day before",
        ),
        (Every(timedelta(minutes=90), name="a"), "Every 90 minutes"),
        (
            Every(timedelta(hours=1), name="a", anchor=datetime(2026, 1, 1, 5, 7, tzinfo=UTC)),
            "Every hour, counted from Thursday 2026-01-01 00:07",
        ),
        (
            Once(datetime(2026, 7, 4, 16, tzinfo=UTC), name="a"),
            "Once, at Saturday 2026-07-04 12:00 New York time",
        ),
        (
            Cron(
                "@daily",
                name="a",
                starts=NEW_YEAR,
                ends=NEW_YEAR.replace(year=2027),
            ),
            "At 00:00 every day, New York time, from Thursday 2026-01-01 00:00, until Friday 2027-01-01 00:00",
        ),
    ],
)
def test_a_schedule_is_described_in_plain_words(schedule: Schedule, words: str) -> None:
    assert describe(Timetable(schedule, NEW_YORK)) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(days=14), "2 weeks"),
        (timedelta(days=10), "10 days"),
        (timedelta(milliseconds=1500), "1.5 seconds"),
    ],
)
def test_durations_are_spoken_in_their_largest_whole_unit(length: timedelta, words: str) -> None:
    assert spoken_duration(length) == words


def told(schedule: Schedule, start: datetime, count: int) -> dict[str, str]:
    """Remarks by local time."""
    planned = simulate(Timetable(schedule, NEW_YORK), start, count)
    return {f"{one.local:%d %H:%M%z}": "; ".join(one.oddities) for one in planned}


def test_a_time_that_clocks_jump_over_is_told() -> None:
    found = told(Cron("15,30 2 * * *", name="night"), datetime(2026, 3, 7, 12, tzinfo=UTC), 2)

    assert found == {
        "08 03:00-0400": "02:15, 02:30 does not exist on 2026-03-08: clocks go from 02:00 to 03:00",
        "09 02:15-0400": "",
    }


def test_a_line_that_follows_the_clock_misses_nothing_in_a_gap() -> None:
    found = told(Cron("0 * * * *", name="hourly"), datetime(2026, 3, 8, 6, 30, tzinfo=UTC), 2)

    assert found == {"08 03:00-0400": "", "08 04:00-0400": ""}


def test_a_time_that_comes_twice_is_told() -> None:
    nightly = told(Cron("30 1 * * *", name="nightly"), datetime(2026, 11, 1, tzinfo=UTC), 2)
    hourly = told(Cron("30 * * * *", name="hourly"), datetime(2026, 11, 1, 5, tzinfo=UTC), 3)

    twice = "01:30 comes twice on 2026-11-01: clocks go back; this is the"
    assert nightly == {"01 01:30-0400": f"{twice} first", "02 01:30-0500": ""}
    assert hourly == {
        "01 01:30-0400": f"{twice} first",
        "01 01:30-0500": f"{twice} second",
        "01 02:30-0500": "",
    }


def test_closed_days_and_moves_are_told_and_not_counted() -> None:
    calendar = Calendar(country="US")
    skipped = told(
        Cron("0 6 * * *", name="daily", calendar=calendar), datetime(2026, 7, 2, 12, tzinfo=UTC), 1
    )
    moved = told(
        Cron("0 6 4 * *", name="monthly", calendar=Calendar(country="US", on_closed="next")),
        datetime(2026, 7, 2, tzinfo=UTC),
        1,
    )

    assert skipped == {
        "03 06:00-0400": "left out: Independence Day (observed)",
        "04 06:00-0400": "left out: Independence Day",
        "05 06:00-0400": "left out: Sunday",
        "06 06:00-0400": "",
    }
    assert moved == {"06 06:00-0400": "moved from Saturday 2026-07-04 06:00: Independence Day"}


def test_a_schedule_of_which_nothing_is_left_ends() -> None:
    never = Cron("0 6 * * SAT", name="never", calendar=Calendar())

    planned = list(simulate(Timetable(never, NEW_YORK), datetime(2026, 1, 1, tzinfo=UTC), 5))

    assert len(planned) > 100
    assert not any(one.fires for one in planned)


def test_each_instant_says_on_what_it_reports() -> None:
    monthly = Cron("0 6 1 * *", name="monthly")

    planned = simulate(Timetable(monthly, NEW_YORK), datetime(2026, 1, 15, tzinfo=UTC), 2, "month")

    assert [str(one.interval) for one in planned] == ["2026-01", "2026-02"]

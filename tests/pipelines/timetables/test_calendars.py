from datetime import date
from pathlib import Path

import pytest

from pipelines.timetables.calendars import BadCalendar, Calendar, read_dates

FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 7, day) for day in (3, 4, 5, 6))


def test_weekends_are_closed_unless_said_otherwise() -> None:
    assert [Calendar().closed(day) for day in (FRIDAY, SATURDAY, SUNDAY, MONDAY)] == [
        None,
        "Saturday",
        "Sunday",
        None,
    ]
    assert Calendar(weekend=("fri", "sat")).closed(FRIDAY) == "Friday"
    assert Calendar(weekend=()).closed(SUNDAY) is None


def test_public_holidays_are_closed_by_name_and_on_the_day_on_which_they_are_observed() -> None:
    """The fourth of July 2026 is a Saturday."""
    calendar = Calendar(country="US")

    assert calendar.closed(SATURDAY) == "Independence Day"
    assert calendar.closed(FRIDAY) == "Independence Day (observed)"
    assert calendar.closed(MONDAY) is None


def test_a_region_has_holidays_of_its_own() -> None:
    epiphany = date(2026, 1, 6)

    assert Calendar(country="DE").closed(epiphany) is None
    assert Calendar(country="DE", region="BY").closed(epiphany) == "Epiphany"


@pytest.mark.parametrize(
    ("on_closed", "expected"), [("next", MONDAY), ("previous", date(2026, 7, 2)), ("skip", None)]
)
def test_the_nearest_open_day(on_closed: str, expected: date | None) -> None:
    calendar = Calendar(country="US", on_closed=on_closed)  # type: ignore[arg-type] # one of three words

    if expected is not None:
        assert calendar.shifted(SATURDAY) == expected
    assert calendar.shifted(MONDAY) == MONDAY


def test_nothing_is_shifted_farther_than_a_month() -> None:
    closed = tuple(date(2026, month, day) for month, days in ((7, 31), (8, 31)) for day in range(1, days + 1))

    assert Calendar(dates=closed, on_closed="next").shifted(date(2026, 7, 1)) is None
    assert Calendar(dates=closed, on_closed="next").shifted(date(2026, 8, 20)) == date(2026, 9, 1)


def test_dates_come_from_a_file_with_remarks(tmp_path: Path) -> None:
    file = tmp_path / "closed.csv"
    file.write_text('# closed days\n2026-12-24,Christmas Eve\n\n2026-12-31\n"2026-01-02";bridge day\n')

    assert read_dates(file) == (date(2026, 1, 2), date(2026, 12, 24), date(2026, 12, 31))
    assert (
        Calendar(weekend=(), dates=read_dates(file)).closed(date(2026, 12, 24))
        == "closed by a date of its own"
    )


def test_a_line_that_is_no_date_is_named(tmp_path: Path) -> None:
    file = tmp_path / "closed.txt"
    file.write_text("2026-12-24\n24.12.2026\n")

    with pytest.raises(BadCalendar, match=r"closed\.txt, line 2: '24\.12\.2026' is no date like 2026-12-24"):
        read_dates(file)
    with pytest.raises(BadCalendar, match="No such file"):
        read_dates(tmp_path / "absent.txt")


@pytest.mark.parametrize(
    ("calendar", "problem"),
    [
        (Calendar(country="XX"), "country='XX', which is not an ISO 3166 code"),
        (Calendar(country="US", region="Bavaria"), "region='Bavaria', which US does not have; known are AK"),
        (Calendar(region="NY"), "region='NY' and no country="),
        (Calendar(weekend=("mon", "tue", "wed", "thu", "fri", "sat", "sun")), "closes every day of the week"),
        (Calendar(weekend=("Sunday",)), "weekend='Sunday', which is not one of mon, tue"),  # type: ignore[arg-type] # by authors without a type checker
        (Calendar(on_closed="move"), "on_closed='move', which is not one of skip, next, previous"),  # type: ignore[arg-type] # as above
    ],
)
def test_what_is_wrong_with_a_calendar_is_said(calendar: Calendar, problem: str) -> None:
    assert problem in " ".join(calendar.problems())

"""Periods in words."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from reports.periods import period_words

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("first", "after", "words"),
    [
        ("2013-01-01", "2014-01-01", "2013"),
        ("2012-01-01", "2014-01-01", "2012 to 2013"),
        ("2013-01-01", "2013-04-01", "January to March 2013"),
        ("2012-12-01", "2013-02-01", "December 2012 to January 2013"),
        ("2013-03-01", "2013-04-01", "March 2013"),
        ("2013-01-28", "2013-02-04", "28 January to 3 February 2013"),
        ("2013-02-04", "2013-02-11", "4 to 10 February 2013"),
        ("2012-12-31", "2013-01-07", "31 December 2012 to 6 January 2013"),
        ("2013-01-05", "2013-01-06", "5 January 2013"),
        ("2013-01-05T06:00", "2013-01-05T07:00", "5 January 2013, 06:00 to 07:00 (Europe/Berlin)"),
        ("2013-01-05T23:00", "2013-01-06", "5 January 2013, 23:00 to 6 January 2013, 00:00 (Europe/Berlin)"),
    ],
)
def test_a_period_is_said_as_people_say_it(first: str, after: str, words: str) -> None:
    start, end = (datetime.fromisoformat(text).replace(tzinfo=BERLIN) for text in (first, after))
    assert period_words(start, end, "Europe/Berlin") == words


def test_it_is_the_period_of_its_own_zone() -> None:
    start, end = (datetime(2013, month, 1, tzinfo=BERLIN) for month in (1, 2))
    words = period_words(start.astimezone(ZoneInfo("UTC")), end.astimezone(ZoneInfo("UTC")), "Europe/Berlin")
    assert words == "January 2013"


def test_the_two_hours_that_clocks_show_as_one_are_told_apart() -> None:
    start = datetime(2026, 10, 25, 2, tzinfo=BERLIN)
    after = start.replace(fold=1)
    assert period_words(start, after, "Europe/Berlin") == (
        "25 October 2026, 02:00 CEST to 02:00 CET (Europe/Berlin)"
    )

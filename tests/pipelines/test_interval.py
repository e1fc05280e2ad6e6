from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.interval import PERIODS, BadInterval, Period, interval_for, parse_interval

NEW_YORK = "America/New_York"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type] # year, month, day and so on


@pytest.mark.parametrize(
    ("period", "before", "label"),
    [
        ("year", utc(2014, 1, 1, 5), "2013"),
        ("year", utc(2014, 1, 1, 4, 59), "2012"),
        ("quarter", utc(2013, 5, 20), "2013-Q1"),
        ("month", utc(2013, 2, 1, 11), "2013-01"),
        ("week", utc(2013, 2, 4, 5), "2013-W05"),
        ("week", utc(2021, 1, 5), "2020-W53"),
        ("day", utc(2013, 1, 6, 5), "2013-01-05"),
        ("hour", utc(2013, 1, 5, 12, 59, 59), "2013-01-05T06"),
    ],
)
def test_an_interval_is_the_last_whole_period_that_ended(
    period: Period, before: datetime, label: str
) -> None:
    assert interval_for(period, NEW_YORK, before).label == label


def test_a_month_across_the_spring_change_starts_and_ends_at_midnight_of_its_zone() -> None:
    march = interval_for("month", NEW_YORK, utc(2026, 4, 10))

    assert march.start == utc(2026, 3, 1, 5)
    assert march.end == utc(2026, 4, 1, 4)
    assert len(march.days) == 31


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25)])
def test_a_day_on_which_clocks_change_is_shorter_or_longer(day: str, hours: int) -> None:
    interval = parse_interval(day, "day", NEW_YORK)

    assert interval.end.astimezone(UTC) - interval.start.astimezone(UTC) == timedelta(hours=hours)
    assert interval.days == [date.fromisoformat(day)]


def test_a_day_whose_midnight_is_skipped_starts_at_the_end_of_the_gap() -> None:
    day = parse_interval("2018-11-04", "day", "America/Sao_Paulo")

    assert day.start.hour == 1
    assert day.label == "2018-11-04"


def test_the_hour_that_occurs_twice_is_two_intervals_with_different_labels() -> None:
    labels = [interval_for("hour", NEW_YORK, utc(2013, 11, 3, hour, 5)).label for hour in (5, 6, 7, 8)]

    assert labels == ["2013-11-03T00", "2013-11-03T01-0400", "2013-11-03T01-0500", "2013-11-03T02"]
    assert [parse_interval(label, "hour", NEW_YORK).label for label in labels] == labels


def test_an_instant_of_the_first_of_two_equal_hours_is_not_in_the_second() -> None:
    second = parse_interval("2013-11-03T01-0500", "hour", NEW_YORK)
    zone = ZoneInfo(NEW_YORK)

    assert datetime(2013, 11, 3, 1, 30, tzinfo=zone, fold=1) in second
    assert datetime(2013, 11, 3, 1, 30, tzinfo=zone, fold=0) not in second


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2013", "2013"),
        ("2013-Q1", "2013-Q1"),
        ("2013-01", "2013-01"),
        ("2013-W05", "2013-W05"),
        ("2013-01-05", "2013-01-05"),
        ("2013-01-05T06", "2013-01-05T06"),
        (" 2013-01 ", "2013-01"),
        ("2013-01-01/2013-02-01", "2013-01"),
        ("2013-01/2013-03", "2013-01-01--2013-03-01"),
        ("2013-01-05T06:30/2013-01-06", "2013-01-05T0630--2013-01-06"),
        ("2013-01-05T00:00Z/2013-01-06", "2013-01-04T1900--2013-01-06"),
    ],
)
def test_an_interval_is_named_by_hand_in_the_zone_of_the_pipeline(text: str, label: str) -> None:
    interval = parse_interval(text, "month", NEW_YORK)

    assert interval.label == label
    assert interval.zone == NEW_YORK
    assert "/" not in interval.label


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not one of"),
        ("Januar", "is not one of"),
        ("2013-13", "is not one of"),
        ("2013-W54", "is not one of"),
        ("2013-02-30", "is not one of"),
        ("2013-01-05T25", "is not one of"),
        ("9999", "is not one of"),
        ("2013-02/2013-01", "ends before it starts"),
        ("2013-02/2013-02", "is empty"),
        ("2013-01-05T06:30", "is empty"),
    ],
)
def test_a_text_that_names_no_period_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadInterval, match=reason) as caught:
        parse_interval(text, "month", NEW_YORK)

    assert repr(text) in str(caught.value)


def test_a_pipeline_without_a_period_takes_no_interval() -> None:
    with pytest.raises(BadInterval, match="without a period"):
        parse_interval("2013", None, NEW_YORK)


@given(
    st.sampled_from(PERIODS),
    st.sampled_from(
        [NEW_YORK, "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "America/Havana", "UTC"]
    ),
    st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1)),  # noqa: DTZ001 # hypothesis adds UTC below
)
def test_whole_periods_follow_each_other_and_their_labels_read_back(
    period: Period, zone: str, moment: datetime
) -> None:
    before = moment.replace(tzinfo=UTC)
    last = interval_for(period, zone, before)
    following = interval_for(period, zone, last.end.astimezone(UTC) + timedelta(days=400))
    earlier = interval_for(period, zone, last.start)

    assert last.end.astimezone(UTC) <= before
    assert last.start.astimezone(UTC) < last.end.astimezone(UTC)
    assert earlier.end.astimezone(UTC) == last.start.astimezone(UTC)
    assert following.start.astimezone(UTC) >= last.end.astimezone(UTC)
    assert parse_interval(last.label, period, zone) == last

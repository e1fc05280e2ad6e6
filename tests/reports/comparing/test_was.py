"""A value that stood in a cell before is told as the cell showed it."""
# ruff: noqa: DTZ001 # Excel's datetimes are naive

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from reports import Column, Formula
from reports.comparing.columns import ListedColumn

MOMENT = datetime(2026, 11, 2, 6, 5, 9)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (4171, "#,##0", "4,171"),
        (-4171.5, "#,##0.00", "-4,171.50"),
        (0.615, "0.0%", "61.5%"),
        (Decimal(1250), "#,##0.00 [$EUR]", "1,250.00 EUR"),
        (10**20, "#,##0", "100,000,000,000,000,000,000"),
        (float("inf"), "#,##0", "\N{INFINITY}"),
        (True, "General", "TRUE"),
        (date(2026, 11, 2), "yyyy-mm-dd", "2026-11-02"),
        (date(2026, 11, 2), "dd.mm.yy", "02.11.26"),
        (date(2026, 11, 2), "d mmmm yyyy", "2 November 2026"),
        (MOMENT, "yyyy-mm-dd hh:mm:ss", "2026-11-02 06:05:09"),
        (MOMENT, 'h:mm "o\'clock"', "6:05 o'clock"),
        (date(1, 1, 1), "yyyy-mm-dd", "0001-01-01"),
        (time(6, 5), "hh:mm:ss", "06:05:00"),
        (timedelta(hours=30, minutes=5), "[h]:mm:ss", "30:05:00"),
        (timedelta(minutes=-5), "[h]:mm:ss", "-0:05:00"),
        ("text", "General", "text"),
        ("\x1b", "General", "\\x1b"),
        ("x" * 400, "General", "x" * 300 + "..."),
        (2.5, "0", "3"),
        (-3, "#,##0;(#,##0)", "(3)"),
        (-1234.5, "_(#,##0.00_);(#,##0.00)", "(1,234.50)"),
        (timedelta(hours=30, minutes=5), "[h]:mm", "30:05"),
        (time(18, 5), "hh:mm AM/PM", "06:05 PM"),
        (None, "#,##0", "blank"),
        ("", "General", "blank"),
        (Formula("B2*2", 4), "General", "=B2*2 (4)"),
    ],
)
def test_a_value_is_shown_as_its_format_says(value: object, code: str, text: str) -> None:
    assert ListedColumn("c", "c", Column(format=code)).was(value) == f"was {text}"


def test_an_instant_is_shown_in_the_columns_zone() -> None:
    column = ListedColumn("c", "c", Column(format="yyyy-mm-dd hh:mm"), ZoneInfo("Asia/Tokyo"))
    assert column.was(MOMENT.replace(tzinfo=UTC)) == "was 2026-11-02 15:05"

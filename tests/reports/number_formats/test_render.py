"""A value is shown on a page as a spreadsheet shows it under the same format code."""
# ruff: noqa: DTZ001 # moments without a zone, as cells have them

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from reports.number_formats.formats import NAMED
from reports.number_formats.render import can_show, shown


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1234.5, "#,##0.00", "1,234.50"),
        (-1234.565, "#,##0.00", "-1,234.57"),
        (2.5, "0", "3"),  # half up, not to even
        (-0.001, "0.00", "0.00"),
        (0.745, "0.0%", "74.5%"),
        (1234567, "#,##0,", "1,235"),
        (1234567, '0.0,,"M"', "1.2M"),
        (1234, "#,##0 [$EUR]", "1,234 EUR"),
        (5, "[$€-407]0.00", "€5.00"),
        (-5, "#,##0;(#,##0)", "(5)"),
        (0, '0;-0;"none"', "none"),
        (150, '[<100]0;[<1000]"big "0;"huge"', "big 150"),
        (12345, "0.00E+00", "1.23E+04"),
        (9.996, "0.00E+00", "1.00E+01"),
        (5, "000", "005"),
        (1.5, "0.0##", "1.5"),
        (0.5, "[Red]0.0%", "50.0%"),
        (Decimal("123456789012345678901234.50"), "#,##0.00", "123,456,789,012,345,678,901,234.50"),
        (2**60 + 1, "#,##0", "1,152,921,504,606,846,977"),
    ],
)
def test_a_number_is_shown_under_its_code(value: float, code: str, text: str) -> None:
    assert shown(value, code) == text


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (date(2026, 11, 2), "yyyy-mm-dd", "2026-11-02"),
        (date(850, 1, 2), "yyyy-mm-dd", "0850-01-02"),
        (datetime(2026, 11, 2, 15, 4, 59, 600_000), "yyyy-mm-dd hh:mm:ss", "2026-11-02 15:05:00"),
        (datetime(2026, 11, 2, 15, 4, 59, 600_000), "hh:mm:ss.0", "15:04:59.6"),
        (datetime(2026, 11, 2, 0, 4), "d mmm yyyy h:mm AM/PM", "2 Nov 2026 12:04 AM"),
        (datetime(2026, 11, 2), "dddd, d mmmm", "Monday, 2 November"),
        (time(6, 30), "hh:mm:ss", "06:30:00"),
        (timedelta(hours=30, minutes=5), "[h]:mm:ss", "30:05:00"),
        (-timedelta(seconds=90), "[h]:mm:ss", "-0:01:30"),
        (timedelta(minutes=90), "[mm]:ss", "90:00"),
        (41000.5, "yyyy-mm-dd hh:mm", "2012-04-01 12:00"),
        (date(2012, 4, 1), "0", "41000"),
    ],
)
def test_a_moment_is_shown_under_its_code(value: object, code: str, text: str) -> None:
    assert shown(value, code) == text


def test_without_a_format_a_number_is_short_and_a_missing_one_is_nothing() -> None:
    assert [shown(value) for value in (1 / 3, 5, 0.00012, 1e12, None, float("nan"))] == [
        "0.333333333",
        "5",
        "0.00012",
        "1E+12",
        "",
        "",
    ]
    assert [shown(value, "0.0") for value in (float("inf"), -float("inf"))] == ["∞", "-∞"]
    assert [shown(value, '"TRUE";"TRUE";"FALSE"') for value in (True, False)] == ["TRUE", "FALSE"]


def test_text_is_shown_as_it_is_but_for_control_characters() -> None:
    assert shown("=1\nx <b>", "#,##0") == "=1\nx <b>"
    assert shown("a\x1bb") == "a\\x1bb"
    assert shown("x", '0;0;0;"<"@">"') == "<x>"


def test_a_code_that_means_nothing_is_found_and_its_numbers_are_plain() -> None:
    for code in ("0.0.0", "E+0", "0E+"):
        assert not can_show(code)
        assert shown(1.5, code) == "1.5"
    assert all(can_show(code) for code in (*NAMED.values(), "# ?/?", "##0.0E+0"))

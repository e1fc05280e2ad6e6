"""Formats follow from kinds, and from values only where a kind alone would mislead."""

import pytest

from reports.formats import Kind, format_code, inferred_format, shown_number


@pytest.mark.parametrize(
    ("kind", "texts", "code"),
    [
        (Kind.INTEGER, ["1"], "#,##0"),
        (Kind.FLOAT, ["1.5", "2.0"], "#,##0.00"),
        (Kind.FLOAT, ["1.0", "2.0"], "#,##0"),
        (Kind.FLOAT, ["0.0012"], "General"),
        (Kind.FLOAT, [], "#,##0.00"),
        (Kind.FLOAT, ["1e+300"], "#,##0.00"),
        (Kind.DECIMAL, ["1.10", "2"], "#,##0.00"),
        (Kind.DECIMAL, ["3"], "#,##0"),
        (Kind.DATE, ["41275"], "yyyy-mm-dd"),
        (Kind.DATETIME, ["41275.5"], "yyyy-mm-dd hh:mm"),
        (Kind.DATETIME, ["41275.50001"], "yyyy-mm-dd hh:mm:ss"),
        (Kind.DURATION, ["1.5"], "[h]:mm:ss"),
        (Kind.BOOLEAN, ["1"], "General"),
        (Kind.TEXT, ["a"], "General"),
    ],
)
def test_a_column_without_a_format_gets_the_one_of_its_kind(kind: Kind, texts: list[str], code: str) -> None:
    assert inferred_format(kind, texts) == code


def test_a_format_may_be_a_name_or_a_code() -> None:
    assert format_code("percent") == "0.0%"
    assert format_code('#,##0 "min"') == '#,##0 "min"'
    assert format_code("yyyy") == "yyyy"


@pytest.mark.parametrize(
    ("text", "code", "shown"),
    [
        ("0.773", "0.0%", "77.3%"),
        ("1234567", "#,##0", "1,234,567"),
        ("-4.5", "#,##0.00;[Red]-#,##0.00", "-4.50"),
        ("90", '#,##0 "min"', "90 min"),
        ("41275", "yyyy-mm-dd", "yyyy-mm-dd"),
    ],
)
def test_a_number_is_measured_as_excel_shows_it(text: str, code: str, shown: str) -> None:
    assert shown_number(text, code) == shown

"""Formats follow from kinds, and from values only where a kind alone would mislead."""

import pytest

from reports.errors import BadColumn
from reports.number_formats.currencies import currency_code
from reports.number_formats.formats import Facts, Kind, chosen_code, format_code, given_code, inferred_format


@pytest.mark.parametrize(
    ("kind", "facts", "code"),
    [
        (Kind.INTEGER, Facts(1, 1, 1), "#,##0"),
        (Kind.FLOAT, Facts(2, 1.5, 2, whole=False), "#,##0.00"),
        (Kind.FLOAT, Facts(2, 1, 2), "#,##0"),
        (Kind.FLOAT, Facts(1, 0.0012, 0.0012, whole=False), "General"),
        (Kind.FLOAT, Facts(), "#,##0.00"),
        (Kind.DECIMAL, Facts(2, 1.1, 2, decimals=2), "#,##0.00"),
        (Kind.DECIMAL, Facts(1, 3, 3), "#,##0"),
        (Kind.DATE, Facts(1), "yyyy-mm-dd"),
        (Kind.DATETIME, Facts(1), "yyyy-mm-dd hh:mm"),
        (Kind.DATETIME, Facts(1, seconds=True), "yyyy-mm-dd hh:mm:ss"),
        (Kind.DURATION, Facts(1), "[h]:mm:ss"),
        (Kind.BOOLEAN, Facts(1), '"TRUE";"TRUE";"FALSE"'),
        (Kind.TEXT, Facts(1), "General"),
    ],
)
def test_a_column_without_a_format_gets_the_one_of_its_kind(kind: Kind, facts: Facts, code: str) -> None:
    assert inferred_format(kind, facts) == code


@pytest.mark.parametrize(
    ("name", "kind", "largest", "code"),
    [
        ("share_on_time", Kind.FLOAT, 0.77, "0.0%"),
        ("Market share", Kind.DECIMAL, 1, "0.0%"),
        ("percent", Kind.FLOAT, 45.3, "#,##0.00"),  # per cent already, not a share of one
        ("shares", Kind.FLOAT, 0.5, "#,##0.00"),
        ("share", Kind.INTEGER, 1, "#,##0"),
        ("revenue_usd", Kind.FLOAT, 12.5, "#,##0.00 [$USD]"),
        ("Price (EUR)", Kind.FLOAT, 12.5, "#,##0.00 [$EUR]"),
        ("cost_jpy", Kind.INTEGER, 1200, "#,##0 [$JPY]"),
        ("EUR", Kind.FLOAT, 1.1036, "#,##0.00"),  # an exchange rate, more often than an amount
        ("rate_usd", Kind.FLOAT, 1.1036, "#,##0.00"),
        ("please_try", Kind.FLOAT, 1.5, "#,##0.00"),
    ],
)
def test_a_name_says_what_a_type_does_not(name: str, kind: Kind, largest: float, code: str) -> None:
    facts = Facts(1, 0, largest, whole=False, decimals=2)
    assert inferred_format(kind, facts, name) == code


def test_a_currency_shows_its_code_and_its_decimals() -> None:
    shown = {"EUR": "#,##0.00 [$EUR]", "JPY": "#,##0 [$JPY]", "KWD": "#,##0.000 [$KWD]"}
    assert {currency: currency_code(currency) for currency in shown} == shown
    with pytest.raises(BadColumn, match="three capital letters"):
        currency_code("eur")


def test_a_format_may_be_a_name_or_a_code() -> None:
    assert format_code("percent") == "0.0%"
    assert format_code('#,##0 "min"') == '#,##0 "min"'
    assert format_code("yyyy") == "yyyy"


@pytest.mark.parametrize(
    ("format_", "currency", "as_text", "code"),
    [
        (None, None, False, "#,##0.00 [$USD]"),
        ("0", None, False, "0"),
        ("percent", None, False, "0.0%"),
        (None, "EUR", False, "#,##0.00 [$EUR]"),
        ("0", None, True, "@"),
    ],
)
def test_what_the_author_asks_for_comes_before_what_values_and_names_say(
    format_: str | None, currency: str | None, as_text: bool, code: str
) -> None:
    given = given_code(format_, currency, as_text=as_text)
    assert chosen_code(given, Kind.FLOAT, Facts(1, 0.5, 0.5, whole=False), "price_usd") == code


def test_a_format_without_digits_of_its_own_may_have_words_around() -> None:
    assert format_code('General" units"') == 'General" units"'

"""In which format a value of a compared column is shown."""

from datetime import datetime
from decimal import Decimal

import pytest

from reports import Column
from reports.comparing.columns import ListedColumn
from reports.number_formats.formats import Kind

MOMENT = datetime(2026, 11, 2, 6, 5, 9)  # noqa: DTZ001 # the wall clock


def test_a_header_over_several_rows_stands_in_one_line() -> None:
    column = ListedColumn("a", "Jan", Column("Jan", above=["2013", "EWR"]))
    assert column.header == "2013 / EWR / Jan"


@pytest.mark.parametrize(
    ("value", "options", "name", "known", "code"),
    [
        (5, Column(), "n", "#,##0", "#,##0"),
        (5.5, Column(), "n", "#,##0", "#,##0.00"),
        (5.5, Column(format="0"), "n", "0", "0"),
        (5.5, Column(), "price_eur", None, "#,##0.00 [$EUR]"),
        (Decimal("5.125"), Column(), "n", None, "#,##0.000"),
        (MOMENT, Column(), "t", None, "yyyy-mm-dd hh:mm:ss"),
    ],
)
def test_a_value_before_takes_the_columns_format_where_that_shows_it(
    value: object, options: Column, name: str, known: str | None, code: str
) -> None:
    codes = {} if known is None else dict.fromkeys(Kind, known)
    assert ListedColumn(name, name, options, codes=codes).code(value) == code


def test_a_number_that_is_text_keeps_the_digits_it_was_given_with() -> None:
    assert ListedColumn("n", "n", Column(as_text=True)).was(Decimal("1.50")) == "was 1.50"

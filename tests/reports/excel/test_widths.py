"""A column is as wide as what its cells show under their format."""
# ruff: noqa: DTZ001 # moments without a zone, as cells have them

from datetime import date, datetime, time, timedelta

import pytest

from reports import Column
from reports.excel.widths import PADDING, column_width
from reports.number_formats.formats import Kind
from reports.tables.column_scan import ColumnScan
from reports.tables.open_table import TableColumn


@pytest.mark.parametrize(
    ("values", "code", "widest"),
    [
        ([0.773, 0.1], "0.000000000%", "77.300000000%"),
        ([1_234_567, 5], "#,##0.00", "1,234,567.00"),
        ([-41_234_567.5, 1.0], "#,##0.00;[Red](#,##0.00)", "(41,234,567.50)"),
        ([90], '#,##0 "minutes, about"', "90 minutes, about"),
        ([12.5], "#,##0.00000 [$EUR]", "12.50000 EUR"),
        ([12_345_678], '0.000,,"M"', "12.346M"),
        ([date(2026, 5, 1)], "yyyy-mm-dd", "2026-03-01"),
        ([date(2026, 5, 1)], "d mmmm yyyy", "30 September 2026"),
        ([date(2026, 5, 1)], "dddd, d mmm", "Wednesday, 30 Sep"),
        ([datetime(2026, 5, 1)], "yyyy-mm-dd hh:mm", "2026-05-01 00:00"),
        ([time(3)], 'h:mm AM/PM "local"', "10:58 PM local"),
        ([timedelta(hours=1)], "[h]:mm:ss", "10:00:00"),
        ([timedelta(hours=123_456)], "[h]:mm:ss", "123456:00:00"),
    ],
)
def test_the_widest_value_fits(values: list[object], code: str, widest: str) -> None:
    scan = ColumnScan(TableColumn("n", None, None, None), Column(format=code), None)
    scan.add_values(values)
    assert column_width("n", scan) == max(8, len(widest) + PADDING)


def test_text_and_truth_are_as_wide_as_they_read() -> None:
    scan = ColumnScan(TableColumn("n", Kind.TEXT, None, None), Column(), None)
    scan.add_values(["a text of some length", "b"])
    assert column_width("n", scan) == len("a text of some length") + PADDING

"""Rows in groups stand on a page as on the workbook's sheet, and every total is of all rows of its group."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from openpyxl import load_workbook

from reports import BadWorkbook, Sheet, Table, Workbook
from reports.excel.writer import write_workbook
from reports.preflight import Findings
from reports.views.book import ShownRows
from reports.views.build import shown_book
from reports.views.groups import ShownGroup, bodies
from reports.views.table import ShownTable

CREATED = datetime(2013, 2, 1, tzinfo=UTC)
FRAME = pl.DataFrame(
    {
        "region": ["North", "South", "North", "South", None],
        "shop": ["A", "C", "B", "C", "D"],
        "n": [1, 2, 3, 4, 5],
        "eur": [Decimal("1.50"), Decimal("2.25"), None, Decimal("1.00"), Decimal("7.00")],
    }
)


def shown(table: Table, most: int = 100) -> tuple[ShownTable, str | None]:
    book = shown_book(Workbook(Sheet("S", table)), Findings(), None, most)
    (part,) = book.sheets[0].parts
    assert isinstance(part, ShownRows)
    return part.table, part.told


def lines(table: ShownTable) -> list[list[str]]:
    """As they stand on the page, with the row of totals."""
    found = []
    for body in bodies(len(table.rows), table.groups):
        for line in body:
            texts = line.texts if isinstance(line, ShownGroup) else [c.text for c in table.rows[line]]
            found.append(list(texts))
    return [*found, [column.total for column in table.columns]]


def of_workbook(table: Table, path: Path) -> list[list[str]]:
    write_workbook(Workbook(Sheet("S", table)), path, created=CREATED)
    rows = load_workbook(path, data_only=True)["S"].iter_rows(min_row=2, values_only=True)
    return [["" if value is None else str(value) for value in row] for row in rows]


def test_rows_and_totals_stand_in_the_order_and_with_the_labels_of_the_workbook(tmp_path: Path) -> None:
    by: Any
    for by in ("region", ["region", "shop"]):
        table = Table(FRAME.drop("eur"), group_by=by, totals={"n": "sum"})
        assert lines(shown(table)[0]) == of_workbook(table, tmp_path / "a.xlsx")


def test_each_outermost_group_is_a_body_of_its_own() -> None:
    table, _ = shown(Table(FRAME, group_by=["region", "shop"], totals={"n": "mean", "eur": "count"}))

    found = list(bodies(len(table.rows), table.groups))
    assert [[one if isinstance(one, int) else one.level for one in body] for body in found] == [
        [0, 1, 1, 1, 0],
        [2, 3, 1, 0],
        [4, 1, 0],
    ]
    assert table.groups[2].texts == ["Total North", "", "2", "1"]
    assert [column.widest for column in table.columns] == [14, 8, 2, 4]  # bold: `Total (blank)`, `Total A`


@pytest.mark.parametrize("most", [1, 1_499, 1_500, 2_000, 2_001, 3_000])
def test_a_total_counts_all_rows_of_its_group_however_few_are_shown(most: int) -> None:
    frame = pl.DataFrame(
        {"g": ["a"] * 1_500 + ["b"] * 1_500, "h": [f"{n % 3}" for n in range(3_000)], "v": range(3_000)}
    )
    table, told = shown(Table(frame, group_by=["g", "h"], totals={"v": "sum"}), most)

    outer = {one.texts[0]: (one.texts[2], one.told) for one in table.groups if one.level == 0}
    cut_a = None if most >= 1_500 else f"{most:,} of 1,500 rows shown"
    expected = {"Total a": (f"{sum(range(1_500)):,}", cut_a)}
    if most > 1_500:
        cut_b = None if most == 3_000 else f"{most - 1_500:,} of 1,500 rows shown"
        expected["Total b"] = (f"{sum(range(1_500, 3_000)):,}", cut_b)
    assert outer == expected
    assert len(table.rows) == most
    cut = f"the first {most:,} of 3,000 rows are shown; totals count all, and the workbook has all"
    assert told == (None if most == 3_000 else cut)


@pytest.mark.parametrize("values", [[1, "x", 2.0, None, Decimal(4)], [2**70, 1, 2, 3, 4]])
def test_columns_of_several_kinds_and_long_numbers_have_totals_too(values: list[Any]) -> None:
    frame = pd.DataFrame({"g": list("ababa"), "v": pd.Series(values, dtype=object)})
    table, _ = shown(Table(frame, group_by="g", totals={"v": "sum"}))

    numbers = [0 if isinstance(value, str) else float(value or 0) for value in values]
    said = [float(one.texts[1].replace(",", "")) for one in table.groups]
    assert said == [pytest.approx(sum(numbers[0::2])), pytest.approx(sum(numbers[1::2]))]


def test_numbers_beyond_64_bits_are_added_up() -> None:
    table, _ = shown(Table(pa.table({"n": pa.array([2**64 - 1, 1], pa.uint64())}), totals={"n": "sum"}))

    assert float(table.columns[0].total.replace(",", "")) == pytest.approx(2**64)


def test_nothing_to_group_has_its_total_alone() -> None:
    table, _ = shown(Table(FRAME.head(0), group_by="region", totals={"n": "sum"}))

    assert lines(table) == [["Total", "", "0", ""]]


def test_a_stream_cannot_be_grouped() -> None:
    stream = iter(FRAME.drop("eur").to_arrow().to_batches())
    with pytest.raises(BadWorkbook, match=r"sheet 'S'.*a stream cannot be grouped"):
        shown(Table(stream, group_by="region", totals={"n": "sum"}))

"""Totals are live SUBTOTAL formulas whose stored values are right."""

import math
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from statistics import mean, stdev, variance
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from openpyxl import load_workbook

from reports import Formula, Sheet, Workbook
from reports.blocks import TOTALS, Total
from reports.excel.writer import write_workbook
from reports.frames import Frame
from reports.tables.totals import RunningTotal
from tests.support.workbooks.large import rows_of_sheet
from tests.support.workbooks.package import parts
from tests.support.workbooks.reading import CREATED, sheet_of, write

NUMBERS = [3, 1, None, 4, 1, 5]
GIVEN: list[float] = [3, 1, 4, 1, 5]
EXPECTED: dict[Total, float] = {
    "sum": 14,
    "mean": mean(GIVEN),
    "min": 1,
    "max": 5,
    "count": 5,
    "count_all": 5,
    "product": 60,
    "stdev": stdev(GIVEN),
    "var": variance(GIVEN),
}


def total(folder: Path, frame: Frame, function: Total, column: str = "n") -> tuple[Any, Any]:
    """The formula and the value of a column's total, in the row below the table."""
    write(folder / "a.xlsx", Sheet("A", frame, totals={column: function}))
    found = []
    for cached in (False, True):
        ws = sheet_of(load_workbook(folder / "a.xlsx", data_only=cached), "A")
        found.append(ws.cell(ws.max_row, 1).value)
    return found[0], found[1]


@pytest.mark.parametrize("function", EXPECTED)
@pytest.mark.parametrize("kind", ["integers", "floats", "decimals", "mixed"])
def test_each_function_is_a_formula_with_its_value(function: Total, kind: str, tmp_path: Path) -> None:
    makers: dict[str, Any] = {
        "integers": lambda: pa.table({"n": pa.array(NUMBERS, pa.int64())}),
        "floats": lambda: pl.DataFrame({"n": NUMBERS}, schema={"n": pl.Float64}),
        "decimals": lambda: pa.table({"n": pa.array([n and Decimal(n) for n in NUMBERS])}),
        "mixed": lambda: pd.DataFrame({"n": pd.Series([3, 1.0, None, Decimal(4), 1, 5.0], dtype=object)}),
    }
    formula, value = total(tmp_path, makers[kind](), function)
    assert formula == f"=SUBTOTAL({TOTALS[function]},A2:A7)"
    assert value == pytest.approx(EXPECTED[function], rel=1e-14)


def test_the_row_is_labelled_where_no_total_stands(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [1, 2], "name": ["a", "b"], "other": ["c", "d"]})
    write(tmp_path / "a.xlsx", Sheet("A", frame, totals={"n": "sum"}))
    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")
    assert [cell.value for cell in ws[4]] == ["=SUBTOTAL(109,A2:A3)", "Total", None]
    assert ws.auto_filter.ref == "A1:C3"  # the total is no row to filter


def test_text_is_counted_without_blanks(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": ["a", None, "", "b"]})
    assert total(tmp_path, frame, "count_all")[1] == 2
    assert total(tmp_path, frame, "count")[1] == 0


def test_durations_are_added_up(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [timedelta(hours=20), timedelta(hours=10)]})
    assert total(tmp_path, frame, "sum")[1] == timedelta(hours=30)


@pytest.mark.parametrize(("function", "value"), [("sum", 0), ("count", 0), ("mean", None), ("stdev", None)])
def test_a_table_without_rows_has_the_total_that_excel_calculates(
    function: Total, value: float | None, tmp_path: Path
) -> None:
    formula, found = total(tmp_path, pl.DataFrame({"n": []}, schema={"n": pl.Int64}), function)
    assert (formula, found) == (f"=SUBTOTAL({TOTALS[function]},A2:A2)", value)


def test_a_sum_of_integers_keeps_every_digit(tmp_path: Path) -> None:
    large = 999_999_999_999_999
    assert total(tmp_path, pl.DataFrame({"n": [large, 1, -large]}), "sum")[1] == 1


def test_the_variance_of_large_numbers_survives_many_slices(tmp_path: Path) -> None:
    values = [1e9 + (number % 7) for number in range(25_000)]
    write(tmp_path / "a.xlsx", Sheet("A", pl.DataFrame({"n": values}), totals={"n": "var"}))
    *_, (value,) = rows_of_sheet(tmp_path / "a.xlsx", "A")
    assert value == pytest.approx(variance(values), rel=1e-9)


def test_both_paths_write_the_same_totals(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"n": pd.Series([1, Formula("A2+1", 2), "x"], dtype=object), "m": [0.5, math.nan, 2]}
    )
    workbook = Workbook(Sheet("A", frame, totals={"n": "sum", "m": "mean"}))
    made = []
    for path in ("columnar", "openpyxl"):
        write_workbook(workbook, tmp_path / path, created=CREATED, row_path=path)
        made.append(parts(tmp_path / path)["xl/worksheets/sheet1.xml"].decode())
    assert made[0] == made[1]


def test_an_unknown_total_has_no_value() -> None:
    assert RunningTotal("mean").value() is None


def test_the_totals_of_nothing_do_not_count_themselves(tmp_path: Path) -> None:
    empty = pl.DataFrame({"n": [], "t": []}, schema={"n": pl.Int64, "t": pl.String})
    sheet = Sheet("A", empty, totals={"n": "sum"}, excel_table="Empty")
    write_workbook(Workbook(sheet), tmp_path / "a.xlsx", created=CREATED)
    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")
    assert (ws["A2"].value, ws["A3"].value) == (None, "=SUBTOTAL(109,A2:A2)")
    assert (ws.dimensions, ws.tables["Empty"].ref) == ("A1:B3", "A1:B3")


def test_the_numbers_of_the_functions_are_those_of_excel() -> None:
    """As Microsoft lists them for SUBTOTAL; from 101 on they leave out rows that are hidden."""
    numbers = ["mean", "count", "count_all", "max", "min", "product", "stdev", "_", "sum", "var"]

    assert {name: 101 + place for place, name in enumerate(numbers) if name != "_"} == TOTALS

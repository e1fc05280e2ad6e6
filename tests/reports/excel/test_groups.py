"""Rows in groups, each with its totals, which fold away."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from openpyxl import load_workbook

from reports import BadWorkbook, Column, DataBar, LineChart, Sheet, Table, Text
from tests.support.workbooks.reading import sheet_of, write

FRAME = pl.DataFrame(
    {
        "region": ["North", "South", "North", "South", None],
        "shop": ["A", "C", "B", "C", "D"],
        "n": [1, 2, 3, 4, 5],
    }
)
PATHS: tuple[Any, ...] = ("columnar", "openpyxl")


def rows_of(path: Path, *, values: bool = True, sheet: str = "A") -> list[list[Any]]:
    """Each row: how deep it folds, and its cells."""
    ws: Any = sheet_of(load_workbook(path, data_only=values), sheet)
    return [
        [ws.row_dimensions[row[0].row].outlineLevel, *(cell.value for cell in row)]
        for row in ws.iter_rows(min_row=2)
    ]


@pytest.mark.parametrize("path", PATHS)
def test_rows_come_together_in_the_order_in_which_groups_first_come(path: Any, tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, group_by="region", totals={"n": "sum"}), row_path=path)

    assert rows_of(tmp_path / "a.xlsx") == [
        [1, "North", "A", 1],
        [1, "North", "B", 3],
        [0, "Total North", None, 4],
        [1, "South", "C", 2],
        [1, "South", "C", 4],
        [0, "Total South", None, 6],
        [1, None, "D", 5],
        [0, "Total (blank)", None, 5],
        [0, "Total", None, 15],
    ]
    formulas = [row[-1] for row in rows_of(tmp_path / "a.xlsx", values=False)]
    assert formulas[2] == "=SUBTOTAL(9,C2:C3)"  # which counts rows that are folded away
    assert formulas[-1] == "=SUBTOTAL(9,C2:C9)"  # and leaves out the totals in between


@pytest.mark.parametrize("path", PATHS)
def test_groups_within_groups_have_their_own_totals(path: Any, tmp_path: Path) -> None:
    sheet = Sheet("A", FRAME, group_by=["region", "shop"], totals={"n": "mean"})
    write(tmp_path / "a.xlsx", sheet, row_path=path)

    found = rows_of(tmp_path / "a.xlsx")
    assert [(row[0], row[1], row[2]) for row in found if row[3] is not None and "Total" in f"{row[1:3]}"] == [
        (1, None, "Total A"),
        (1, None, "Total B"),
        (0, "Total North", None),
        (1, None, "Total C"),
        (0, "Total South", None),
        (1, None, "Total D"),
        (0, "Total (blank)", None),
        (0, "Total", None),
    ]
    assert [row[3] for row in found][-1] == 3  # of the values, not of the groups' means
    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")
    assert ws.sheet_format.outlineLevelRow == 2


@pytest.mark.parametrize("path", PATHS)
def test_large_groups_add_up_and_stand_in_the_rows_that_their_formulas_name(
    path: Any, tmp_path: Path
) -> None:
    rows = 10_500  # more than one slice
    frame = pl.DataFrame({"g": [f"g{row % 3}" for row in range(rows)], "v": range(rows)})
    sheet = Sheet("A", Text("Above"), Table(frame, group_by="g", totals={"v": "sum"}))
    write(tmp_path / "a.xlsx", sheet, row_path=path)

    values, formulas = rows_of(tmp_path / "a.xlsx"), rows_of(tmp_path / "a.xlsx", values=False)
    numbers = [row[2] for row in values]
    for row, formula in zip(values, formulas, strict=True):
        if str(formula[2]).startswith("=SUBTOTAL(9") and row[1] != "Total":
            first, last = (int(cell[1:]) for cell in formula[2].split(",")[1].rstrip(")").split(":"))
            assert sum(numbers[first - 2 : last - 1]) == row[2]
    assert values[-1][1:] == ["Total", sum(range(rows))]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"day": [date(2013, 1, 2), date(2013, 1, 1), date(2013, 1, 2)], "n": [1, 2, 3]}),
        pd.DataFrame({"day": pd.Categorical(["2013-01-02", "2013-01-01", "2013-01-02"]), "n": [1, 2, 3]}),
        pa.table(
            {
                "day": pa.chunked_array([[date(2013, 1, 2)], [date(2013, 1, 1), date(2013, 1, 2)]]),
                "n": [1, 2, 3],
            }
        ),
    ],
    ids=["objects", "categories", "chunks"],
)
def test_frames_of_every_kind_are_grouped(frame: Any, tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", frame, group_by="day", totals={"n": "sum"}))
    assert [row[2] for row in rows_of(tmp_path / "a.xlsx")] == [1, 3, 4, 2, 2, 6]
    assert rows_of(tmp_path / "a.xlsx")[2][1] == "Total 2013-01-02"


def test_marks_leave_the_totals_out(tmp_path: Path) -> None:
    columns = {"n": Column(marks=DataBar())}
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, columns=columns, group_by="region", totals={"n": "sum"}))
    formats = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A").conditional_formatting
    assert [str(one.sqref) for one in formats] == ["C2:C3 C5:C6 C8"]


def test_a_fault_in_a_grouped_table_is_named_by_the_cell_where_it_would_stand(tmp_path: Path) -> None:
    frame = FRAME.with_columns(x=pl.Series([1.0, 1.0, 1.0, float("inf"), 1.0]))
    with pytest.raises(BadWorkbook, match="D6"):
        write(tmp_path / "a.xlsx", Sheet("A", frame, group_by="region", totals={"n": "sum"}))


def test_nothing_to_group_has_its_total_alone(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME.head(0), group_by="region", totals={"n": "sum"}))
    assert rows_of(tmp_path / "a.xlsx")[-1][1:] == ["Total", None, 0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"group_by": "region"}, "say with totals= what each group adds up"),
        ({"group_by": ["region", "region"], "totals": {"n": "sum"}}, "each once"),
        ({"group_by": "n", "totals": {"n": "sum"}}, "has no total itself"),
        ({"group_by": "regio", "totals": {"n": "sum"}}, "did you mean 'region'"),
        ({"group_by": "region", "totals": {"n": "sum"}, "excel_table": "T"}, "an Excel table takes no rows"),
        (
            {"group_by": "region", "totals": {"n": "sum"}, "charts": LineChart("shop", "n")},
            "a chart takes no",
        ),
    ],
)
def test_groups_that_cannot_be_are_refused_at_once(options: dict[str, Any], said: str) -> None:
    with pytest.raises(BadWorkbook, match=said):
        Sheet("A", FRAME, **options)


def test_a_stream_cannot_be_grouped(tmp_path: Path) -> None:
    stream = pa.RecordBatchReader.from_batches(FRAME.to_arrow().schema, FRAME.to_arrow().to_batches())
    with pytest.raises(BadWorkbook, match="a stream cannot be grouped"):
        write(tmp_path / "a.xlsx", Sheet("A", stream, group_by="region", totals={"n": "sum"}))

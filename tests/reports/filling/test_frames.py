"""Frames go into tables and into ranges without placeholders."""

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from openpyxl.worksheet.table import Table

from reports.filling.package import MAIN, PACKAGE_RELATIONS, RELATIONS
from reports.template import BadTemplate
from tests.support.workbooks.package import repacked, xml
from tests.support.workbooks.templates import (
    built,
    drawn,
    fill,
    filled,
    name_of,
    refs,
    shown,
    template,
    texts,
)

FRAME = pl.DataFrame({"v": [1.5, 2.5, 3.5], "k": ["a", "b", None]})


def table(*, totals: bool = False, beside: bool = False, rows: int = 2) -> bytes:
    """A table of k, v and a calculated w at A2, with a sum and a chart that refer to it."""

    def build(book: Any) -> None:
        ws = book.add_worksheet("S")
        columns: list[dict[str, object]] = [
            {"header": "k", "total_string": "all"},
            {"header": "v", "format": book.add_format({"num_format": "0.00"}), "total_function": "sum"},
            {"header": "w", "formula": "=[@v]*2+E$1"},
        ]
        data = [["x", 9, 0]] * rows
        last = 2 + rows + totals
        ws.add_table(f"A2:C{last}", {"name": "T", "columns": columns, "data": data, "total_row": totals})
        ws.write_formula(f"B{last + 2}", f"=SUM(B3:B{2 + rows})")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": f"=S!$B$3:$B${2 + rows}"})
        ws.insert_chart("H2", chart)
        if beside:
            ws.add_table("E2:F9", {"name": "U", "columns": [{"header": "a"}, {"header": "b"}]})

    return drawn(build)


@pytest.mark.parametrize("kind", [pl.DataFrame, pd.DataFrame, pa.Table.from_pydict])
def test_a_frame_goes_to_the_columns_of_a_table_by_their_headers(tmp_path: Path, kind: Any) -> None:
    path = tmp_path / "a.xlsx"
    ws = filled(path, table(), {"T": kind({name: FRAME[name].to_list() for name in FRAME.columns})})

    assert [[cell.value for cell in row[:2]] for row in ws["A3:C5"]] == [["a", 1.5], ["b", 2.5], [None, 3.5]]
    assert ws["B5"].number_format == "0.00"
    assert ws["C5"].value == ws["C3"].value
    assert ws["B7"].value == "=SUM(B3:B5)"
    assert refs(xml(path, "xl/tables/table1.xml"), "table") == ["A2:C5"]
    assert refs(xml(path, "xl/tables/table1.xml"), "autoFilter") == ["A2:C5"]
    assert texts(xml(path, "xl/charts/chart1.xml"), "f") == ["S!$B$3:$B$5"]


def test_totals_stay_below_a_table_that_grows_or_shrinks(tmp_path: Path) -> None:
    for rows in (1, 2, 6):
        path = tmp_path / f"{rows}.xlsx"
        ws = filled(path, table(totals=True, rows=rows), {"T": FRAME})

        assert ws["A6"].value == "all"
        assert "SUBTOTAL(109" in str(ws["B6"].value)
        assert ws["B8"].value == "=SUM(B3:B5)"
        assert refs(xml(path, "xl/tables/table1.xml"), "table") == ["A2:C6"]
        assert texts(xml(path, "xl/charts/chart1.xml"), "f") == ["S!$B$3:$B$5"]


def test_a_table_keeps_one_blank_row_without_data(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    ws = filled(path, table(), {"T": FRAME.clear()})

    assert [cell.value for cell in ws[3][:3]] == [None, None, None]
    assert refs(xml(path, "xl/tables/table1.xml"), "table") == ["A2:C3"]


def test_a_table_beside_another_grows_and_shrinks_in_its_own_columns(tmp_path: Path) -> None:
    more = pl.DataFrame({"k": ["z"] * 12, "v": [1] * 12})
    path = tmp_path / "a.xlsx"
    with pytest.raises(
        BadTemplate, match=r"12 rows do not fit: it stands beside others, and B6 below it is in use"
    ):
        fill(path, table(beside=True), {"T": more})

    ws = filled(
        path, table(beside=True, rows=9), {"T": FRAME, "U": pl.DataFrame({"a": range(20), "b": range(20)})}
    )
    assert ws["E22"].value == 19
    assert [ws[f"B{row}"].value for row in (5, 6, 11)] == [3.5, None, None]
    assert ws["B13"].value == "=SUM(B3:B5)"
    assert refs(xml(path, "xl/tables/table1.xml"), "table") == ["A2:C5"]
    assert refs(xml(path, "xl/tables/table2.xml"), "table") == ["E2:F22"]


def test_a_frame_goes_to_a_bare_range_in_the_order_of_its_columns(tmp_path: Path) -> None:
    cells = {"A1": "a", "A2": 9, "B2": 9, "C2": "=A2*2", "A3": 8, "A5": "=SUM(C2:C3)", "D2": "beside"}
    source = template(cells, {"Rows": "S!$A$2:$C$3"})
    path = tmp_path / "a.xlsx"
    ws = filled(path, source, {"Rows": FRAME})

    assert [[cell.value for cell in row] for row in ws["A2:D4"]] == [
        [1.5, "a", "=A2*2", "beside"],
        [2.5, "b", "=A3*2", None],
        [3.5, None, "=A4*2", None],
    ]
    assert ws["A6"].value == "=SUM(C2:C4)"
    assert name_of(path, "Rows") == "S!$A$2:$C$4"


def test_rows_that_hold_something_beside_the_range_are_not_removed(tmp_path: Path) -> None:
    cells = {"A1": 1, "A2": 2, "A3": 3, "C3": "note", "A5": "=SUM(A1:A3)"}
    ws = filled(tmp_path / "a.xlsx", template(cells, {"R": "S!$A$1:$A$3"}), {"R": pl.DataFrame({"a": [7]})})

    assert shown(ws) == {"A1": 7, "C3": "note", "A5": "=SUM(A1:A1)"}


def test_dates_and_times_are_shown_as_such(tmp_path: Path) -> None:
    source = template({"A1": 0}, {"R": "S!$A$1:$A$1"})
    ws = filled(tmp_path / "a.xlsx", source, {"R": pl.DataFrame({"d": [date(2026, 11, 2), None]})})

    assert (ws["A1"].value.date(), ws["A1"].number_format) == (date(2026, 11, 2), "yyyy-mm-dd")


def test_a_table_that_asks_a_database_on_opening_keeps_what_was_filled_in(tmp_path: Path) -> None:
    relations = (
        f'<Relationships xmlns="{PACKAGE_RELATIONS}"><Relationship Id="rId1" Type="{RELATIONS}/queryTable" '
        'Target="../queryTables/queryTable1.xml"/></Relationships>'
    )
    query = f'<queryTable xmlns="{MAIN}" refreshOnLoad="1" name="q"/>'
    changed = {
        "xl/tables/_rels/table1.xml.rels": relations.encode(),
        "xl/queryTables/queryTable1.xml": query.encode(),
    }
    fill(tmp_path / "a.xlsx", repacked(table(), changed), {"T": FRAME})

    assert "refreshOnLoad" not in xml(tmp_path / "a.xlsx", "xl/queryTables/queryTable1.xml").attrib


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        ({"k": ["a"]}, "table 'T': the frame lacks the column 'v'"),
        ({"k": ["a"], "vv": [1]}, "the frame's column 'vv' is none of the table's; did you mean 'v'?"),
        ({"k": ["a"], "v": [1], "w": [2]}, "the frame's column 'w' is calculated by the table"),
    ],
)
def test_columns_that_do_not_fit_a_table_are_refused(
    tmp_path: Path, frame: dict[str, list[object]], says: str
) -> None:
    with pytest.raises(BadTemplate) as caught:
        fill(tmp_path / "a.xlsx", table(), {"T": pl.DataFrame(frame)})
    assert says in str(caught.value)


def test_columns_that_do_not_fit_a_range_are_refused(tmp_path: Path) -> None:
    source = template({"A1": 1}, {"R": "S!$A$1:$C$1"})
    with pytest.raises(
        BadTemplate, match=r"name 'R': its range has 3 columns to fill, and the frame 2 \(v, k\)"
    ):
        fill(tmp_path / "a.xlsx", source, {"R": FRAME})


def test_a_placeholder_in_a_tables_header_is_refused(tmp_path: Path) -> None:
    def build(book: openpyxl.Workbook) -> None:
        ws = book.worksheets[0]
        ws["A1"], ws["A2"] = "{{ year }}", 1
        ws.add_table(Table(displayName="T", ref="A1:A2"))

    with pytest.raises(BadTemplate, match=r"table 'T': its header '\{\{ year \}\}' has a placeholder"):
        fill(tmp_path / "a.xlsx", built(build), {"year": 2026})


def test_a_formula_that_loses_its_row_is_noted(tmp_path: Path) -> None:
    cells = {"A1": 1, "A2": 2, "A3": 3, "A5": "=A3+1", "B5": "=SUM(A2:A3)"}
    written = fill(
        tmp_path / "a.xlsx", template(cells, {"R": "S!$A$1:$A$3"}), {"R": pl.DataFrame({"a": [7]})}
    )

    assert written.notes == ("sheet 'S': formulas that refer to removed rows, now #REF!: 1 (first in A3)",)

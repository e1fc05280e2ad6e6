"""What several columns have in common stands above their names."""

import csv
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook

from reports import BadWorkbook, Column, LineChart, Preflight, Sheet, Table, Text, Workbook
from reports.errors import SheetTooLong
from reports.excel.writer import write_workbook
from reports.files.csv_file import write_csv
from tests.support.workbooks.reading import CREATED, sheet_of, write

FRAME = pl.DataFrame({"carrier": ["UA", "B6"], "a": [1, 2], "b": [3, 4], "c": [5, 6], "d": [7, 8]})
COLUMNS = {
    "a": Column("Jan", above=["2013", "EWR"]),
    "b": Column("Feb", above=["2013", "EWR"]),
    "c": Column("Jan", above=["2013", "JFK"]),
    "d": Column("Jan", above="2014"),
}


def rows_of(ws: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in ws.iter_rows()]


@pytest.mark.parametrize("path", ["columnar", "openpyxl"])
def test_neighbours_with_the_same_text_share_one_cell(path: Any, tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, columns=COLUMNS, totals={"a": "sum"}), row_path=path)

    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")
    assert rows_of(ws)[:5] == [
        [None, "2013", None, None, "2014"],
        [None, "EWR", None, "JFK", None],
        ["carrier", "Jan", "Feb", "Jan", "Jan"],
        ["UA", 1, 3, 5, 7],
        ["B6", 2, 4, 6, 8],
    ]
    assert {str(one) for one in ws.merged_cells.ranges} == {"B1:D1", "B2:C2"}
    assert (ws.freeze_panes, ws.auto_filter.ref, ws.print_title_rows) == ("A4", "A3:E5", "$1:$3")
    assert ws["B6"].value == "=SUBTOTAL(109,B4:B5)"


def test_a_table_further_down_keeps_all_of_its_header(tmp_path: Path) -> None:
    sheet = Sheet("A", Text("Above"), Table(FRAME, columns=COLUMNS, name="them"), Text("Below"))
    write(tmp_path / "a.xlsx", sheet)

    book = load_workbook(tmp_path / "a.xlsx")
    found = rows_of(sheet_of(book, "A"))
    assert [row[0] for row in found] == ["Above", None, None, None, "carrier", "UA", "B6", None, "Below"]
    assert book.defined_names["them"].attr_text == "'A'!$A$5:$E$7"


def test_a_chart_begins_below_the_whole_header(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, columns=COLUMNS, charts=LineChart("carrier", "a")))

    ws: Any = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")
    (chart,) = ws._charts
    assert (chart.anchor._from.row + 1, chart.series[0].val.numRef.f) == (4, "'A'!$B$4:$B$5")


def test_columns_are_as_wide_as_what_stands_above_them(tmp_path: Path) -> None:
    columns = {name: Column(name, above="x" * 60) for name in ("a", "b")}
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, columns=columns))
    widths = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A").column_dimensions
    assert widths["B"].width + widths["C"].width >= 60


def test_a_fault_is_named_by_its_cell(tmp_path: Path) -> None:
    frame = FRAME.with_columns(a=pl.Series([1.0, float("inf")]))
    with pytest.raises(BadWorkbook, match="B5"):
        write(tmp_path / "a.xlsx", Sheet("A", frame, columns=COLUMNS))


def test_a_file_of_one_header_row_has_it_all_in_one(tmp_path: Path) -> None:
    write_csv(Workbook(Sheet("A", FRAME, columns=COLUMNS)), tmp_path / "a.csv", created=CREATED)
    with (tmp_path / "a.csv").open() as file:
        assert next(csv.reader(file)) == [
            "carrier",
            "2013 / EWR / Jan",
            "2013 / EWR / Feb",
            "2013 / JFK / Jan",
            "2014 / Jan",
        ]


def test_what_stands_above_is_part_of_the_content(tmp_path: Path) -> None:
    one = write(tmp_path / "a.xlsx", Sheet("A", FRAME, columns=COLUMNS))
    other = write(
        tmp_path / "b.xlsx", Sheet("A", FRAME, columns=COLUMNS | {"d": Column("Jan", above="2015")})
    )
    assert one.content_sha256 != other.content_sha256


def test_a_table_with_such_a_header_is_not_split_over_sheets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.excel.layout.MAX_ROWS", 4)
    book = Workbook(Sheet("A", FRAME, columns=COLUMNS), preflight=Preflight(rows="split"))
    with pytest.raises(SheetTooLong):
        write_workbook(book, tmp_path / "a.xlsx", created=CREATED)


def test_what_no_sheet_can_show_is_refused() -> None:
    with pytest.raises(BadWorkbook, match="above"):
        Column("a", above="\x00")

"""Ranges with placeholders are repeated for each record."""

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from reports.errors import SheetTooLong
from reports.template import BadTemplate
from tests.support.workbooks.package import xml
from tests.support.workbooks.templates import fill, filled, name_of, shown, template

ROWS = [{"k": "b", "n": 1}, {"k": "a", "n": 2}, {"k": "b", "n": 4}]
PATTERN = {"A1": "k", "A2": "{{ item.k }}", "B2": "{{ item.n }}"}


def column(ws: Any, letter: str) -> list[object]:
    return [cell.value for cell in ws[letter]]


@pytest.mark.parametrize("kind", [list, pd.DataFrame, pl.DataFrame, pa.Table.from_pylist, pl.LazyFrame])
def test_each_record_gets_its_row(tmp_path: Path, kind: Any) -> None:
    source = template({**PATTERN, "A3": "end"}, {"Rows": "S!$A$2:$B$2"})
    ws = filled(tmp_path / "a.xlsx", source, {"Rows": kind(ROWS)})

    assert column(ws, "A") == ["k", "b", "a", "b", "end"]
    assert column(ws, "B") == [None, 1, 2, 4, None]


def test_without_records_one_blank_row_stays_and_references_too(tmp_path: Path) -> None:
    source = template({**PATTERN, "C2": "=B2*2", "B4": "=SUM(B2:B2)"}, {"Rows": "S!$A$2:$C$2"})

    assert shown(filled(tmp_path / "a.xlsx", source, {"Rows": []})) == {"A1": "k", "B4": "=SUM(B2:B2)"}


def test_a_record_sees_its_number_the_values_and_the_record_around_it(tmp_path: Path) -> None:
    cells = {
        "A1": "{{ index }} {{ title }} {{ item.name }}",
        "A2": "{{ index }} {{ parent.name }} {{ item.n }}",
    }
    source = template(cells, {"Out": "S!$A$1:$A$2", "Out_In": "S!$A$2:$A$2"})
    out = [{"name": "x", "In": [{"n": 1}, {"n": 2}]}, {"name": "y", "In": [{"n": 3}]}]

    ws = filled(tmp_path / "a.xlsx", source, {"title": "T", "Out": out})
    assert column(ws, "A") == ["1 T x", "1 x 1", "2 x 2", "2 T y", "1 y 3"]


def test_a_block_of_rows_is_repeated_with_formulas_that_stay_within_it(tmp_path: Path) -> None:
    cells = {"A1": 2, "A3": "{{ item.n }}", "A4": "=A3*$A$1", "A5": "note", "A7": "=SUM(A3:A5)"}
    source = template(cells, {"Rows": "S!$A$3:$A$5"})

    ws = filled(tmp_path / "a.xlsx", source, {"Rows": ROWS[:2]})
    assert column(ws, "A") == [2, None, 1, "=A3*$A$1", "note", 2, "=A6*$A$1", "note", None, "=SUM(A3:A8)"]


def test_a_formula_may_refer_to_the_record_before_and_to_all(tmp_path: Path) -> None:
    cells = {
        "A1": "n",
        "A2": "{{ item.n }}",
        "B2": "=N(B1)+A2",
        "C2": "=A2/SUM(A$2:A$2)",
        "D2": "=SUM(A$2:A2)",
    }
    source = template(cells, {"Rows": "S!$A$2:$D$2"})

    ws = filled(tmp_path / "a.xlsx", source, {"Rows": ROWS})
    assert column(ws, "B") == [None, "=N(B1)+A2", "=N(B2)+A3", "=N(B3)+A4"]
    assert column(ws, "C")[1:] == [f"=A{row}/SUM(A$2:A$4)" for row in (2, 3, 4)]
    assert column(ws, "D")[1:] == ["=SUM(A$2:A2)", "=SUM(A$2:A3)", "=SUM(A$2:A4)"]


def test_what_stands_beside_the_range_stays_at_the_first_record(tmp_path: Path) -> None:
    source = template({**PATTERN, "D2": "beside", "D3": "=B2"}, {"Rows": "S!$A$2:$B$2"})

    assert column(filled(tmp_path / "a.xlsx", source, {"Rows": ROWS}), "D") == [
        None,
        "beside",
        None,
        None,
        "=B2",
    ]


def test_totals_have_formulas_and_their_values(tmp_path: Path) -> None:
    tags = {"A3": "<<count>>", "B3": "<<average>>", "C3": "<<max>>"}
    source = template({**PATTERN, "C2": "{{ item.n }}", **tags}, {"Rows": "S!$A$2:$C$3"})
    path = tmp_path / "a.xlsx"
    fill(path, source, {"Rows": [{"k": 1, "n": 1}, {"k": "x", "n": 2}]})

    assert shown(openpyxl.load_workbook(path).worksheets[0])["B4"] == "=SUBTOTAL(1,B2:B3)"
    values = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    assert [values[cell].value for cell in ("A4", "B4", "C4")] == [1, 1.5, 2]


def test_a_row_of_options_that_only_sorts_is_removed(tmp_path: Path) -> None:
    source = template({**PATTERN, "A3": "<<sort desc>>", "A4": "end"}, {"Rows": "S!$A$2:$B$3"})
    path = tmp_path / "a.xlsx"
    ws = filled(path, source, {"Rows": ROWS})

    assert column(ws, "A") == ["k", "b", "b", "a", "end"]
    assert name_of(path, "Rows") == "S!$A$2:$B$4"


def test_groups_have_subtotals_and_fold(tmp_path: Path) -> None:
    tags = {"A3": '<<group TotalLabel="in all">>', "B3": "<<sum>>"}
    path = tmp_path / "a.xlsx"
    ws = filled(path, template({**PATTERN, **tags}, {"Rows": "S!$A$2:$B$3"}), {"Rows": ROWS})

    assert column(ws, "A") == ["k", "a", "a in all", "b", "b", "b in all", "Grand total"]
    sums = [f"=SUBTOTAL(9,{rows})" for rows in ("B2:B2", "B4:B5", "B2:B6")]
    assert column(ws, "B") == [None, 2, sums[0], 1, 4, sums[1], sums[2]]
    assert [ws.row_dimensions[row].outlineLevel for row in range(2, 8)] == [2, 1, 2, 2, 1, 0]
    assert xml(path, "xl/worksheets/sheet1.xml").find("{*}sheetFormatPr").get("outlineLevelRow") == "2"


def test_groups_within_groups(tmp_path: Path) -> None:
    cells = {"A2": "{{ item.a }}", "B2": "{{ item.b }}", "C2": "{{ item.n }}"}
    tags = {"A3": "<<group>>", "B3": "<<group desc>>", "C3": "<<sum>>"}
    rows = [{"a": a, "b": b, "n": 1} for a, b in (("x", 1), ("y", 1), ("x", 2))]
    ws = filled(tmp_path / "a.xlsx", template({**cells, **tags}, {"Rows": "S!$A$2:$C$3"}), {"Rows": rows})

    assert column(ws, "A")[1:] == ["x", None, "x", None, "x Total", "y", None, "y Total", "Grand total"]
    assert column(ws, "B")[1:5] == [2, "2 Total", 1, "1 Total"]


def test_too_many_records_are_refused(tmp_path: Path) -> None:
    source = template({"A1048570": "{{ item.n }}"}, {"Rows": "S!$A$1048570:$A$1048570"})
    with pytest.raises(SheetTooLong, match="sheet 'S' needs 1,048,578 rows"):
        fill(tmp_path / "a.xlsx", source, {"Rows": ROWS * 3})


def test_a_column_of_several_kinds_cannot_be_sorted(tmp_path: Path) -> None:
    source = template({**PATTERN, "A3": "<<sort>>"}, {"Rows": "S!$A$2:$B$3"})
    with pytest.raises(BadTemplate, match="sheet 'S', column A: the column holds values of several kinds"):
        fill(tmp_path / "a.xlsx", source, {"Rows": [{"k": 1, "n": 1}, {"k": "a", "n": 2}]})


@pytest.mark.parametrize(
    ("cells", "names", "says"),
    [
        ({"A3": "<<summ>>"}, "$A$2:$B$3", "cell A3: <<summ>>: there is no tag 'summ'; did you mean 'sum'?"),
        ({"A3": "<<sort by=k>>"}, "$A$2:$B$3", "sort has no option 'by'"),
        ({"C3": "<<sort>>"}, "$A$2:$C$3", "cell C3: there is no placeholder alone in a cell above it"),
        ({"A3": "<<group>><<sum>>"}, "$A$2:$B$3", "a group's label and a total share the cell"),
        ({"A2": "{{ item.kk }}"}, "$A$2:$B$2", "cell A2: {{ item.kk }}: there is no 'kk'; did you mean 'k'?"),
    ],
)
def test_a_wrong_tag_or_name_is_refused_with_its_cell(
    tmp_path: Path, cells: dict[str, object], names: str, says: str
) -> None:
    with pytest.raises(BadTemplate) as caught:
        fill(tmp_path / "a.xlsx", template({**PATTERN, **cells}, {"Rows": f"S!{names}"}), {"Rows": ROWS})
    assert says in str(caught.value)


def test_rows_that_the_template_has_no_place_for_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match=r"values has the rows 'Rwos'.*did you mean 'Rows'\?"):
        fill(tmp_path / "a.xlsx", template({"A1": "x"}, {"Rows": "S!$A$1:$A$1"}), {"Rwos": ROWS})


def test_a_name_that_is_no_range_and_rows_that_are_no_mappings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match=r"name 'Rows': it stands for S!#REF!, which is no single range"):
        fill(tmp_path / "a.xlsx", template(PATTERN, {"Rows": "S!#REF!"}), {"Rows": ROWS})
    with pytest.raises(BadTemplate, match="name 'Rows': its rows are no mappings"):
        fill(tmp_path / "a.xlsx", template(PATTERN, {"Rows": "S!$A$2:$B$2"}), {"Rows": [1, 2]})


def test_ranges_that_overlap_or_stand_side_by_side_are_refused(tmp_path: Path) -> None:
    side = template({**PATTERN, "D2": "{{ item.n }}"}, {"Rows": "S!$A$2:$B$2", "More": "S!$D$2:$D$2"})
    with pytest.raises(BadTemplate, match="side by side"):
        fill(tmp_path / "a.xlsx", side, {"Rows": ROWS, "More": ROWS})
    over = template(PATTERN, {"Rows": "S!$A$2:$B$3", "More": "S!$B$2:$B$2"})
    with pytest.raises(BadTemplate, match="overlap"):
        fill(tmp_path / "a.xlsx", over, {"Rows": ROWS, "More": ROWS})


def test_an_inner_list_that_is_missing_is_refused(tmp_path: Path) -> None:
    cells = {"A1": "{{ item.name }}", "A2": "{{ item.n }}"}
    source = template(cells, {"Out": "S!$A$1:$A$2", "Out_In": "S!$A$2:$A$2"})
    with pytest.raises(BadTemplate, match="name 'Out_In': record 1 of 'Out' has no 'In'"):
        fill(tmp_path / "a.xlsx", source, {"Out": [{"name": "x"}]})
    with pytest.raises(BadTemplate, match="'In' of a record is a int, not a list"):
        fill(tmp_path / "a.xlsx", source, {"Out": [{"name": "x", "In": 1}]})


@pytest.mark.parametrize(("tag", "expected"), [("<<sort>>", [1, 2, None]), ("<<sort desc>>", [2, 1, None])])
def test_a_record_without_the_value_comes_last_in_either_direction(
    tmp_path: Path, tag: str, expected: list[object]
) -> None:
    source = template({"A1": "n", "A2": "{{ item.n }}", "A3": tag}, {"Rows": "S!$A$2:$A$3"})
    ws = filled(tmp_path / "a.xlsx", source, {"Rows": [{"n": None}, {"n": 2}, {"n": 1}]})

    assert [ws[f"A{row}"].value for row in (2, 3, 4)] == expected


def test_texts_are_sorted_whatever_their_case(tmp_path: Path) -> None:
    source = template({"A1": "k", "A2": "{{ item.k }}", "A3": "<<sort>>"}, {"Rows": "S!$A$2:$A$3"})
    ws = filled(tmp_path / "a.xlsx", source, {"Rows": [{"k": one} for one in ("b", "C", "a", "B", "A")]})

    assert column(ws, "A") == ["k", "a", "A", "b", "B", "C"]


def test_groups_within_records_of_groups_fold_below_them(tmp_path: Path) -> None:
    cells = {"A1": "{{ item.a }}", "A2": "{{ item.b }}", "A3": "<<group>>", "A4": "<<group>>"}
    source = template(cells, {"Out": "S!$A$1:$A$4", "Out_In": "S!$A$2:$A$3"})
    inner = [{"b": 1}, {"b": 1}]
    ws = filled(tmp_path / "a.xlsx", source, {"Out": [{"a": "x", "In": inner}]})

    rows = ["x", 1, 1, "1 Total", "Grand total", "x Total", "Grand total"]
    levels = [ws.row_dimensions[row].outlineLevel for row in range(1, len(rows) + 1)]
    assert column(ws, "A") == rows
    assert levels == [2, 4, 4, 3, 2, 1, 0]


def test_rows_fold_seven_levels_deep_and_no_deeper(tmp_path: Path) -> None:
    letters = "ABCDEFGHI"
    cells = {f"{letter}1": f"{{{{ item.{letter} }}}}" for letter in letters}
    tags = {f"{letter}2": "<<group>>" for letter in letters}
    source = template({**cells, **tags}, {"Rows": "S!$A$1:$I$2"})
    ws = filled(tmp_path / "a.xlsx", source, {"Rows": [dict.fromkeys(letters, 1)]})

    levels = [ws.row_dimensions[row].outlineLevel for row in range(1, 12)]
    assert levels == [7, 7, 7, 7, 6, 5, 4, 3, 2, 1, 0]  # Excel knows no eighth

"""Conditional formats and choices, which have one formula for all records: right for each, or refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl.formatting.rule import DataBar, FormatObject, Rule
from openpyxl.styles import Font
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from reports.template import BadTemplate
from tests.support.workbooks.package import xml
from tests.support.workbooks.templates import built, drawn, fill, refs, texts

SHEET = "xl/worksheets/sheet1.xml"
NESTED = {"Orders": "S!$A$2:$B$4", "Orders_Lines": "S!$A$3:$B$3"}
ORDERS = [{"n": 1, "Lines": [{"x": 1}, {"x": 2}]}, {"n": 2, "Lines": [{"x": 3}]}]
ALIKE = [order | {"Lines": [{"x": 1}]} for order in ORDERS]


def ruled(ranges: str, formula: str, names: Mapping[str, str], *, choice: bool = False) -> bytes:
    """A template of records of three rows, of which the middle one may be repeated, with one rule."""

    def build(book: Any) -> None:
        ws = book.active
        ws.title = "S"
        ws["A1"], ws["A2"], ws["A3"], ws["A4"], ws["B9"] = "Head", "{{ item.n }}", "{{ item.x }}", "foot", 5
        if "Orders_Lines" not in names:
            ws["A3"] = "middle"
        if choice:
            valid = DataValidation("custom", formula1=formula)
            valid.add(ranges)
            ws.add_data_validation(valid)
        else:
            ws.conditional_formatting.add(ranges, bold_where(formula))
        for name, reference in names.items():
            book.defined_names[name] = DefinedName(name, attr_text=reference)

    return built(build)


def bold_where(formula: str) -> Rule:
    return Rule(type="expression", formula=[formula], dxf=DifferentialStyle(font=Font(bold=True)))


def formulas_after(path: Path, source: bytes, values: Mapping[str, Any]) -> list[str]:
    fill(path, source, values)
    return texts(xml(path, SHEET), "formula") or texts(xml(path, SHEET), "formula1")


@pytest.mark.parametrize("choice", [False, True])
@pytest.mark.parametrize("formula", ["$A4>$A2", "A4>A3", "SUM($A2:$A4)>1", "A4>B9", "A4>Other!B4", "A5>1"])
def test_a_formula_that_refers_to_rows_that_lie_elsewhere_for_other_records_is_refused(
    formula: str, choice: bool, tmp_path: Path
) -> None:
    source = ruled("A4", formula, NESTED, choice=choice)
    kind = r"choice \(data validation\)" if choice else "conditional format"
    with pytest.raises(BadTemplate, match=f"sheet 'S', {kind} of A4: its formula =") as caught:
        fill(tmp_path / "a.xlsx", source, {"Orders": ORDERS})
    assert formula in str(caught.value)
    assert "fix the row ($B$9)" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "a.xlsx").exists()


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("$A4>1", "$A5>1"),
        ("A4>B$9", "A5>B$13"),
        ("AND(A4>0,B4<$B$9)", "AND(A5>0,B5<$B$13)"),
        ("TRUE", "TRUE"),
    ],
)
def test_its_own_row_and_fixed_cells_follow_whatever_the_height_of_records(
    formula: str, expected: str, tmp_path: Path
) -> None:
    made = formulas_after(tmp_path / "a.xlsx", ruled("A4:B4", formula, NESTED), {"Orders": ORDERS})
    assert made == [expected]


def test_other_rows_of_records_that_are_equally_high_follow(tmp_path: Path) -> None:
    source = ruled("A4", "$A4>$A2", NESTED)
    assert formulas_after(tmp_path / "a.xlsx", source, {"Orders": ALIKE}) == ["$A4>$A2"]
    assert refs(xml(tmp_path / "a.xlsx", SHEET), "conditionalFormatting", "sqref") == ["A4 A7"]


def test_the_record_before_may_be_referred_to_and_the_one_behind_not(tmp_path: Path) -> None:
    one = {"R": "S!$A$2:$B$2"}
    rows = {"R": [{"n": 1}, {"n": 2}, {"n": 3}]}
    assert formulas_after(tmp_path / "a.xlsx", ruled("A2", "A2<>A1", one), rows) == ["A2<>A1"]
    with pytest.raises(BadTemplate, match="conditional format of A2: its formula =A2<>A3"):
        fill(tmp_path / "b.xlsx", ruled("A2", "A2<>A3", one), rows)
    assert formulas_after(tmp_path / "c.xlsx", ruled("A2", "A2<>A3", one), {"R": [{"n": 1}]}) == ["A2<>A3"]


def test_a_rule_over_more_than_the_records_slides_as_it_did(tmp_path: Path) -> None:
    source = ruled("A1:A9", "A1<>A2", {"R": "S!$A$2:$B$2"})
    assert formulas_after(tmp_path / "a.xlsx", source, {"R": [{"n": 1}, {"n": 2}]}) == ["A1<>A2"]
    assert refs(xml(tmp_path / "a.xlsx", SHEET), "conditionalFormatting", "sqref") == ["A1:A10"]


def test_a_frames_rows_may_refer_to_the_row_above(tmp_path: Path) -> None:
    assert formulas_after(tmp_path / "a.xlsx", built(_frame), {"R": pl.DataFrame({"n": range(6)})}) == [
        "A2<>A1"
    ]


def test_a_newer_rule_is_refused_by_its_range_too(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        ws = book.add_worksheet("S")
        for cell, text in {"A2": "{{ item.n }}", "A3": "{{ item.x }}", "A4": "foot"}.items():
            ws.write(cell, text)
        bar = {"type": "data_bar", "data_bar_2010": True, "min_type": "formula", "min_value": "=$A2"}
        ws.conditional_format("A4", bar)
        for name, reference in NESTED.items():
            book.define_name(name, f"={reference}")

    with pytest.raises(BadTemplate, match=r"sheet 'S', conditional format of A4: its formula =\$A2"):
        fill(tmp_path / "a.xlsx", drawn(build), {"Orders": ORDERS})


def test_the_end_of_a_bar_that_is_a_cell_moves_with_it(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        ws = book.active
        ws.title, ws["A1"], ws["B9"] = "S", "{{ item.n }}", 9
        ends = [FormatObject(type="num", val=0), FormatObject(type="formula", val="$B$9")]
        rule = Rule(type="dataBar", dataBar=DataBar(cfvo=ends, color="FF0000"))
        ws.conditional_formatting.add("A1", rule)
        book.defined_names["R"] = DefinedName("R", attr_text="S!$A$1:$A$1")

    fill(tmp_path / "a.xlsx", built(build), {"R": [{"n": 1}] * 3})
    assert refs(xml(tmp_path / "a.xlsx", SHEET), "cfvo", "val") == ["0", "$B$11"]


def test_a_rule_of_its_own_row_follows_however_many_records_there_are(tmp_path: Path) -> None:
    rows = {"R": [{"n": n} for n in range(2_000)]}
    made = formulas_after(tmp_path / "a.xlsx", ruled("A2", "$A2>$B$9", {"R": "S!$A$2:$A$2"}), rows)
    assert made == ["$A2>$B$2008"]


def _frame(book: Any) -> None:
    ws = book.active
    ws.title = "S"
    for row in range(1, 5):
        ws[f"A{row}"] = row
    ws.conditional_formatting.add("A2:A4", bold_where("A2<>A1"))
    book.defined_names["R"] = DefinedName("R", attr_text="S!$A$2:$A$4")

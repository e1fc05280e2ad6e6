"""Conditional formats are Excel's own rules, over the body of their table."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook

from reports import BadWorkbook, ColorScale, Column, DataBar, Highlight, IconSet, Sheet, Table, Text
from reports.excel.marks import Marked, condition, literal
from reports.marks import Mark
from tests.support.workbooks.package import xml
from tests.support.workbooks.raw import SPACES
from tests.support.workbooks.reading import sheet_of, write

FRAME = pl.DataFrame({"name": ["a", "b", "c"], "n": [3, -1, 2], "late share": [0.5, None, 0.25]})
X14 = {"x14": "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main", **SPACES}
XM = "{http://schemas.microsoft.com/office/excel/2006/main}"
PLACE = Marked("A", {"name": "A", "n": "B", "late share": "C"}, "B", [(2, 4)])


def rules(path: Path, mark: Mark | list[Mark], column: str = "n", **options: Any) -> dict[str, Any]:
    """The rules on the sheet, by range."""
    write(path, Sheet("A", FRAME, columns={column: Column(marks=mark)}, totals={"n": "sum"}), **options)
    formats = sheet_of(load_workbook(path), "A").conditional_formatting
    return {str(one.sqref): list(one.rules) for one in formats}


@pytest.mark.parametrize("path", ["columnar", "openpyxl"])
def test_a_mark_covers_the_body_and_neither_header_nor_total(path: str, tmp_path: Path) -> None:
    assert list(rules(tmp_path / "a.xlsx", ColorScale(), row_path=path)) == ["B2:B4"]


def test_a_mark_stands_where_its_table_does(tmp_path: Path) -> None:
    table = Table(FRAME, columns={"n": Column(marks=ColorScale())})
    write(tmp_path / "a.xlsx", Sheet("A", Text("Above"), table))
    formats = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A").conditional_formatting
    assert [str(one.sqref) for one in formats] == ["B4:B6"]


def test_a_bar_is_as_long_as_its_number_and_begins_at_zero(tmp_path: Path) -> None:
    ((rule,),) = rules(tmp_path / "a.xlsx", DataBar(colour="9cbcd2")).values()
    assert [(one.type, one.val) for one in rule.dataBar.cfvo] == [("num", 0), ("max", None)]
    assert (rule.dataBar.minLength, rule.dataBar.maxLength) == (0, 100)

    sheet = xml(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml")
    (bar,) = sheet.iterfind("m:extLst//x14:cfRule", X14)
    ids = [one.text for one in sheet.iterfind("m:conditionalFormatting//x14:id", X14)]
    assert ids == [bar.get("id")]  # the two halves know each other
    assert [one.get("type") for one in bar.iterfind(".//x14:cfvo", X14)] == ["autoMin", "autoMax"]
    assert bar.find("x14:dataBar", X14).get("gradient") == "0"
    assert bar.getparent().find(f"{XM}sqref").text == "B2:B4"


def test_bars_of_several_tables_can_have_the_same_ends(tmp_path: Path) -> None:
    ((rule,),) = rules(tmp_path / "a.xlsx", DataBar(low=-5, high=10)).values()
    assert [(one.type, one.val) for one in rule.dataBar.cfvo] == [("num", -5), ("num", 10)]
    sheet = xml(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml")
    assert [one.text for one in sheet.iter(f"{XM}f")] == ["-5", "10"]


def test_a_scale_has_two_colours_or_three(tmp_path: Path) -> None:
    two, three = rules(tmp_path / "a.xlsx", [ColorScale(), ColorScale(middle="FFEEDD")])["B2:B4"]
    assert [one.type for one in two.colorScale.cfvo] == ["min", "max"]
    assert [(one.type, one.val) for one in three.colorScale.cfvo][1] == ("percentile", 50)
    assert [one.rgb[2:] for one in three.colorScale.color] == ["FFFFFF", "FFEEDD", "9DB8D2"]


def test_icons_change_at_equal_parts_or_at_given_numbers(tmp_path: Path) -> None:
    marks: list[Mark] = [IconSet(), IconSet("quarters", at=(0, 1, 2, 3), reverse=True)]
    equal, given = (rule.iconSet for rule in rules(tmp_path / "a.xlsx", marks)["B2:B4"])
    assert (equal.iconSet, [(one.type, one.val) for one in equal.cfvo]) == (
        "3Arrows",
        [("percent", 0), ("percent", 33), ("percent", 67)],
    )
    assert (given.iconSet, given.reverse) == ("5Quarters", True)
    assert [(one.type, one.val) for one in given.cfvo][1:] == [("num", 0), ("num", 1), ("num", 2), ("num", 3)]


def test_a_highlight_of_numbers_is_the_rule_that_excels_dialog_shows(tmp_path: Path) -> None:
    marks: list[Mark] = [Highlight(">=", 0.5), Highlight("between", 1, 2, look="good")]
    first, second = rules(tmp_path / "a.xlsx", marks)["B2:B4"]
    assert (first.type, first.operator, first.formula) == ("cellIs", "greaterThanOrEqual", ["0.5"])
    assert (second.operator, second.formula) == ("between", ["1", "2"])
    assert (first.dxf.font.color.rgb, first.dxf.fill.bgColor.rgb) == ("00A3221B", "00F9DEDC")
    assert first.dxf.font.color.rgb != second.dxf.font.color.rgb


def test_a_highlight_of_rows_covers_all_columns(tmp_path: Path) -> None:
    found = rules(tmp_path / "a.xlsx", Highlight("<", 0, row=True, look="strong"))
    ((rule,),) = found.values()
    assert list(found) == ["A2:C4"]
    assert (rule.type, rule.formula, rule.dxf.font.b) == ("expression", ["$B2<0"], True)


@pytest.mark.parametrize(
    ("mark", "formula"),
    [
        (Highlight("!=", 'say "a"'), '$B2<>"say ""a"""'),
        (Highlight("=", date(2013, 1, 5)), "$B2=DATE(2013,1,5)"),
        (Highlight("outside", 1, 2.5), "OR($B2<1,$B2>2.5)"),
        (Highlight("contains", "x"), 'ISNUMBER(SEARCH("x",$B2))'),
        (Highlight("begins", "x"), 'LEFT($B2,LEN("x"))="x"'),
        (Highlight("ends", "x"), 'RIGHT($B2,LEN("x"))="x"'),
        (Highlight("top", 3), "$B2>=LARGE($B$2:$B$4,MIN(3,COUNT($B$2:$B$4)))"),
        (Highlight("blank"), "LEN(TRIM($B2))=0"),
        (Highlight("duplicate"), "AND(LEN($B2)>0,COUNTIF($B$2:$B$4,$B2)>1)"),
        (Highlight("formula", "=[n] > 2*[late share]"), "$B2 > 2*$C2"),
    ],
)
def test_a_rule_is_a_formula_for_the_first_row(mark: Highlight, formula: str) -> None:
    assert condition(mark, PLACE) == formula


def test_a_moment_in_a_formula_is_its_day_and_its_time() -> None:
    assert literal(datetime(2013, 1, 5, 6, 30)) == "(DATE(2013,1,5)+TIME(6,30,0))"  # noqa: DTZ001 # Excel's


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (lambda: DataBar(colour="blue"), "six hexadecimal digits"),
        (lambda: DataBar(low=2, high=1), "low= must be below high="),
        (lambda: ColorScale(middle="#FFFFFF"), "six hexadecimal digits"),
        (lambda: IconSet("hearts"), "icons are one of"),  # type: ignore[arg-type]
        (lambda: IconSet(at=(2, 1)), "change at 2 rising numbers"),
        (lambda: Highlight("=>", 1), "a rule is one of"),
        (lambda: Highlight("between", 1), "takes 2 values, and 1 are given"),
        (lambda: Highlight("blank", 1), "takes 0 values"),
        (lambda: Highlight("contains", 1), "takes a text"),
        (lambda: Highlight("top", 0), "a count from 1 to 1,000"),
        (lambda: Highlight("<", 1, look="ugly"), "bad, good, late, strong"),  # type: ignore[arg-type]
        (lambda: Column(marks="red"), "a mark is a DataBar"),  # type: ignore[arg-type]
    ],
)
def test_what_no_mark_can_be_is_refused_at_once(mark: Any, said: str) -> None:
    with pytest.raises(BadWorkbook) as caught:
        mark()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_formula_of_an_unknown_column_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(
        BadWorkbook, match=r"\[lat share\] is no column of the table; did you mean 'late share'"
    ):
        rules(tmp_path / "a.xlsx", Highlight("formula", "[lat share] > 1"))
    assert not list(tmp_path.iterdir())

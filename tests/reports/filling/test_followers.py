"""What refers to filled rows follows them, on all sheets and in all parts."""

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from reports.filling.package import MAIN, RELATIONS
from reports.template import BadTemplate
from tests.support.workbooks.own_template import OWN, ROWS
from tests.support.workbooks.package import parts, repacked, xml
from tests.support.workbooks.templates import built, drawn, fill, filled, refs, shown, template, texts

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("own") / "own.xlsx"
    fill(path, OWN, {"title": "Own", "People": ROWS})
    return path


def test_formulas_of_all_sheets_grow_and_move(own: Path) -> None:
    with pytest.warns(UserWarning, match="not supported"):
        book = openpyxl.load_workbook(own)

    report, other = (shown(book[name]) for name in ("Report", "Other"))
    assert [report[f"D{row}"] for row in range(5, 9)] == [f"=B{row}+C{row}*$B$12" for row in range(5, 9)]
    assert [report[f"F{row}"] for row in range(5, 9)] == [f"=SUM(D$5:D{row})" for row in range(5, 9)]
    assert report["B11"] == "=SUM(D5:D8)"
    assert other == {"A1": "=SUM(Report!D5:D8)", "A2": "=Report!B12*COUNT(Below[v])", "A3": "=LOG10(100)"}


def test_formulas_that_may_have_changed_have_no_value_until_excel_calculates(own: Path) -> None:
    values = [cell.find("{*}v") for cell in xml(own, SHEET).iter("{*}c") if cell.find("{*}f") is not None]

    assert [value is None for value in values] == [True] * 8 + [False] * 2 + [True]  # subtotals know theirs
    assert xml(own, "xl/workbook.xml").find("{*}calcPr").get("fullCalcOnLoad") == "1"


def test_formats_rules_links_and_merged_cells_are_carried_down(own: Path) -> None:
    root = xml(own, SHEET)

    assert [row.get("ht") for row in root.iter("{*}row")][2:7] == ["21"] * 4 + [None]
    assert refs(root, "mergeCell") == ["A14:C14"]
    assert refs(root, "conditionalFormatting", "sqref")[:2] == ["D5:D8", "B5:B8"]
    assert texts(root, "formula") == ["$B5>$B$12"]
    assert refs(root, "dataValidation", "sqref") == ["B5:B8"]
    assert texts(root, "formula1") == ["$A$21:$A$22"]
    assert refs(root, "hyperlink") == ["C5", "C6", "C7", "C8", "D12"]
    assert refs(root, "hyperlink", "location")[-1] == "Report!A20"
    assert refs(root, "brk", "id") == ["12"]
    assert refs(root, "dimension") == ["A1:F22"]


def test_newer_data_bars_and_sparklines_follow(own: Path) -> None:
    root, other = xml(own, SHEET), xml(own, "xl/worksheets/sheet2.xml")
    sparklines = list(zip(texts(root, "f")[-5:], texts(root, "sqref")[-5:], strict=True))

    assert texts(root, "sqref")[0] == "D5:D8"  # the data bar
    assert sparklines == [
        ("Report!D5:D8", "C12"),
        *((f"Report!B{row}:D{row}", f"E{row}") for row in range(5, 9)),
    ]
    assert texts(other, "f")[-1] == "Report!B5:B8"


def test_charts_read_all_rows_and_remember_none_of_the_old(own: Path) -> None:
    first, second = xml(own, "xl/charts/chart1.xml"), xml(own, "xl/charts/chart2.xml")

    assert texts(first, "f") == ["Report!$B$4", "Report!$A$5:$A$8", "Report!$D$5:$D$8"]
    assert texts(second, "f") == ["Report!$A$21:$A$22", "Report!$B$21:$B$22"]
    assert not [
        cache for root in (first, second) for cache in (*root.iter("{*}numCache"), *root.iter("{*}strCache"))
    ]


def test_drawings_move_with_their_first_row_and_keep_their_size(own: Path) -> None:
    before = [int(row) for row in texts(xml_of(OWN, "xl/drawings/drawing1.xml"), "row")]
    after = [int(row) for row in texts(xml(own, "xl/drawings/drawing1.xml"), "row")]

    moved = [now - then for then, now in zip(before, after, strict=True)]
    assert moved == [0, 0, 3, 3, 3, 3]  # a chart beside the range; one below it; a text box


def test_comments_stand_at_each_record_with_shapes_of_their_own(own: Path) -> None:
    assert refs(xml(own, "xl/comments1.xml"), "comment") == ["A5", "A6", "A7", "A8", "B12"]

    shapes = xml(own, "xl/drawings/vmlDrawing1.vml")
    assert texts(shapes, "Row") == ["4", "5", "6", "7", "11"]
    ids = [shape.get("id") for shape in shapes.iter("{*}shape")]
    assert len(set(ids)) == len(ids) == 5


def test_names_print_areas_and_tables_follow(own: Path) -> None:
    names = {name.get("name"): name.text for name in xml(own, "xl/workbook.xml").iter("{*}definedName")}

    assert names == {
        "People": "Report!$A$5:$F$9",
        "_xlnm.Print_Area": "Report!$A$1:$F$22",
        "Rate": "Report!$B$12",
    }
    assert refs(xml(own, "xl/tables/table1.xml"), "table") == ["A20:B22"]


def test_the_order_of_calculation_names_the_cells_that_have_formulas(tmp_path: Path) -> None:
    chain = f'<calcChain xmlns="{MAIN}"><c r="B4" i="1"/></calcChain>'
    source = with_chain(template({"A2": "{{ item.n }}", "B4": "=SUM(A2:A2)"}, {"R": "S!$A$2:$A$2"}), chain)
    fill(tmp_path / "a.xlsx", source, {"R": [{"n": 1}, {"n": 2}]})

    cells = [(cell.get("r"), cell.get("i")) for cell in xml(tmp_path / "a.xlsx", "xl/calcChain.xml")]
    assert cells == [("B5", "1")]


def test_shared_formulas_move_each_by_itself(tmp_path: Path) -> None:
    source = template(
        {"A1": "{{ item.n }}", "A3": 1, "A4": 2, "B3": "=A3*A$3", "B4": "x"}, {"R": "S!$A$1:$A$1"}
    )
    rows = parts(source)[SHEET].replace(b"<f>A3*A$3</f>", b'<f t="shared" ref="B3:B4" si="0">A3*A$3</f>')
    rows = re.sub(rb'<c r="B4".*?</c>', b'<c r="B4"><f t="shared" si="0"/></c>', rows)
    assert rows.count(b'si="0"') == 2
    ws = filled(tmp_path / "a.xlsx", repacked(source, {SHEET: rows}), {"R": [{"n": 1}] * 3})

    assert [ws[cell].value for cell in ("B5", "B6")] == ["=A5*A$5", "=A6*A$5"]


def test_an_array_formula_below_moves_and_one_across_is_refused(tmp_path: Path) -> None:
    def source(ref: str) -> bytes:
        def build(book: Any) -> None:
            ws = book.active
            ws.title, ws["A1"] = "S", "{{ item.n }}"
            ws[ref.split(":", maxsplit=1)[0]] = ArrayFormula(ref, "=A1:A2*2")
            book.defined_names["R"] = openpyxl.workbook.defined_name.DefinedName("R", attr_text="S!$A$1:$A$1")

        return built(build)

    fill(tmp_path / "a.xlsx", source("B3:B4"), {"R": [{"n": 1}] * 3})
    (formula,) = xml(tmp_path / "a.xlsx", SHEET).iter("{*}f")
    assert (formula.get("ref"), formula.text) == ("B5:B6", "A1:A4*2")
    with pytest.raises(BadTemplate, match="cell B1: the array formula of B1:B2 stretches over filled rows"):
        fill(tmp_path / "b.xlsx", source("B1:B2"), {"R": [{"n": 1}] * 3})


def test_a_reference_over_several_sheets_is_refused_where_rows_move(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        book.active.title, book.active["A1"] = "S", "{{ item.n }}"
        book.create_sheet("T")["A1"] = "=SUM(S:T!B5)"
        book.defined_names["R"] = openpyxl.workbook.defined_name.DefinedName("R", attr_text="S!$A$1:$A$1")

    with pytest.raises(BadTemplate, match="sheet 'T', cell A1: S:T!B5 spans several sheets"):
        fill(tmp_path / "a.xlsx", built(build), {"R": [{"n": 1}]})


def test_sheets_whose_names_need_quotes_follow_too(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        ws, other = book.add_worksheet("It's 1"), book.add_worksheet("T")
        ws.write("A1", "{{ item.n }}")
        other.write_formula("A1", "=SUM('It''s 1'!A1:A1)+'It''s 1'!A3+SUM('It''s 1'!A:A)")
        book.define_name("Rows", "='It''s 1'!$A$1:$A$1")

    path = tmp_path / "a.xlsx"
    fill(path, drawn(build), {"Rows": [{"n": 1}, {"n": 2}]})
    assert texts(xml(path, "xl/worksheets/sheet2.xml"), "f") == [
        "SUM('It''s 1'!A1:A2)+'It''s 1'!A4+SUM('It''s 1'!A:A)"
    ]


def xml_of(source: bytes, part: str) -> Any:
    from lxml import etree

    return etree.fromstring(parts(source)[part])


def with_chain(source: bytes, chain: str) -> bytes:
    files = parts(source)
    types = files["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        b'spreadsheetml.calcChain+xml"/></Types>',
    )
    relations = files["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        f'<Relationship Id="rIdC" Type="{RELATIONS}/calcChain" Target="calcChain.xml"/></Relationships>'.encode(),
    )
    changed = {
        "[Content_Types].xml": types,
        "xl/_rels/workbook.xml.rels": relations,
        "xl/calcChain.xml": chain.encode(),
    }
    return repacked(source, changed)

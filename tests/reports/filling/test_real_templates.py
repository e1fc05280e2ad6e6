"""Templates that people made with Excel: all are filled, nothing of them is lost, and programs open them."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from tests.support.real_data import real_data
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.libreoffice import SPACES, opened_and_saved
from tests.support.workbooks.package import parts, repacked, xml
from tests.support.workbooks.templates import faults, fill, refs, shown, texts

pytestmark = pytest.mark.real_data
FIELDS = [
    "OrderNo",
    "SaleDate",
    "ShipDate",
    "ShipToAddr1",
    "ShipToAddr2",
    "PaymentMethod",
    "ItemsTotal",
    "TaxRate",
    "AmountPaid",
]
CURVE = b'<definedNames><definedName name="curve">Sheet1!$A$2:$B$102</definedName></definedNames><calcPr'
DAY = date(2013, 6, 30)
TWIN = "closedxml_tLists2_sum.filled"


def twin() -> Any:
    return openpyxl.load_workbook(real_data(f"xlsx/{TWIN}.xlsx")).worksheets[0]


def orders() -> list[dict[str, Any]]:
    rows = twin().iter_rows(min_row=12, max_row=20, min_col=2, max_col=10, values_only=True)
    return [dict(zip(FIELDS, row, strict=True)) for row in rows]


def customer() -> dict[str, object]:
    ws = twin()
    places = {
        "Company": "C3",
        "City": "B9",
        "State": "E9",
        "Country": "G9",
        "Zip": "I9",
        "Phone": "B24",
        "Fax": "E24",
    }
    told = {name: ws[cell].value for name, cell in places.items()}
    return {**told, "Addr1": "632-1 Third Frydenhoj", "Addr2": None, "Orders": orders()}


def customers() -> list[dict[str, object]]:
    part = {"Description": "Regulator", "ListPrice": 100}
    items = [{"Qty": 2, "Discount": 10, "Part": part}, {"Qty": 1, "Discount": 0, "Part": part}]
    nested = [{**order, "Items": items[: 1 + place % 2]} for place, order in enumerate(orders())]
    return [
        {"CustNo": 1, "Company": "Kauai", "Orders": nested[:3]},
        {"CustNo": 2, "Company": "Unisco", "Orders": nested[3:5]},
    ]


def frames() -> dict[str, object]:
    pieces = {"RptDate": [DAY] * 9000, "Series": "E", "RecordType": "Total", "Total Pieces": range(9000)}
    bonds = {"ReportDate": [DAY] * 9, "Series": "E", "Bonds Out": 1, "tranMonth": 201306, "FY": 2013}
    return {
        "Table__2296.accdb": pl.DataFrame(pieces),
        "Table_MudData.accdb": pl.DataFrame(bonds).with_columns(pl.lit(5).alias("Bonds Issued")),
    }


def templates() -> dict[str, tuple[bytes, Mapping[str, object]]]:
    found = {name: real_data(f"xlsx/{name}.xlsx").read_bytes() for name in NAMES}
    workbook = parts(found["chartsheet"])["xl/workbook.xml"].replace(b"<calcPr", CURVE)
    found["chartsheet"] = repacked(found["chartsheet"], {"xl/workbook.xml": workbook})
    values: dict[str, Mapping[str, object]] = {
        "chartsheet": {"curve": pl.DataFrame({"x": [step / 10 for step in range(150)]})},
        "closedxml_GroupTagTests_Simple": customer(),
        "closedxml_Subranges_Simple_tMD1": {"Customers": customers()},
        "closedxml_tLists1_cell_setting": customer(),
        "closedxml_tLists2_sum": customer(),
        "closedxml_tLists4_complexRange": {**customer(), "Contact": "Erica"},
        "closedxml_tPivot5_Static": {"Orders": [{**order, "Company": "K"} for order in orders()]},
        "report_data_criteria": frames(),
    }
    return {name: (found[name], values[name]) for name in NAMES}


NAMES = (
    "chartsheet",
    "closedxml_GroupTagTests_Simple",
    "closedxml_Subranges_Simple_tMD1",
    "closedxml_tLists1_cell_setting",
    "closedxml_tLists2_sum",
    "closedxml_tLists4_complexRange",
    "closedxml_tPivot5_Static",
    "report_data_criteria",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them, filled."""
    made = tmp_path_factory.mktemp("filled")
    for name, (source, values) in templates().items():
        fill(made / f"{name}.xlsx", source, values, about=ABOUT)
    return made


@cache
def sheets(path: Path) -> list[Any]:
    return list(openpyxl.load_workbook(path).worksheets)


def sheet(folder: Path, name: str, place: int = 0) -> Any:
    return sheets(folder / f"{name}.xlsx")[place]


@pytest.mark.parametrize("name", NAMES)
def test_no_part_is_missing_nothing_is_against_the_standard_and_openpyxl_reads_it(
    folder: Path, name: str
) -> None:
    before, after = parts(real_data(f"xlsx/{name}.xlsx")), parts(folder / f"{name}.xlsx")

    assert list(after)[: len(before)] == list(before)
    assert len(after) == len(before) + 1  # About
    assert faults(folder / f"{name}.xlsx") <= faults(real_data(f"xlsx/{name}.xlsx"))
    unfilled = [cell for cell in shown(sheet(folder, name)).values() if "{{" in str(cell)]
    assert (
        unfilled == [] or name == "closedxml_tPivot5_Static"
    )  # what its pivot table shows is Excel's to fill


def test_libreoffice_opens_them_all(folder: Path) -> None:
    from lxml import etree

    for name, saved in zip(
        NAMES, opened_and_saved([folder / f"{name}.xlsx" for name in NAMES], folder), strict=True
    ):
        tree = etree.parse(saved, etree.XMLParser(huge_tree=True))
        lines = {"".join(line.itertext()) for line in tree.iterfind(".//text:p", SPACES)}
        sheets = [one.get(f"{{{SPACES['table']}}}name") for one in tree.iterfind(".//table:table", SPACES)]
        assert "About" in sheets, name
        assert not {line for line in lines if line.startswith(("#REF", "#NAME", "Err:"))}, name


def test_the_same_orders_give_what_the_others_program_made_of_them(folder: Path) -> None:
    ws, expected = sheet(folder, "closedxml_tLists2_sum"), twin()

    assert ws.dimensions == expected.dimensions
    for row, wanted in zip(ws.iter_rows(), expected.iter_rows(), strict=True):
        for cell, other in zip(row, wanted, strict=True):
            theirs = other.value.replace("Subtotal(", "SUBTOTAL(") if other.data_type == "f" else other.value
            assert (cell.coordinate, cell.value, cell.number_format) == (
                other.coordinate,
                theirs,
                other.number_format,
            )
    rules = [[str(one.sqref) for one in each.conditional_formatting] for each in (ws, expected)]
    assert rules[0] == rules[1] == ["E12:G20"]
    assert ws.parent.defined_names["Orders"].attr_text == "Sheet1!$A$12:$J$21"


def test_groups_are_sorted_and_summed(folder: Path) -> None:
    ws = sheet(folder, "closedxml_GroupTagTests_Simple")

    assert [ws[f"G{row}"].value for row in (14, 18, 23, 24)] == [
        "Cash SUM",
        "Credit SUM",
        "Visa SUM",
        "By All SUM",
    ]
    assert [ws[f"H{row}"].value for row in (14, 24)] == ["=SUBTOTAL(9,H12:H13)", "=SUBTOTAL(9,H12:H23)"]
    assert (ws["B26"].value, ws["B27"].value) == ("Phone", "504-798-3022")


def test_master_and_detail_lie_within_each_other(folder: Path) -> None:
    ws = sheet(folder, "closedxml_Subranges_Simple_tMD1")

    told = [(ws[f"B{row}"].value, ws[f"C{row}"].value, ws[f"I{row}"].value) for row in range(4, 12)]
    assert told[0] == (1, "Kauai", None)
    assert told[2] == (None, 1005, 4807)
    assert told[4][2] == 180
    assert told[5] == (None, 1059, 2150)
    assert {"C4:I4", "D6:E6", "D8:E8", "D9:E9"} <= {str(one) for one in ws.merged_cells.ranges}


def test_a_block_keeps_its_merged_cells_rules_and_formulas(folder: Path) -> None:
    ws = sheet(folder, "closedxml_tLists4_complexRange")

    assert ws["H17"].value == "=G16-$J$4"
    assert {"B16:B18", "I37:J38", "E39:J39"} <= {str(one) for one in ws.merged_cells.ranges}
    assert [str(one.sqref) for one in ws.conditional_formatting][1] == "E13:E39"
    chain = xml(folder / "closedxml_tLists4_complexRange.xlsx", "xl/calcChain.xml")
    assert {cell.get("r") for cell in chain} >= {"H14", "H17", "H38", "E39", "B6"}


def test_sorted_rows_keep_links_comments_and_choices(folder: Path) -> None:
    path = folder / "closedxml_tLists1_cell_setting.xlsx"
    ws = sheet(folder, "closedxml_tLists1_cell_setting")

    days = [ws[f"C{row}"].value for row in range(12, 21)]
    assert days == sorted(days)
    assert [str(one.sqref) for one in ws.data_validations.dataValidation] == ["G12:G20", "I9"]
    assert ws["B20"].hyperlink.target == ws["B12"].hyperlink.target is not None
    assert refs(xml(path, "xl/comments1.xml"), "comment") == [*(f"J{row}" for row in range(12, 21)), "B23"]


def test_a_pivot_table_reads_all_rows_when_it_opens(folder: Path) -> None:
    cache = xml(folder / "closedxml_tPivot5_Static.xlsx", "xl/pivotCache/pivotCacheDefinition1.xml")

    assert cache.get("refreshOnLoad") == "1"
    assert refs(cache, "worksheetSource") == ["B3:H12"]


def test_tables_side_by_side_take_frames_of_other_lengths(folder: Path) -> None:
    path = folder / "report_data_criteria.xlsx"
    report, ws, *_ = sheets(path)

    assert refs(xml(path, "xl/tables/table1.xml"), "table") == ["A3:D9003"]
    assert refs(xml(path, "xl/tables/table2.xml"), "table") == ["F3:K12"]
    assert (ws["D9003"].value, ws["K12"].value, ws["K13"].value) == (8999, 5, None)
    assert report["C7"].value.startswith("=SUMIFS(data!$D:$D,data!$C:$C")
    names = [name.text for name in xml(path, "xl/workbook.xml").iter("{*}definedName")]
    assert names[0] == "data!$A$3:$D$9003"


def test_the_chart_of_a_chart_sheet_reads_all_rows(folder: Path) -> None:
    chart = xml(folder / "chartsheet.xlsx", "xl/charts/chart1.xml")

    assert texts(chart, "f") == ["Sheet1!$B$1", "Sheet1!$A$2:$A$151", "Sheet1!$B$2:$B$151"]
    assert sheet(folder, "chartsheet")["B151"].value == "=SIN(A151)*EXP(-A151/2)"

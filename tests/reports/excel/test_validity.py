"""What is written is what ECMA-376 describes: no reader has to repair it."""

import posixpath
from typing import Any

import pytest
from lxml import etree

from reports.excel.writer import write_workbook
from tests.support.workbooks import ooxml
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.everything import MOST_ROWS, everything
from tests.support.workbooks.package import parts as parts_of
from tests.support.workbooks.reading import CREATED

SHEETS = 14 + 2  # of the workbook; one is split in two, and About is added
Parts = dict[str, Any]


@pytest.fixture(scope="module", params=["columnar", "openpyxl"])
def parts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """The root of every XML part, by its name."""
    path = tmp_path_factory.mktemp("validity") / "a.xlsx"
    with pytest.MonkeyPatch.context() as patch:
        for module in ("layout", "table_part"):
            patch.setattr(f"reports.excel.{module}.MAX_ROWS", MOST_ROWS)
        write_workbook(everything(), path, about=ABOUT, created=CREATED, row_path=request.param)
    return {name: etree.fromstring(data) for name, data in parts_of(path).items()}


def named(parts: Parts, folder: str) -> Parts:
    return {name: root for name, root in parts.items() if posixpath.dirname(name) == folder}


def relations(parts: Parts, name: str) -> dict[str, Any]:
    """What a part refers to, by id."""
    folder, base = posixpath.split(name)
    root = parts.get(posixpath.join(folder, "_rels", f"{base}.rels"))
    return {one.get("Id"): one for one in root} if root is not None else {}


def target(name: str, relation: Any) -> str:
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(name), relation.get("Target"))).lstrip(
        "/"
    )


def test_elements_stand_in_the_order_of_the_standard_with_the_attributes_it_asks_for(parts: Parts) -> None:
    faults = {name: found for name, root in parts.items() if (found := list(ooxml.faults_of_shape(root)))}
    assert faults == {}


def test_rows_and_cells_go_up_and_hold_what_their_type_says(parts: Parts) -> None:
    formats = len(parts["xl/styles.xml"].find("{*}cellXfs"))
    sheets = named(parts, "xl/worksheets")
    assert [fault for sheet in sheets.values() for fault in ooxml.faults_of_cells(sheet, formats)] == []
    assert len(sheets) == SHEETS


def test_cell_formats_refer_to_what_is_there(parts: Parts) -> None:
    assert list(ooxml.faults_of_styles(parts["xl/styles.xml"])) == []


def test_columns_links_and_filters_do_not_contradict_each_other(parts: Parts) -> None:
    assert [
        fault for one in named(parts, "xl/worksheets").values() for fault in ooxml.faults_of_sheet(one)
    ] == []


def test_extensions_are_one_list_of_rules_and_of_sparklines_each_in_a_cell_of_its_own(parts: Parts) -> None:
    sheets = named(parts, "xl/worksheets").values()
    assert [fault for one in sheets for fault in ooxml.faults_of_extensions(one)] == []
    assert len([group for one in sheets for group in one.iter(f"{{{ooxml.X14}}}sparklineGroup")]) == 8


def test_every_id_names_a_relation_and_every_relation_a_part(parts: Parts) -> None:
    assert sum(len(relations(parts, name)) for name in parts) > SHEETS
    for name, root in parts.items():
        known = relations(parts, name)
        used = {element.get(ooxml.ID) for element in root.iter(etree.Element)} - {None}
        assert used <= known.keys(), name
        for relation in known.values():
            outside = relation.get("TargetMode") == "External"
            assert outside or target(name, relation) in parts, (name, relation.get("Target"))


def test_every_part_has_a_content_type(parts: Parts) -> None:
    types = parts["[Content_Types].xml"]
    defaults = {one.get("Extension") for one in types.iterfind("{*}Default")}
    overrides = [one.get("PartName").lstrip("/") for one in types.iterfind("{*}Override")]
    assert len(set(overrides)) == len(overrides)
    assert set(overrides) <= parts.keys()
    rest = parts.keys() - set(overrides) - {"[Content_Types].xml"}
    assert {name.rpartition(".")[2] for name in rest} <= defaults
    assert not {name for name in rest if name.startswith("xl/") and name.endswith(".xml")}


def test_excel_tables_fit_the_cells_they_stand_on(parts: Parts) -> None:
    tables = named(parts, "xl/tables")
    faults = []
    for name in named(parts, "xl/worksheets"):
        cells = {cell.get("r"): "".join(cell.itertext()) for cell in parts[name].iterfind(".//{*}c")}
        for relation in relations(parts, name).values():
            if relation.get("Type").endswith("/table"):
                faults += list(ooxml.faults_of_table(parts[target(name, relation)], cells))
    assert faults == []
    assert len({table.get("id") for table in tables.values()}) == len(tables) == 6
    assert len({table.get("displayName") for table in tables.values()}) == len(tables)


def test_sheets_and_names_of_the_workbook_refer_to_each_other(parts: Parts) -> None:
    workbook = parts["xl/workbook.xml"]
    sheets = workbook.findall("{*}sheets/{*}sheet")
    assert (
        len({sheet.get("sheetId") for sheet in sheets}) == len(sheets) == len(named(parts, "xl/worksheets"))
    )
    names = [
        (one.get("name"), one.get("localSheetId"))
        for one in workbook.iterfind("{*}definedNames/{*}definedName")
    ]
    assert len(set(names)) == len(names)
    assert {name for name, of_sheet in names if of_sheet is None} == {
        "corner",
        "range_of_it",
        "kinds",
        "the_one",
    }
    assert {int(of_sheet) for _, of_sheet in names if of_sheet is not None} <= set(range(len(sheets)))


def test_no_formula_counts_its_own_cell(parts: Parts) -> None:
    totals = 0
    for sheet in named(parts, "xl/worksheets").values():
        for cell in sheet.iterfind(".//{*}c"):
            formula = cell.findtext("{*}f") or ""
            if formula.startswith("SUBTOTAL"):
                totals += 1
                first, last = formula.rpartition(",")[2].rstrip(")").split(":")
                column, row = ooxml.split_cell(cell.get("r"))
                assert ooxml.split_cell(first)[0] == column
                assert ooxml.split_cell(first)[1] <= ooxml.split_cell(last)[1] < row
    assert totals > SHEETS / 2

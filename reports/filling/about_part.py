"""Adds the About sheet to a template's package, as its last sheet. What it says, `about_sheet` knows."""

import io
import zipfile
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from lxml import etree
from openpyxl import Workbook as Book

from reports.about import About
from reports.excel.about_sheet import fill_about
from reports.filling.package import DECLARATION, RELATION_ID, TemplatePackage, children, local, main
from reports.filling.styles import FIRST_OWN_FORMAT, CellStyles
from reports.sheet_names import ABOUT

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
PARTS = {"fontId": "fonts", "fillId": "fills", "borderId": "borders"}


def add_about(
    package: TemplatePackage, styles: CellStyles, about: About, title: str | None, findings: Sequence[str]
) -> None:
    sheets = next(iter(children(package.tree(package.workbook), "sheets")))
    if any(sheet.get("name", "").casefold() == ABOUT.casefold() for sheet in sheets):
        raise package.refuse(
            f"sheet {ABOUT!r}", "Presstime adds a sheet of this name; rename the template's own"
        )
    sheet, looks, strings = _drawn(about, title, findings)
    _take_styles(sheet, looks, styles)
    _own_text(sheet, strings)
    number = next(n for n in range(1, 10**6) if f"xl/worksheets/sheet{n}.xml" not in package.parts)
    part = f"xl/worksheets/sheet{number}.xml"
    package.put(part, DECLARATION + etree.tostring(sheet))
    package.declare(part, SHEET_TYPE)
    id_ = package.relate(package.workbook, "worksheet", part)
    taken = [int(one.get("sheetId", "0")) for one in sheets]
    etree.SubElement(sheets, main("sheet"), {"name": ABOUT, "sheetId": str(max(taken) + 1), RELATION_ID: id_})


def _drawn(about: About, title: str | None, findings: Sequence[str]) -> tuple[Any, Any, list[str]]:
    """The sheet, the styles that it refers to, and its texts, as openpyxl writes them."""
    book = Book()
    ws = book.worksheets[0]
    ws.title = ABOUT
    fill_about(ws, about, title, findings)
    for view in ws.views.sheetView:
        view.tabSelected = False
    file = io.BytesIO()
    book.save(file)
    with zipfile.ZipFile(file) as archive:
        sheet, looks = (
            etree.fromstring(archive.read(f"xl/{name}.xml")) for name in ("worksheets/sheet1", "styles")
        )
        strings = "xl/sharedStrings.xml"
        texts = etree.fromstring(archive.read(strings)) if strings in archive.namelist() else ()
    return sheet, looks, [item.findtext("{*}t") or "" for item in texts]


def _take_styles(sheet: Any, looks: Any, styles: CellStyles) -> None:
    formats = looks.find(main("cellXfs"))
    codes = {one.get("numFmtId"): one.get("formatCode") for one in looks.iterfind("{*}numFmts/{*}numFmt")}
    known: dict[str, str] = {}
    for cell in sheet.iter(main("c")):
        number = cell.get("s", "0")
        if number not in known:
            known[number] = str(_taken(formats[int(number)], looks, codes, styles))
        cell.set("s", known[number])


def _taken(look: Any, looks: Any, codes: dict[str, str], styles: CellStyles) -> int:
    made = deepcopy(look)
    made.set("xfId", "0")
    for attribute, name in PARTS.items():
        part = looks.find(main(name))[int(look.get(attribute, "0"))]
        made.set(attribute, str(styles.add(name, deepcopy(part))))
    if int(look.get("numFmtId", "0")) >= FIRST_OWN_FORMAT:
        made.set("numFmtId", styles.format(codes[look.get("numFmtId")]))
    for name in ("Font", "Fill", "Border", "NumberFormat", "Alignment"):
        made.set(f"apply{name}", "1")
    return styles.add("cellXfs", made)


def _own_text(sheet: Any, strings: list[str]) -> None:
    """Text in the cells themselves, so that the template's shared strings stay as they are."""
    for cell in sheet.iter(main("c")):
        if cell.get("t") == "s":
            cell.set("t", "inlineStr")
            value = next(child for child in cell if local(child) == "v")
            cell.remove(value)
            text = etree.SubElement(etree.SubElement(cell, main("is")), main("t"))
            text.text = strings[int(value.text)]
            text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")

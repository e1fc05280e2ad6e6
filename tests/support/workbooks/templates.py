"""Templates that are built for a test, and what became of them."""

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import xlsxwriter
from lxml import etree
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from reports import About, Template
from reports.filling.package import MAIN
from reports.filling.writer import write_template
from reports.written import Written
from tests.support.workbooks import ooxml
from tests.support.workbooks.package import parts, xml

CREATED = datetime(2026, 11, 2, 6, tzinfo=UTC)
HUGE = 1_000_000  # bytes: to look at each cell of it would take seconds
Cells = Mapping[str, object]


def template(cells: Cells, names: Mapping[str, str] | None = None, *, sheet: str = "S") -> bytes:
    """A workbook of one sheet, with names for ranges of it."""

    def build(book: Any) -> None:
        ws = book.active
        ws.title = sheet
        for cell, value in cells.items():
            ws[cell] = value
        for name, reference in (names or {}).items():
            book.defined_names[name] = DefinedName(name, attr_text=reference)

    return built(build)


def built(build: Callable[[Any], None]) -> bytes:
    """A workbook as openpyxl saves it."""
    book = openpyxl.Workbook()
    build(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def drawn(build: Callable[[Any], None]) -> bytes:
    """A workbook as XlsxWriter saves it, which knows sparklines, text boxes and newer conditional formats."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        build(book)
    return file.getvalue()


def fill(
    path: Path,
    source: bytes | Path,
    values: Mapping[str, object],
    *,
    about: About | None = None,
    zone: ZoneInfo | None = None,
    title: str | None = None,
) -> Written:
    return write_template(
        Template(source, values, title=title), path, about=about, created=CREATED, zone=zone
    )


def filled(path: Path, source: bytes | Path, values: Mapping[str, object], **given: Any) -> Worksheet:
    """The first worksheet of the filled workbook."""
    fill(path, source, values, **given)
    return openpyxl.load_workbook(path).worksheets[0]


def shown(ws: Worksheet) -> dict[str, object]:
    """Its cells that hold something."""
    return {cell.coordinate: cell.value for row in ws.iter_rows() for cell in row if cell.value is not None}


def texts(root: Any, name: str) -> list[str]:
    """Of all elements of a name, whatever their namespace."""
    return [element.text for element in root.iter(f"{{*}}{name}")]


def refs(root: Any, name: str, attribute: str = "ref") -> list[str]:
    return [element.get(attribute) for element in root.iter(f"{{*}}{name}")]


def name_of(path: Path, name: str) -> str:
    """What a name of the workbook stands for."""
    names = xml(path, "xl/workbook.xml").iter("{*}definedName")
    return next(str(one.text) for one in names if one.get("name") == name)


def faults(source: Path | bytes) -> set[tuple[str, str]]:
    """What the standard does not allow in a workbook's sheets (but for huge ones), tables, comments and styles."""
    files: dict[str, Any] = {
        name: etree.fromstring(data)
        for name, data in parts(source).items()
        if name.endswith(".xml") and len(data) < HUGE
    }
    formats = len(files["xl/styles.xml"].find("{*}cellXfs"))
    found = {("xl/styles.xml", fault) for fault in ooxml.faults_of_styles(files["xl/styles.xml"])}
    for name, root in files.items():
        if etree.QName(root).namespace == MAIN:
            found |= {(name, fault) for fault in ooxml.faults_of_shape(root)}
        if "/worksheets/" in name:
            found |= {(name, fault) for fault in ooxml.faults_of_cells(root, formats)}
            found |= {(name, fault) for fault in ooxml.faults_of_sheet(root)}
    return found

"""Cells as they stand in the file, with what their styles mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from tests.support.workbooks.package import xml

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SPACES = {"m": MAIN}
PARTS = {"fontId": "m:fonts", "fillId": "m:fills", "borderId": "m:borders"}
PRESERVED = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(frozen=True)
class RawCell:
    """`text` is all text in the cell, `look` its whole format, `keeps` whether outer blanks are to be kept."""

    r: str
    t: str | None
    text: str
    look: str
    keeps: bool


def raw_cells(path: Path, sheet: int) -> list[RawCell]:
    looks = list(_looks(xml(path, "xl/styles.xml")))
    cells = xml(path, f"xl/worksheets/sheet{sheet}.xml").iterfind(".//m:c", SPACES)
    return [_cell(cell, looks) for cell in cells]


def _cell(cell: Any, looks: list[str]) -> RawCell:
    text = cell.find("m:is/m:t", SPACES)
    keeps = text is not None and text.get(PRESERVED) == "preserve"
    return RawCell(
        cell.get("r"), cell.get("t"), "".join(cell.itertext()), looks[int(cell.get("s", "0"))], keeps
    )


def _looks(styles: Any) -> Iterator[str]:
    codes = {
        each.get("numFmtId"): each.get("formatCode") for each in styles.iterfind("m:numFmts/m:numFmt", SPACES)
    }
    for xf in styles.iterfind("m:cellXfs/m:xf", SPACES):
        number = xf.get("numFmtId")
        parts = [styles.find(name, SPACES)[int(xf.get(of))] for of, name in PARTS.items()]
        texts = [etree.tostring(each).decode().strip() for each in (*parts, *xf)]
        yield " ".join([codes.get(number, number), *texts])

"""What LibreOffice sees in a workbook: it opens the file and saves it as flat XML, which is read here."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.support.workbooks.package import parts

SECONDS = 100  # to start, open and save; a first start makes a profile
OPEN_DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
SPACES = {name: OPEN_DOCUMENT.format(name) for name in ("office", "table", "text")}
DURATION = re.compile(r"PT(\d+)H(\d+)M([\d.]+)S")
SIGNS = {"s": " ", "tab": "\t", "line-break": "\n"}


def opened_and_saved(files: Sequence[Path], folder: Path) -> list[Path]:
    """The files as LibreOffice saves them, in one start of it. Skips the test where it is not installed."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip(
            "LibreOffice is not installed; on Debian: "
            "apt-get install --no-install-recommends libreoffice-calc-nogui"
        )
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        program,
        "--headless",
        profile,
        "--convert-to",
        "fods",
        "--outdir",
        str(folder),
        *map(str, files),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    return [folder / f"{file.stem}.fods" for file in files]


def columns_of(saved: Path) -> dict[str, list[Any]]:
    """The first column of each sheet, header included; None for a blank."""
    tree = etree.parse(saved, etree.XMLParser(huge_tree=True))
    sheets = tree.iterfind(".//table:table", SPACES)
    return {sheet.get(_name("table", "name"), ""): list(_cells(sheet)) for sheet in sheets}


def texts_of(saved: Path) -> dict[str, list[list[str]]]:
    """What each cell of each sheet shows, row by row."""
    tree = etree.parse(saved, etree.XMLParser(huge_tree=True))
    return {
        sheet.get(_name("table", "name"), ""): [
            [_shown(cell) for cell in row.iterfind("table:table-cell", SPACES)]
            for row in sheet.iterfind(".//table:table-row", SPACES)
        ]
        for sheet in tree.iterfind(".//table:table", SPACES)
    }


def charts_in(saved: Path) -> int:
    """How many charts LibreOffice drew."""
    tree = etree.parse(saved, etree.XMLParser(huge_tree=True))
    return len(tree.findall(".//draw:object", {"draw": OPEN_DOCUMENT.format("drawing")}))


def charts_in_package(path: Path) -> int:
    return sum(name.startswith("xl/charts/chart") for name in parts(path))


def _cells(sheet: Any) -> Iterator[Any]:
    for row in sheet.iterfind(".//table:table-row", SPACES):
        cell = row.find("table:table-cell", SPACES)
        yield from [_value(cell)] * min(int(row.get(_name("table", "number-rows-repeated"), "1")), 2)


def _value(cell: Any) -> Any:
    kind = cell.get(_name("office", "value-type"))
    if kind == "date":
        text = cell.get(_name("office", "date-value"))
        return datetime.fromisoformat(text) if len(text.partition("-")[0]) == 4 else text
    if kind == "time":
        return _duration(cell.get(_name("office", "time-value")))
    if kind == "boolean":
        return cell.get(_name("office", "boolean-value")) == "true"
    if kind == "float":
        return float(cell.get(_name("office", "value")))
    return _shown(cell) if kind is not None else None


def _shown(cell: Any) -> str:
    return "\n".join(_text(line) for line in cell.iterfind("text:p", SPACES))


def _text(line: Any) -> str:
    """Blanks in a row are a sign of their own there."""
    parts = [line.text or ""]
    for sign in line:
        name = etree.QName(sign).localname
        times = int(sign.get(_name("text", "c"), "1"))
        parts += [SIGNS[name] * times if name in SIGNS else _text(sign), sign.tail or ""]
    return "".join(parts)


def _duration(text: str) -> timedelta:
    found = DURATION.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=float(found[3]))


def _name(space: str, name: str) -> str:
    return f"{{{SPACES[space]}}}{name}"

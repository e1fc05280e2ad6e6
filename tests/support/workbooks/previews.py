"""Files to preview: workbooks from the real writer, from openpyxl, and by hand where neither writes such things."""

import io
from collections.abc import Mapping
from pathlib import Path

from reports.reading.preview import Preview, read_preview
from tests.support.workbooks.package import packed

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def preview(path: Path, sheet: str | None = None, **options: int) -> Preview:
    with path.open("rb") as file:
        return read_preview(file, path.suffix[1:], sheet, **options)


def by_hand(path: Path, rows: str, strings: str | None = None, **parts: str) -> Path:
    """A workbook of one sheet; `rows` is the XML between its sheetData."""
    relations = {"worksheet": "worksheets/sheet1.xml"} | ({"sharedStrings": "texts.xml"} if strings else {})
    listed = "".join(
        f'<Relationship Id="{kind}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for kind, target in relations.items()
    )
    head = f'xmlns="{MAIN}" xmlns:r="{OFFICE}"'
    texts = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="main" '
        f'Type="{OFFICE}/officeDocument" Target="/xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{listed}</Relationships>',
        "xl/workbook.xml": f'<workbook {head}><sheets><sheet name="S" sheetId="1" r:id="worksheet"/></sheets>'
        "</workbook>",
        "xl/worksheets/sheet1.xml": f"<worksheet {head}><sheetData>{rows}</sheetData></worksheet>",
        "xl/texts.xml": f"<sst {head}>{strings or ''}</sst>",
    }
    return archived(path, texts | parts)


def archived(path: Path, texts: Mapping[str, str]) -> Path:
    path.write_bytes(packed(texts))
    return path


class Counting(io.RawIOBase):
    """A file that knows how much of it was read."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self.bytes = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what BufferedReader hands over
        read = self._file.readinto(buffer)
        self.bytes += read
        return read

    def close(self) -> None:
        self._file.close()
        super().close()

"""What is in a file that was written: whether every row is there, and what zlib would have made of it."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from bench._installation import BenchFailed

CHUNK = 1 << 20
ROW = b"<row "
ZLIB_LEVEL = 6  # zlib's own default, and that of most writers
RAW = -15  # deflate without a header, as zip wants it


def check_rows(path: Path, rows: int, sheets: int) -> None:
    """Raises BenchFailed where a sheet has not a header and so many rows, or a CSV not so many lines."""
    found = rows_by_sheet(path, sheets) if zipfile.is_zipfile(path) else [path.read_bytes().count(b"\n")]
    if found != [rows + 1] * sheets:
        raise BenchFailed(f"{path.name} has {found} rows, not {rows + 1} on {sheets} sheets", {})


def bytes_by_zlib(path: Path) -> int:
    """The file's size if its sheets were deflated by zlib, level 6; the other parts are small."""
    with zipfile.ZipFile(path) as archive:
        size = path.stat().st_size
        for part in archive.infolist():
            if part.filename.startswith("xl/worksheets/sheet"):
                deflate = zlib.compressobj(ZLIB_LEVEL, zlib.DEFLATED, RAW)
                deflated = sum(len(deflate.compress(chunk)) for chunk in _chunks(archive, part.filename))
                size += deflated + len(deflate.flush()) - part.compress_size
    return size


def rows_by_sheet(path: Path, sheets: int) -> list[int]:
    """Rows of the first sheets, headers included."""
    with zipfile.ZipFile(path) as archive:
        return [_count(archive, f"xl/worksheets/sheet{number + 1}.xml") for number in range(sheets)]


def _count(archive: zipfile.ZipFile, name: str) -> int:
    found, rest = 0, b""
    for chunk in _chunks(archive, name):
        text = rest + chunk
        found += text.count(ROW)
        rest = text[1 - len(ROW) :]  # too short to hold one, long enough to begin one
    return found


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as part:
        while chunk := part.read(CHUNK):
            yield chunk

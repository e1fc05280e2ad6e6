"""Write a workbook as an .xlsx file, whole or not at all. Knows nothing of runs, HTTP or the database."""

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from openpyxl import Workbook as Book
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from presstime.artifacts import sha256_of
from reports.about import About
from reports.errors import BadWorkbook
from reports.excel.about_sheet import fill_about
from reports.excel.grid import Grid, read_grid
from reports.excel.looks import LINE_HEIGHT, set_up_page
from reports.excel.package import Package, SteadyZip
from reports.excel.widths import header_lines
from reports.workbook import ABOUT, Workbook

CREATOR = "Presstime"
HEADER_PADDING = 4.0  # points
TALLEST_ROW = 409.0  # points (Microsoft, "Excel specifications and limits")


class NaiveCreated(BadWorkbook):
    """The time of creation lacks a zone, so the file would differ from machine to machine."""

    def __init__(self, created: datetime) -> None:
        self.created = created
        super().__init__(f"created={created.isoformat()} has no time zone; pass an aware datetime")


@dataclass(frozen=True)
class Written:
    """A file on disk. `content_sha256` covers the sheets without About: equal means no figure changed.

    `rows` counts each sheet's rows without its header. `notes` are what a reader should be told.
    """

    bytes: int
    sha256: str
    content_sha256: str
    rows: Mapping[str, int]
    notes: tuple[str, ...]


def write_workbook(
    workbook: Workbook,
    path: Path,
    *,
    about: About | None = None,
    created: datetime,
    zone: ZoneInfo | None = None,
) -> Written:
    """Write to a draft beside `path`, then replace: equal arguments give equal bytes.

    `created` (aware) is stored as the time of creation and of the last change. Instants are shown in
    `zone`, or in their own column's. Raises BadWorkbook, and then leaves `path` as it was.
    """
    if created.tzinfo is None:
        raise NaiveCreated(created)
    grids = [read_grid(sheet, zone) for sheet in workbook.sheets]
    book = _book(workbook, grids, about, created)
    with _draft(path) as draft:
        with SteadyZip(draft, "w") as archive:
            Package(book, archive, {grid.sheet.name: grid for grid in grids}).write_data()
        size, digest = draft.stat().st_size, sha256_of(draft)
    return Written(
        size,
        digest,
        sha256(b"".join(grid.digest() for grid in grids)).hexdigest(),
        {grid.sheet.name: grid.rows for grid in grids},
        tuple(note for grid in grids for note in grid.notes),
    )


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A path beside `path` that replaces it on a clean exit, and is gone otherwise."""
    draft = path.with_name(f".{secrets.token_hex(4)}.draft")
    try:
        yield draft
        os.replace(draft, path)  # noqa: PTH105 # says what it does
    finally:
        draft.unlink(missing_ok=True)


def _book(workbook: Workbook, grids: Sequence[Grid], about: About | None, created: datetime) -> Book:
    book = Book()
    book.remove(book.worksheets[0])
    properties = book.properties
    properties.creator, properties.title = CREATOR, workbook.title
    properties.created = properties.modified = created.astimezone(UTC).replace(tzinfo=None)
    for grid in grids:
        _prepare(book.create_sheet(grid.sheet.name), grid, workbook.title)
    if about is not None:
        fill_about(book.create_sheet(ABOUT), about, workbook.title)
    book.worksheets[0].sheet_view.tabSelected = True  # the sheet that opens
    return book


def _prepare(ws: Worksheet, grid: Grid, title: str | None) -> None:
    """Everything of a data sheet but its rows."""
    for place, column in enumerate(grid.columns, start=1):
        ws.column_dimensions[get_column_letter(place)].width = column.width
    lines = max(header_lines(column.header, column.width) for column in grid.columns)
    ws.row_dimensions[1].height = min(lines * LINE_HEIGHT + HEADER_PADDING, TALLEST_ROW)
    if grid.sheet.freeze:
        ws.freeze_panes = "A2"
    if grid.sheet.filter:
        ws.auto_filter.ref = f"A1:{get_column_letter(len(grid.columns))}{grid.rows + 1}"
    ws.print_title_rows = "1:1"
    set_up_page(ws, sum(column.width for column in grid.columns), title)

"""A sheet's content as it will stand in the file, checked before a byte is written. Knows no openpyxl."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import compress
from zoneinfo import ZoneInfo

from reports.errors import BadCell, BadColumnName
from reports.excel.values import Unwritable, cell_text, plain_text
from reports.excel.widths import column_width
from reports.formats import NAMED, Kind, format_code, inferred_format
from reports.tables import TableColumn, kind_of, read_table
from reports.text import fault_in_text
from reports.workbook import Column, Sheet

BETWEEN_CELLS = "\x1f"  # control characters are refused in text, so these are unambiguous
BLANK = "\x1e"
HEADER_ROWS = 1


@dataclass(frozen=True, eq=False)
class GridColumn:
    """One column: `texts` as in the file (None is blank); `kinds`, one per cell, where it mixes them."""

    header: str
    texts: Sequence[str | None]
    kind: Kind | None
    kinds: Sequence[Kind] | None
    formats: Mapping[Kind, str]
    width: float


@dataclass(frozen=True, eq=False)
class Grid:
    """A sheet ready to be written."""

    sheet: Sheet
    rows: int
    columns: Sequence[GridColumn]
    notes: tuple[str, ...]

    def digest(self) -> bytes:
        """What a reader sees in the cells: changes with any value, header, format or order."""
        whole = sha256(self.sheet.name.encode())
        for column in self.columns:
            kinds = ",".join(kind.value for kind in column.kinds or [])
            formats = ",".join(f"{kind.value}={code}" for kind, code in column.formats.items())
            cells = BETWEEN_CELLS.join(BLANK if text is None else text for text in column.texts)
            whole.update("\x1d".join((column.header, kinds, formats, cells, "")).encode())
        return whole.digest()


def read_grid(sheet: Sheet, zone: ZoneInfo | None) -> Grid:
    """Read the frame and check every cell. Raises BadWorkbook naming sheet, column and row."""
    rows, table = read_table(sheet)
    columns = [
        _read_column(sheet.name, place, column, sheet.columns.get(column.name, Column()), zone)
        for place, column in enumerate(table, start=1)
    ]
    return Grid(sheet, rows, columns, tuple(note for column in table for note in column.notes))


def column_letter(place: int) -> str:
    """`A` for 1, `AA` for 27."""
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _read_column(
    sheet: str, place: int, column: TableColumn, looks: Column, zone: ZoneInfo | None
) -> GridColumn:
    shown_in = None if column.zone is None else zone or ZoneInfo(column.zone)
    header = _header(sheet, column, looks, shown_in)
    texts = _texts(sheet, place, column, shown_in, as_text=looks.as_text)
    kind = Kind.TEXT if looks.as_text else column.kind
    kinds = None if kind else [kind_of(value) or Kind.TEXT for value in column.values()]
    formats = _formats(kind, kinds, texts, looks)
    width = looks.width or column_width(header, kind, texts, formats)
    return GridColumn(header, texts, kind, kinds, formats, width)


def _texts(
    sheet: str, place: int, column: TableColumn, zone: ZoneInfo | None, *, as_text: bool
) -> list[str | None]:
    write = plain_text if as_text else cell_text
    texts: list[str | None] = []
    try:
        for value in column.values():
            texts.append(None if value is None else write(value, zone))  # noqa: PERF401 # its length names the row
    except (Unwritable, OverflowError, ValueError) as error:
        row = len(texts) + 1 + HEADER_ROWS
        reason = str(error) if isinstance(error, Unwritable) else "the date is outside the years 1 to 9999"
        raise BadCell(sheet, column.name, row, f"{column_letter(place)}{row}", reason) from error
    return texts


def _header(sheet: str, column: TableColumn, looks: Column, zone: ZoneInfo | None) -> str:
    header = column.name if looks.header is None else looks.header
    if not header.strip():
        raise BadColumnName(sheet, column.name, "the header is empty; name it with Column('...')")
    if fault := fault_in_text(header):
        raise BadColumnName(sheet, column.name, fault)
    return header if zone is None or zone.key in header else f"{header} ({zone.key})"


def _formats(
    kind: Kind | None, kinds: Sequence[Kind] | None, texts: Sequence[str | None], looks: Column
) -> dict[Kind, str]:
    present = [kind] if kind else sorted(set(kinds or []), key=lambda each: each.value)
    if looks.format is not None:
        return dict.fromkeys(present, format_code(looks.format))
    if looks.as_text:
        return {Kind.TEXT: NAMED["text"]}
    found = {}
    for each in present:
        mine = texts if kinds is None else compress(texts, [other is each for other in kinds])
        found[each] = inferred_format(each, [text for text in mine if text is not None])
    return found

"""The sheet Changes: what is told of changes, as cells."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from reports.blocks import Block, Formula, Text
from reports.comparing.columns import ListedColumn, formula_text
from reports.comparing.listing import ChangeList, SignedDifference, contents
from reports.comparing.words import TableChanges
from reports.excel import cell_styles
from reports.excel.sheet_writer import PlainCell, Rows
from reports.excel.styles import Style, Styles
from reports.excel.table_reading import TableReading
from reports.excel.values import CELL_TYPES, Unwritable, cell_text, escaped, plain_text
from reports.excel.widths import NARROWEST, PADDING
from reports.number_formats.formats import GENERAL, Kind
from reports.sheet_names import CHANGES
from reports.tables.objects import kind_of
from reports.text import made_writable, shown_width

WIDEST = 40  # characters; the whole text is in the cell
Cell = tuple[Style, str | None, str]  # with its text and type


class ListPart:
    """A header and lines of cells."""

    def __init__(self, listed: ChangeList, styles: Styles) -> None:
        self._styles = styles
        self.widths = [min(shown_width(header) + PADDING, WIDEST) for header in listed.headers]
        self._right = listed.at_right
        self._lines = [
            [self._cell(*pair, position) for position, pair in enumerate(line)] for line in listed.lines
        ]
        left, right = styles.of(cell_styles.HEADER_LEFT), styles.of(cell_styles.HEADER_RIGHT)
        self._header: list[Cell] = [
            (right if at_right else left, escaped(header), "inlineStr")
            for header, at_right in zip(listed.headers, self._right, strict=True)
        ]

    @property
    def rows(self) -> int:
        return 1 + len(self._lines)

    def write(self, rows: Rows, first: int) -> int:
        lines: list[list[Cell]] = [self._header, *self._lines]
        for row, line in enumerate(lines, start=first):
            cells = [
                PlainCell(rows.ws, position, style).put(row, text, data_type)
                for position, (style, text, data_type) in enumerate(line, start=1)
            ]
            rows.cells(row, cells)
        return first + self.rows

    def _cell(self, value: object, column: ListedColumn | None, position: int) -> Cell:
        if column is None:
            return self._own(value, position)
        code = column.code(value)
        kind, text = written(value, column.zone)
        width = shown_width(column.text(value)) if kind else 0
        return self._put(kind, text, code if kind_of(value) is kind else GENERAL, width, position)

    def _own(self, value: object, position: int) -> Cell:
        if isinstance(value, SignedDifference):
            kind, number = written(value.number, None)  # text, where it has more digits than a cell holds
            return self._put(kind, number, value.code, len(number or "") + PADDING, position)
        text = None if value is None else escaped(made_writable(str(value)))
        return self._put(Kind.TEXT, text, GENERAL, shown_width(text or ""), position)

    def _put(self, kind: Kind | None, text: str | None, code: str, width: int, position: int) -> Cell:
        self.widths[position] = min(max(self.widths[position], width + PADDING, NARROWEST), WIDEST)
        style = self._styles.of(cell_styles.RIGHT if self._right[position] else cell_styles.LEFT, code)
        return style, text, CELL_TYPES.get(kind, "n")


def blocks_of(
    compared: Sequence[TableChanges], readings: Sequence[TableReading], styles: Styles
) -> Iterator["Block | ListPart"]:
    """All that stands on the sheet, reader below the other."""
    yield Text(CHANGES, "title")
    columns = {id(reading.table): listed_columns(reading) for reading in readings}
    for block in contents(compared, columns):
        yield ListPart(block, styles) if isinstance(block, ChangeList) else block


def listed_columns(reading: TableReading) -> dict[str, ListedColumn]:
    return {
        reader.column.name: ListedColumn(
            reader.column.name, reader.header, reader.options, reader.shown_in, reader.scan.codes
        )
        for reader in reading.readers
    }


def written(value: object, zone: ZoneInfo | None) -> tuple[Kind | None, str | None]:
    """Kind and text of a cell; what a cell cannot hold becomes text. The kind is None for a blank."""
    kind = kind_of(value)
    if value is None or kind is None:
        return (None, None) if value is None else (Kind.TEXT, escaped(made_writable(str(value))))
    if isinstance(value, Formula):
        return Kind.TEXT, escaped(made_writable(formula_text(value)))
    try:
        text = cell_text(value, zone)
    except (Unwritable, OverflowError, ValueError):
        return Kind.TEXT, escaped(_spelled(value, zone))
    return (None, None) if text is None else (kind, text)


def _spelled(value: object, zone: ZoneInfo | None) -> str:
    try:
        return made_writable(plain_text(value, zone) or "")
    except (Unwritable, OverflowError, ValueError):
        return made_writable(str(value))

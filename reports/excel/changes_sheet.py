"""The sheet Changes: what is told of changes, as cells."""

from collections.abc import Iterator, Sequence

from reports.blocks import Block, Text
from reports.comparing.columns import ListedColumn
from reports.comparing.listing import ChangeList, Difference, contents
from reports.comparing.words import TableChanges
from reports.excel import looks
from reports.excel.sheet_writer import PlainCell, Rows
from reports.excel.shown import shown, written
from reports.excel.styles import Style, Styles
from reports.excel.table_reading import TableReading
from reports.excel.values import CELL_TYPES, escaped
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
        self._lines = [[self._cell(*pair, place) for place, pair in enumerate(line)] for line in listed.lines]
        self._header: list[Cell] = [
            (styles.of(looks.HEADER_RIGHT if at_right else looks.HEADER_LEFT), escaped(header), "inlineStr")
            for header, at_right in zip(listed.headers, self._right, strict=True)
        ]

    @property
    def rows(self) -> int:
        return 1 + len(self._lines)

    def write(self, rows: Rows, first: int) -> int:
        lines: list[list[Cell]] = [self._header, *self._lines]
        for row, line in enumerate(lines, start=first):
            cells = [
                PlainCell(rows.ws, place, style).put(row, text, data_type)
                for place, (style, text, data_type) in enumerate(line, start=1)
            ]
            rows.cells(row, cells)
        return first + self.rows

    def _cell(self, value: object, column: ListedColumn | None, place: int) -> Cell:
        if column is None:
            return self._own(value, place)
        code = column.code(value)
        kind, text = written(value, column.zone)
        width = shown_width(shown(value, code, column.zone)) if kind else 0
        return self._put(kind, text, code if kind_of(value) is kind else GENERAL, width, place)

    def _own(self, value: object, place: int) -> Cell:
        if isinstance(value, Difference):
            kind, number = written(value.number, None)  # text, where it has more digits than a cell holds
            return self._put(kind, number, value.code, len(number or "") + PADDING, place)
        text = None if value is None else escaped(made_writable(str(value)))
        return self._put(Kind.TEXT, text, GENERAL, shown_width(text or ""), place)

    def _put(self, kind: Kind | None, text: str | None, code: str, width: int, place: int) -> Cell:
        self.widths[place] = min(max(self.widths[place], width + PADDING, NARROWEST), WIDEST)
        style = self._styles.of(looks.RIGHT if self._right[place] else looks.LEFT, code)
        return style, text, CELL_TYPES.get(kind, "n")


def blocks_of(
    compared: Sequence[TableChanges], readings: Sequence[TableReading], styles: Styles
) -> Iterator["Block | ListPart"]:
    """All that stands on the sheet, one below the other."""
    yield Text(CHANGES, "title")
    columns = {id(reading.table): listed_columns(reading) for reading in readings}
    for block in contents(compared, columns):
        yield ListPart(block, styles) if isinstance(block, ChangeList) else block


def listed_columns(reading: TableReading) -> dict[str, ListedColumn]:
    return {
        one.column.name: ListedColumn(one.column.name, one.header, one.looks, one.shown_in, one.formats)
        for one in reading.readers
    }

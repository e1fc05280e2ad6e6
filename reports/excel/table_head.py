"""The header of a table: a name above each column, and above several columns what they have in common."""

from collections.abc import Sequence

from openpyxl.comments import Comment

from reports.excel import cell_styles
from reports.excel.column_reader import ColumnReader
from reports.excel.letters import cell_name
from reports.excel.sheet_writer import PlainCell, Rows
from reports.excel.styles import CellStyle, Styles
from reports.excel.values import escaped
from reports.excel.widths import header_lines
from reports.number_formats.formats import LEFT_ALIGNED
from reports.tables.headers import common

PADDING_POINTS = 4.0
TALLEST_ROW = 409.0  # points (Microsoft, "Excel specifications and limits")


class TableHead:
    """`readers` are the table's columns, `widths` theirs in characters."""

    def __init__(
        self, readers: Sequence[ColumnReader], widths: Sequence[float], styles: Styles, *, filtered: bool
    ) -> None:
        self.readers = readers
        self.widths = widths
        self.levels = max((len(reader.options.levels) for reader in readers), default=0)
        self._styles = [styles.of(_cell_style(reader, filtered=filtered)) for reader in readers]
        if self.levels:
            self._common, self._empty = (
                styles.of(cell_styles.HEADER_COMMON),
                styles.of(cell_styles.HEADER_EMPTY),
            )

    def write(self, rows: Rows, first: int) -> int:
        """The number of the row in which the names stand, which is the last."""
        for level in range(self.levels):
            self._write_level(rows, first + level, level)
        row = first + self.levels
        cells = []
        for place, (reader, style) in enumerate(zip(self.readers, self._styles, strict=True), start=1):
            cell = PlainCell(rows.ws, place, style)
            if reader.options.note is not None:
                cell.comment = Comment(reader.options.note, "Presstime")
            cells.append(cell.put(row, escaped(reader.header), "inlineStr"))
        widths = zip(self.readers, self.widths, strict=True)
        lines = max(header_lines(reader.header, width) for reader, width in widths)
        height = min(lines * cell_styles.LINE_HEIGHT + PADDING_POINTS, TALLEST_ROW)
        rows.ws.row_dimensions[row].height = height
        rows.cells(row, cells)
        return row

    def _write_level(self, rows: Rows, row: int, level: int) -> None:
        cells = []
        for first, count, text in common([reader.options.levels for reader in self.readers], level):
            style = self._common if text else self._empty
            for place in range(first, first + count):
                shown = escaped(text) if text and place == first else None
                cells.append(PlainCell(rows.ws, place + 1, style).put(row, shown, "inlineStr"))
            if text and count > 1:
                rows.merge(f"{cell_name(row, first + 1)}:{cell_name(row, first + count)}")
        rows.cells(row, cells)


def _cell_style(reader: ColumnReader, *, filtered: bool) -> CellStyle:
    if reader.kind in LEFT_ALIGNED:
        return cell_styles.HEADER_LEFT
    return cell_styles.HEADER_BESIDE_BUTTON if filtered else cell_styles.HEADER_RIGHT

"""Heights of rows that show what they hold. In points, Excel's own unit."""

from collections.abc import Sequence

from reports.excel.cell_styles import LINE_HEIGHT
from reports.excel.column_reader import ColumnReader
from reports.excel.encoding import written_texts
from reports.excel.table_head import TALLEST_ROW
from reports.excel.widths import text_lines
from reports.tables.cells import Cells


def row_heights(
    readers: Sequence[ColumnReader], widths: Sequence[float], cells: Sequence[Cells], least: float | None
) -> list[float | None] | None:
    """Return the heights of rows whose text takes several lines: not every program measures them on opening.

    All are at least `least` high. None stands for a row, or for a slice, of Excel's own height.
    """
    wrapped = [place for place, reader in enumerate(readers) if reader.wraps]
    if not wrapped and least is None:
        return None
    lines = [1] * cells[0].rows
    for place in wrapped:
        for row, text in enumerate(written_texts(cells[place])):
            lines[row] = max(lines[row], text_lines(text or "", widths[place]))
    return [least if most == 1 else max(min(most * LINE_HEIGHT, TALLEST_ROW), least or 0.0) for most in lines]

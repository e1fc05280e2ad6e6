"""Marks on a table's sheet for what changed: grounds on cells, and notes with what stood there before."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from reports.comparing.compare import NOTED, Comparison
from reports.comparing.words import HIGHLIGHTED
from reports.excel.changes_sheet import listed_columns
from reports.excel.encoding import Encoded, restyled
from reports.excel.sheet_writer import PlainCell, Rows
from reports.excel.styles import Style, Styles
from reports.excel.table_reading import TableReading
from reports.number_formats.formats import Kind
from reports.tables.buffers import Int64s

UNNOTED = "changed cells beyond the first 1,000, marked but without a note of what they were: {count}"
Written: TypeAlias = tuple[PlainCell, str | None, str]


class ChangedCells:
    """The marks of one table. Styles are registered when it is made; `body` are those of its columns, by kind."""

    def __init__(
        self,
        comparison: Comparison,
        reading: TableReading,
        styles: Styles,
        body: Sequence[Mapping[Kind, Style]],
    ) -> None:
        self._added = comparison.added
        self._changed = [
            comparison.changed.get(reader.column.name, np.zeros(0, np.int64)) for reader in reading.readers
        ]
        self._styles = [
            [
                {style.number: styles.marked(style, meaning) for style in own.values()}
                for meaning in HIGHLIGHTED
            ]
            for own in body
        ]
        self._notes = dict(_notes(comparison, reading))
        self._noted = sorted(self._notes)
        if (more := comparison.changed_cells - len(self._notes)) > 0:
            reading.findings.add("changes", reading.sheet, UNNOTED, count=more)

    def encoded(self, position: int, start: int, cells: Encoded) -> Encoded:
        """A slice of a column, from the frame's row `start` on, with marks."""
        marked_rows = self._rows(position, start, len(cells.values))
        if not any(map(len, marked_rows)):
            return cells
        numbers = [{old: new.number for old, new in known.items()} for known in self._styles[position]]
        return restyled(cells, list(zip(marked_rows, numbers, strict=True)))

    def cells(self, position: int, start: int, cells: list[Written]) -> list[Written]:
        """The same, of cells that openpyxl writes."""
        marked = list(cells)
        for rows, styles in zip(self._rows(position, start, len(cells)), self._styles[position], strict=True):
            for row in rows.tolist():
                cell, text, data_type = cells[row]
                marked[row] = cell.restyled(styles[cell.style_id]), text, data_type
        return marked

    def write_notes(self, rows: Rows, first: int, start: int, count: int) -> None:
        """Add notes to `count` rows from the frame's row `start`, which stand on the sheet from row `first` on."""
        begin, end = np.searchsorted([row for row, _ in self._noted], [start, start + count])
        for row, position in self._noted[begin:end]:
            rows.note(first + row - start, position + 1, self._notes[row, position])

    def _rows(self, position: int, start: int, count: int) -> list[Int64s]:
        """Those of the slice that are new, and those whose cell in this column changed; the first has number 0."""
        marked_rows = []
        for rows in (self._added, self._changed[position]):
            begin, end = np.searchsorted(rows, [start, start + count])
            marked_rows.append(rows[begin:end] - start)
        return marked_rows


def _notes(comparison: Comparison, reading: TableReading) -> Iterator[tuple[tuple[int, int], str]]:
    positions = {reader.column.name: position for position, reader in enumerate(reading.readers)}
    columns = listed_columns(reading)
    for cell in comparison.cells[:NOTED]:
        yield (cell.row, positions[cell.column]), columns[cell.column].was(cell.before)

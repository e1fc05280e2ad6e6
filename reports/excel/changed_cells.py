"""Marks on a table's sheet for what changed: grounds on cells, and notes with what stood there before."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from reports.comparing.compare import NOTED, Comparison
from reports.comparing.words import HIGHLIGHTED
from reports.excel.changes_sheet import listed_columns
from reports.excel.encoding import Encoded, restyled
from reports.excel.sheet_writer import PlainCell, Rows
from reports.excel.shown import shown
from reports.excel.styles import Style, Styles
from reports.excel.table_reading import TableReading
from reports.number_formats.formats import Kind
from reports.tables.buffers import Int64s

UNNOTED = "changed cells beyond the first 1,000, marked but without a note of what they were: {count}"
Written: TypeAlias = tuple[PlainCell, str | None, str]


class ChangedCells:
    """Of one table. Styles are registered when it is made; `body` are those of its columns, by kind."""

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
            [{one.number: styles.marked(one, meaning) for one in own.values()} for meaning in HIGHLIGHTED]
            for own in body
        ]
        self._notes = dict(_notes(comparison, reading))
        self._noted = sorted(self._notes)
        if (more := comparison.changed_cells - len(self._notes)) > 0:
            reading.findings.add("changes", reading.sheet, UNNOTED, count=more)

    def encoded(self, place: int, start: int, cells: Encoded) -> Encoded:
        """A slice of a column, from the frame's row `start` on, with marks."""
        found = self._rows(place, start, len(cells.values))
        if not any(map(len, found)):
            return cells
        numbers = [{old: new.number for old, new in known.items()} for known in self._styles[place]]
        return restyled(cells, list(zip(found, numbers, strict=True)))

    def cells(self, place: int, start: int, cells: list[Written]) -> list[Written]:
        """The same, of cells that openpyxl writes."""
        marked = list(cells)
        for rows, styles in zip(self._rows(place, start, len(cells)), self._styles[place], strict=True):
            for row in rows.tolist():
                cell, text, data_type = cells[row]
                marked[row] = cell.restyled(styles[cell.style_id]), text, data_type
        return marked

    def write_notes(self, rows: Rows, first: int, start: int, count: int) -> None:
        """Of the `count` rows from the frame's row `start`, which stand on the sheet from row `first` on."""
        begin, end = np.searchsorted([row for row, _ in self._noted], [start, start + count])
        for row, place in self._noted[begin:end]:
            rows.note(first + row - start, place + 1, self._notes[row, place])

    def _rows(self, place: int, start: int, count: int) -> list[Int64s]:
        """Those of the slice that are new, and those whose cell in this column changed; the first has number 0."""
        found = []
        for rows in (self._added, self._changed[place]):
            begin, end = np.searchsorted(rows, [start, start + count])
            found.append(rows[begin:end] - start)
        return found


def _notes(comparison: Comparison, reading: TableReading) -> Iterator[tuple[tuple[int, int], str]]:
    places = {reader.column.name: place for place, reader in enumerate(reading.readers)}
    columns = listed_columns(reading)
    for cell in comparison.cells[:NOTED]:
        reader = reading.readers[places[cell.column]]
        code = columns[cell.column].code(cell.before)
        yield (cell.row, places[cell.column]), f"was {shown(cell.before, code, reader.shown_in)}"

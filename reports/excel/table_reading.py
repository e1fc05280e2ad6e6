"""A table being read for a sheet: all of it is looked at first, or a stream's first rows. Knows no XML."""

from collections.abc import Callable, Iterator, Sequence
from itertools import repeat

from reports.blocks import Table
from reports.columns import Column
from reports.excel.column_reader import Cells, ColumnReader
from reports.excel.digest import ColumnDigest
from reports.excel.facts import SAMPLE, SLICE
from reports.excel.inspection import Context, Place
from reports.excel.letters import cell_name
from reports.tables import Values, open_table


class TableReading:
    """`first` is the number of the first row below the header, on every sheet that the table is split over.

    `per_sheet` is how many rows stand on one. Raises BadWorkbook for what cannot be written.
    """

    def __init__(self, sheet: str, table: Table, context: Context, first: int, per_sheet: int) -> None:
        self.sheet = sheet
        self.table = table
        self.findings = context.findings
        self.first = first
        self.per_sheet = per_sheet
        self.opened = open_table(sheet, table, context.preflight)
        self.readers = [
            ColumnReader(
                column,
                table.columns.get(column.name, Column()),
                Place(sheet, column.name, self._cell_of(place)),
                context,
            )
            for place, column in enumerate(self.opened.columns, start=1)
        ]
        self.digests = [ColumnDigest() for _ in self.readers]
        self.rows_read = 0
        self._ahead: list[Values] | None = None
        self._stream: Iterator[list[Values]] = iter(())

    @property
    def rows(self) -> int | None:
        return self.opened.rows

    def look(self, sizes: Iterator[int]) -> None:
        """Check and learn. A stream is cut into `sizes` from here on, and only its first slice is seen."""
        if self.opened.rows is None:
            self._stream = self.opened.slices(sizes)
            self._ahead = next(self._stream, None)
            if self._ahead is not None:
                self._look_at(self._ahead, 0, max(1, len(self._ahead[0]) // SAMPLE))
            return
        start = 0
        step = max(1, self.opened.rows // SAMPLE)
        for values in self.opened.slices(repeat(SLICE)):
            self._look_at(values, start, step)
            start += len(values[0])

    def cells(self, sizes: Iterator[int], start: int, stop: int | None) -> Iterator[list[Cells]]:
        """The columns slice by slice, for the file; each row can be had once."""
        slices = self._of_stream() if self.opened.rows is None else self.opened.slices(sizes, start, stop)
        for values in slices:
            cells = [
                reader.cells(part, self.rows_read) for reader, part in zip(self.readers, values, strict=True)
            ]
            for digest, part in zip(self.digests, cells, strict=True):
                digest.add(part)
            self.rows_read += len(values[0])
            yield cells

    def digest(self) -> list[bytes]:
        return [
            digest.digest(reader.header, reader.formats)
            for digest, reader in zip(self.digests, self.readers, strict=True)
        ]

    def note_links(self, place: int) -> None:
        reader = self.readers[place]
        said = "Excel follows 65,530 links a sheet; later addresses are plain text"
        self.findings.add("links", self.sheet, said, column=reader.column.name)

    def _of_stream(self) -> Iterator[list[Values]]:
        if self._ahead is not None:
            yield self._ahead
        self._ahead = None
        for values in self._stream:
            self._look_at(values, self.rows_read, len(values[0]))
            yield values

    def _look_at(self, values: Sequence[Values], start: int, step: int) -> None:
        for reader, part in zip(self.readers, values, strict=True):
            reader.look(part, start, step)

    def _cell_of(self, place: int) -> Callable[[int], tuple[int, str]]:
        def cell(index: int) -> tuple[int, str]:
            row = self.first + index % self.per_sheet
            return row, cell_name(row, place)

        return cell

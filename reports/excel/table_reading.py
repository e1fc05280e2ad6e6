"""A table being read for a sheet: all of it is looked at first, or a stream's first rows. Knows no XML."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, repeat

from reports.blocks import Table
from reports.columns import Column
from reports.excel.column_reader import ColumnReader
from reports.excel.digest import ColumnDigest
from reports.excel.inspection import Context, Place
from reports.excel.letters import cell_name
from reports.excel.row_xml import row_counts, span_of
from reports.excel.sparklines import with_columns
from reports.tables.cells import Cells
from reports.tables.facts import SLICE, sample_step
from reports.tables.grouping import Groups, grouped
from reports.tables.open_table import Values, open_table


class TableReading:
    """`first` is the number of the first row below the header; on sheets that follow it is 2.

    `per_sheet` is how many rows stand on one. `data` is the frame alone, without columns of sparklines.
    Raises BadWorkbook for what cannot be written.
    """

    def __init__(self, sheet: str, table: Table, context: Context, first: int, per_sheet: int) -> None:
        self.sheet = sheet
        self.table = table
        self.findings = context.findings
        self.first = first
        self.per_sheet = per_sheet
        self.opened = open_table(sheet, table, context.preflight)
        self.groups = Groups(0, ())
        if table.groups:
            self.opened, self.groups = grouped(sheet, self.opened, table.groups)
        self.data = self.opened
        self.opened = with_columns(sheet, self.data, table)
        columns = table.all_columns
        self.readers = [
            ColumnReader(
                column,
                columns.get(column.name, Column()),
                Place(sheet, column.name, self._cell_of(place)),
                context,
            )
            for place, column in enumerate(self.opened.columns, start=1)
        ]
        self.digests = [ColumnDigest() for _ in self.readers]
        self.rows_read = 0
        self._slices: Iterator[list[Values]] = iter(())
        self._ahead: list[Values] | None = None

    @property
    def rows(self) -> int | None:
        return self.opened.rows

    def scan(self) -> None:
        """Check and learn: all of a frame that is there as a whole, the first slice of a stream."""
        span = span_of(len(self.readers))
        sizes = self._group_sizes(span) if self.groups.ends else row_counts(self.first, span, self.per_sheet)
        if self.opened.rows is None:
            stream = self.opened.slices(sizes)
            ahead = next(stream, None)
            if ahead is not None:
                self._inspect(ahead, 0, sample_step(len(ahead[0])))
                self._slices = self._checked(ahead, stream)
            return
        start = 0
        step = sample_step(self.opened.rows)
        for values in self.opened.slices(repeat(SLICE)):
            self._inspect(values, start, step)
            start += len(values[0])
        self._slices = self.opened.slices(sizes)

    def cells(self) -> Iterator[list[Cells]]:
        """The columns slice by slice, as many as stand on one sheet; each row can be had once."""
        left = self.per_sheet
        while left and self.has_more():
            values, self._ahead = self._ahead or [], None
            cells = [
                reader.cells(part, self.rows_read) for reader, part in zip(self.readers, values, strict=True)
            ]
            for digest, part in zip(self.digests, cells, strict=True):
                digest.add(part)
            self.rows_read += len(values[0])
            left -= len(values[0])
            yield cells

    def has_more(self) -> bool:
        """Return whether there are rows that no sheet has yet."""
        if self._ahead is None:
            self._ahead = next(self._slices, None)
        return self._ahead is not None

    def digest(self) -> list[bytes]:
        return [
            digest.digest("\n".join((*reader.options.levels, reader.header)), reader.scan.codes)
            for digest, reader in zip(self.digests, self.readers, strict=True)
        ]

    def note_links(self, place: int) -> None:
        reader = self.readers[place]
        said = "Excel follows 65,530 links a sheet; later addresses are plain text"
        self.findings.add("links", self.sheet, said, column=reader.column.name)

    def _checked(self, ahead: list[Values], stream: Iterator[list[Values]]) -> Iterator[list[Values]]:
        """A stream, each slice looked at just before it is written."""
        yield ahead
        for values in stream:
            self._inspect(values, self.rows_read, len(values[0]))
            yield values

    def _inspect(self, values: Sequence[Values], start: int, step: int) -> None:
        for reader, part in zip(self.readers, values, strict=True):
            reader.inspect(part, start, step)

    def _group_sizes(self, span: int) -> Iterator[int]:
        """Rows of each slice: as `row_counts`, and to the end of each group."""
        row, done = self.first, 0
        for end, together in groupby(end.rows for end in self.groups.ends):
            while done < end:
                size = min(span - row % span, end - done)
                yield size
                row, done = row + size, done + size
            row += sum(1 for _ in together)

    def _cell_of(self, place: int) -> Callable[[int], tuple[int, str]]:
        def cell(index: int) -> tuple[int, str]:
            sheet, rest = divmod(index, self.per_sheet)
            row = rest + (2 if sheet else self.first) + self.groups.before(index)
            return row, cell_name(row, place)

        return cell

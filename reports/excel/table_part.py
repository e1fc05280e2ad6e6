"""A table's rows on one sheet: header, body and totals. The body goes by columns, or cell by cell."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import Any, Literal

from openpyxl.worksheet.worksheet import Worksheet

from reports.comparing.compare import Comparison
from reports.errors import MAX_ROWS
from reports.excel import cell_styles
from reports.excel.changed_cells import ChangedCells
from reports.excel.chart_data import Charted, ChartedColumn
from reports.excel.column_reader import ColumnReader
from reports.excel.encoding import encode, written_texts
from reports.excel.letters import cell_name, column_letter
from reports.excel.list_object import excel_table
from reports.excel.marks import Marked
from reports.excel.row_heights import row_heights
from reports.excel.row_xml import RowWriter
from reports.excel.sheet_writer import FormulaCell, PlainCell, Rows
from reports.excel.sparklines import SheetSparklines
from reports.excel.styles import CellStyle, Style, Styles
from reports.excel.subtotals import Subtotals
from reports.excel.table_foot import TableFoot
from reports.excel.table_head import TableHead
from reports.excel.table_reading import TableReading
from reports.excel.values import CELL_TYPES
from reports.marks import Highlight
from reports.number_formats.formats import LEFT_ALIGNED, Kind
from reports.tables.cells import Cells
from reports.tables.column_scan import is_address
from reports.tables.totals import RunningTotal

RowPath = Literal["auto", "columnar", "openpyxl"]
KEPT = 2_000  # values of a column, so that programs which do not calculate can draw a chart
CELL_BYTES = 80  # of XML around a value, at most
SIGN_BYTES = 6  # of XML for one character, at most: `&#13;`
MAX_LINKS = 65_530  # of a sheet (the same page)
COLUMNAR_FROM = 200  # cells: below, openpyxl's way is as fast, as bench/workbook.py shows


class TablePart:
    """The rows of a reading that are left, or as many as stand on one sheet. `continued` on later sheets.

    Of the columns `kept` it keeps the first values, for charts.
    """

    def __init__(
        self,
        reading: TableReading,
        styles: Styles,
        widths: Sequence[float],
        *,
        filtered: bool,
        path: RowPath,
        kept: Collection[str] = (),
        comparison: Comparison | None = None,
        continued: bool = False,
    ) -> None:
        self.reading = reading
        self.styles = styles
        self.widths = widths
        self.filtered = filtered
        self.path = path
        self.continued = continued
        self.level = reading.groups.levels
        slices = max(1, len(reading.groups.ends))
        self.columnar = path == "columnar" or (
            path == "auto" and (self.cells is None or self.cells >= COLUMNAR_FROM * slices)
        )
        self.header_row = self.first = self.last = 0
        self._sheet = ""
        self._kept: dict[str, list[str | None]] = {name: [] for name in kept}
        self._totals = {name: RunningTotal(function) for name, function in reading.table.totals.items()}
        places = {name: self._place_of(name) for name in reading.table.totals}
        self._subtotals = Subtotals(reading, places) if reading.table.groups else None
        self._body = [self._styles_of(reader) for reader in reading.readers]
        self._changed = ChangedCells(comparison, reading, styles, self._body) if comparison else None
        rows = None if reading.rows is None else reading.rows + len(reading.groups.ends)
        self._row_writer = RowWriter(len(reading.readers), rows)
        self._head = TableHead(reading.readers, widths, styles, filtered=filtered)
        self._drawn = [one.header for one in reading.table.all_sparklines]
        self._foot = TableFoot(reading.readers, self._totals, styles, folds=self.level > 0, blank=self._drawn)
        self._sparklines = SheetSparklines(reading.sheet, reading.table, reading.readers, reading.findings)
        # Registered before anything is written, so that their numbers follow the order of the sheets.
        marks = [mark for reader in reading.readers for mark in reader.options.all_marks]
        self._highlights: dict[str, int] = {
            str(m.look): styles.highlight(m.look) for m in marks if isinstance(m, Highlight)
        }
        self._links = [place for place, reader in enumerate(reading.readers) if reader.scan.is_link]

    def write(self, rows: Rows, first: int) -> int:
        self._sheet = rows.ws.title
        self.header_row = self.last = self._head.write(rows, first)
        self.first, start = self.header_row + 1, self.reading.rows_read
        for cells in self.reading.cells():
            self._write_slice(rows, self.last + 1, cells)
            self.last += cells[0].rows
            if self._subtotals is not None:
                self._subtotals.add(cells, self.last)
                for end in self._subtotals.ended(self.reading.rows_read):
                    self.last += 1
                    name = self.reading.table.groups[end.level]
                    title = self.reading.readers[self._place_of(name)].scan.group_title(end.value)
                    label = {name: title}
                    self._foot.write_group(rows, self.last, end.totals, end.rows, label, level=end.level)
        following = self.last + 1
        if self._totals:
            following = max(following, self.first + 1)  # of nothing: a formula must not count itself
            self._foot.write(rows, following, self._totals, (self.first, self.last))
            rows.draw(self._sparklines.of_totals(self._sheet, following, self._totals))
            following += 1
        if self.last >= self.first:
            rows.draw(self._sparklines.of_rows(self._sheet, self._areas(), start))
        self._mark(rows)
        self._publish(rows.ws)
        return following

    def _mark(self, rows: Rows) -> None:
        readers = self.reading.readers
        letters = {reader.column.name: column_letter(place) for place, reader in enumerate(readers, start=1)}
        for reader in readers:
            own = letters[reader.column.name]
            place = Marked(self._sheet, letters, own, self._areas(), self._drawn)
            for mark in reader.options.all_marks:
                rows.mark(mark, place, self._highlights)

    def _areas(self) -> list[tuple[int, int]]:
        """First and last rows of the body, without totals in between."""
        if self._subtotals is None:
            return [(self.first, max(self.first, self.last))]
        return self._subtotals.areas

    def continuation(self) -> "TablePart":
        """Return the part of what did not fit, for a sheet of its own."""
        part = TablePart(
            self.reading, self.styles, self.widths, filtered=self.filtered, path=self.path, continued=True
        )
        part._changed = self._changed  # of the same class
        return part

    def charted(self) -> Charted:
        """Return where charts find it, once it stands."""
        columns = {}
        for name, texts in self._kept.items():
            place = self._place_of(name)
            reader = self.reading.readers[place]
            code = reader.scan.code
            columns[name] = ChartedColumn(reader.header, place + 1, reader.kind, code, texts)
        return Charted(self._sheet, self.header_row, self.first, max(self.first, self.last), columns)

    def most_bytes(self) -> int:
        """More than the XML of the body can have."""
        rows = min(self.reading.rows or MAX_ROWS, self.reading.per_sheet)
        longest = sum(facts.longest for reader in self.reading.readers for facts in reader.facts.values())
        return rows * (len(self.reading.readers) * CELL_BYTES + longest * SIGN_BYTES)

    def _publish(self, ws: Any) -> None:
        """What the workbook says of the table's range: its filter, its name, that it is an Excel table."""
        columns, last = len(self.reading.readers), max(self.last, self.first)
        table = self.reading.table
        body = f"A{self.header_row}:{cell_name(max(self.last, self.header_row), columns)}"
        if self.filtered:
            ws.auto_filter.ref = body
        if self.continued:
            return  # names and tables are of the first sheet of those that a table is split over
        if table.name is not None:
            quoted = ws.title.replace("'", "''")
            corner = f"${column_letter(columns)}${max(self.last, self.header_row)}"
            place = f"'{quoted}'!$A${self.header_row}:{corner}"
            ws.parent.defined_names[table.name].attr_text = place
        if table.excel_table is not None:
            headers = [reader.header for reader in self.reading.readers]
            functions = [self.reading.table.totals.get(reader.column.name) for reader in self.reading.readers]
            label = None if self._foot.label is None else self._place_of(self._foot.label)
            ws.add_table(excel_table(table.excel_table, headers, functions, (self.header_row, last), label))

    @property
    def cells(self) -> int | None:
        """Return how many the table has; None where a stream does not tell."""
        rows = self.reading.rows
        return None if rows is None else rows * len(self.reading.readers)

    def _styles_of(self, reader: ColumnReader) -> dict[Kind, Style]:
        styles = {
            kind: self.styles.of(_cell_style(reader, kind), code) for kind, code in reader.scan.codes.items()
        }
        if Kind.TEXT not in styles and (reader.repairs or not styles or self.reading.rows is None):
            styles[Kind.TEXT] = self.styles.of(cell_styles.LEFT)  # for single cells that became text
        return styles

    def _write_slice(self, rows: Rows, first: int, cells: Sequence[Cells]) -> None:
        for name, total in self._totals.items():
            total.add(cells[self._place_of(name)])
        for name, kept in self._kept.items():
            if len(kept) < KEPT:
                kept.extend(islice(self._chart_texts(name, cells), KEPT - len(kept)))
        for place in self._links:
            self._write_links(rows, first, place, cells[place])
        if self._changed is not None:
            self._changed.write_notes(rows, first, self._start(cells), cells[0].rows)
        if self.columnar:
            self._write_columns(rows, first, cells)
        else:
            self._write_cells(rows, first, cells)

    def _chart_texts(self, name: str, cells: Sequence[Cells]) -> Iterator[str | None]:
        """What a chart draws of a column: no number that became text."""
        place = self._place_of(name)
        became_text = cells[place].repairs if self.reading.readers[place].kind is not Kind.TEXT else {}
        for index, text in enumerate(written_texts(cells[place])):
            yield None if index in became_text else text

    def _write_columns(self, rows: Rows, first: int, cells: Sequence[Cells]) -> None:
        encoded = []
        for reader, styles, part in zip(self.reading.readers, self._body, cells, strict=True):
            numbers = {kind: style.number for kind, style in styles.items()}
            encoded.append(encode(part, numbers, reader.facts))
        if self._changed is not None:
            start = self._start(cells)
            encoded = [self._changed.encoded(place, start, one) for place, one in enumerate(encoded)]
        with rows.raw() as entry:
            entry.send(self._row_writer.xml(first, encoded, self._heights(cells), self.level))

    def _write_cells(self, rows: Rows, first: int, cells: Sequence[Cells]) -> None:
        """One openpyxl cell at a time, each column's refilled row by row."""
        columns = [
            list(_filled(rows.ws, place, styles, part))
            for place, (styles, part) in enumerate(zip(self._body, cells, strict=True), start=1)
        ]
        if self._changed is not None:
            start = self._start(cells)
            columns = [self._changed.cells(place, start, column) for place, column in enumerate(columns)]
        heights = self._heights(cells) or repeat(None)
        for row, (values, height) in enumerate(zip(zip(*columns, strict=True), heights), start=first):  # noqa: B905 # None for all
            written = [cell.put(row, text, data_type) for cell, text, data_type in values]
            rows.cells(row, written, height, self.level)

    def _start(self, cells: Sequence[Cells]) -> int:
        """The frame's row that a slice which has just been read begins at."""
        return self.reading.rows_read - cells[0].rows

    def _heights(self, cells: Sequence[Cells]) -> list[float | None] | None:
        least = cell_styles.DRAWN_HEIGHT if self.reading.table.all_sparklines else None
        return row_heights(self.reading.readers, self.widths, cells, least)

    def _write_links(self, rows: Rows, first: int, place: int, cells: Cells) -> None:
        for row, text in enumerate(written_texts(cells), start=first):
            if text and is_address(text):
                if rows.links == MAX_LINKS:
                    self.reading.note_links(place)
                    return
                rows.link(row, place + 1, text, outside=True)

    def _place_of(self, name: str) -> int:
        return next(place for place, reader in enumerate(self.reading.readers) if reader.column.name == name)


def _cell_style(reader: ColumnReader, kind: Kind) -> CellStyle:
    if reader.scan.is_link:
        return cell_styles.LINK
    if reader.wraps and kind is Kind.TEXT:
        return cell_styles.LONG
    return cell_styles.LEFT if kind in LEFT_ALIGNED else cell_styles.RIGHT


def _filled(
    ws: Worksheet, place: int, styles: Mapping[Kind, Style], part: Cells
) -> Iterator[tuple[PlainCell, str | None, str]]:
    """Each row's cell, text and type; cells of one kind are the same object. A blank takes the first style."""
    cells = {kind: PlainCell(ws, place, style) for kind, style in styles.items()}
    first = next(iter(cells.values()))
    texts = written_texts(part)
    kinds = part.kinds if part.kind is None else repeat(part.kind)
    for index, (kind, text) in enumerate(zip(kinds, texts)):  # noqa: B905 # one kind may stand for all
        if text is None:
            yield first, None, "n"
            continue
        actual = Kind.TEXT if index in part.repairs else kind
        cell = cells[actual]
        if index in part.cached:
            data_type, value = part.cached[index]
            yield FormulaCell(ws, place, styles[actual], text), value, data_type
        else:
            yield cell, text, CELL_TYPES.get(actual, "n")

"""The sheet Changes: per compared table a sentence, counts, and lists of what changed, came and went."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from reports.blocks import Block, Figures, Text
from reports.columns import Column
from reports.comparing.compare import CellChange, Comparison
from reports.comparing.words import TableChanges, plain, sentence_of, since_sentence
from reports.excel import looks
from reports.excel.column_reader import ColumnReader
from reports.excel.sheet_writer import PlainCell, Rows
from reports.excel.shown import code_for, shown, written
from reports.excel.styles import Style, Styles
from reports.excel.table_head import LEFT_ALIGNED
from reports.excel.table_reading import TableReading
from reports.excel.values import CELL_TYPES, escaped
from reports.excel.widths import NARROWEST, PADDING
from reports.formats import GENERAL, NAMED, Kind
from reports.objects import kind_of
from reports.text import made_writable, shown_width

WIDEST = 40  # characters; the whole text is in the cell
OTHERS = ("Column", "Before", "Now", "Difference")
Cell = tuple[Style, str | None, str]  # with its text and type


@dataclass(frozen=True)
class Source:
    """How the values of a column are shown; `reader` is None for one that is gone."""

    name: str
    reader: ColumnReader | None

    @property
    def header(self) -> str:
        return self.reader.header if self.reader else made_writable(self.name)

    @property
    def zone(self) -> ZoneInfo | None:
        return self.reader.shown_in if self.reader else None

    def code(self, value: object) -> str:
        kind = kind_of(value)
        known = self.reader.formats.get(kind) if self.reader and kind else None
        return code_for(value, self.reader.looks if self.reader else Column(), self.name, known)


class ListPart:
    """A header and lines of cells. Lines are given as pairs of a value and the column that it is of.

    Columns of numbers alone stand at the right; where text is among them, everything at the left.
    """

    def __init__(
        self, headers: Sequence[str], lines: Sequence[Sequence[tuple[object, Source | None]]], styles: Styles
    ) -> None:
        self._styles = styles
        self.widths = [min(shown_width(header) + PADDING, WIDEST) for header in headers]
        self._right = [
            bool(lines) and all(_is_number(line[place][0]) for line in lines) for place in range(len(headers))
        ]
        self._lines = [[self._cell(*pair, place) for place, pair in enumerate(line)] for line in lines]
        self._header: list[Cell] = [
            (styles.of(looks.HEADER_RIGHT if at_right else looks.HEADER_LEFT), escaped(header), "inlineStr")
            for header, at_right in zip(headers, self._right, strict=True)
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

    def _cell(self, value: object, source: Source | None, place: int) -> Cell:
        if source is None:  # a text of ours, or a difference with its format
            return self._own(value, place)
        code = source.code(value)
        kind, text = written(value, source.zone)
        width = shown_width(shown(value, code, source.zone)) if kind else 0
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


@dataclass(frozen=True)
class Difference:
    """A number that shows its sign."""

    number: Decimal
    number_code: str

    @property
    def code(self) -> str:
        code = self.number_code
        return code if code == GENERAL or ";" in code else f"+{code};-{code};{code}"


def blocks_of(
    compared: Sequence[TableChanges], readings: Mapping[int, TableReading], styles: Styles
) -> Iterator["Block | ListPart"]:
    """All that stands on the sheet, one below the other. `readings` are by the identity of their table."""
    yield Text("Changes", "title")
    if len(compared) > 1:
        yield Text(_ended(sentence_of(compared)))
    for one in compared:
        if len(compared) > 1:
            yield Text(one.sheet, "heading")
        yield Text(since_sentence([one]))
        if one.comparison is not None:
            yield from _lists(one.comparison, readings[id(one.table)], styles, one)


def _lists(
    known: Comparison, reading: TableReading, styles: Styles, compared: TableChanges
) -> Iterator["Block | ListPart"]:
    yield Figures(_figures(known))
    readers = {reader.column.name: reader for reader in reading.readers}
    at_most = compared.table.changes.at_most if compared.table.changes else 0
    if len(known.changed) > 1:
        yield Text("Changed cells by column", "heading")
        counts = [
            [(_header(name, readers), None), (Difference(Decimal(len(rows)), "#,##0;#,##0"), None)]
            for name, rows in known.changed.items()
        ]
        yield ListPart(("Column", "Cells changed"), counts, styles)
    if known.changed:
        yield Text(_heading("Changed cells", known.changed_cells, at_most), "heading")
        headers = [_header(key, readers) for key in known.keys] + list(OTHERS)
        yield ListPart(headers, _changed(known, readers, at_most), styles)
    for what, count, names, lines in (
        ("Rows added", len(known.added), known.names, known.first_added),
        ("Rows removed", known.removed, known.names_before, known.first_removed),
    ):
        if count:
            yield Text(_heading(what, count, at_most), "heading")
            sources = [Source(name, readers.get(name)) for name in names]
            cells = [list(zip(line, sources, strict=True)) for line in lines]
            yield ListPart([source.header for source in sources], cells, styles)


def _figures(known: Comparison) -> dict[str, int | str]:
    figures: dict[str, int | str] = {
        "Rows added": len(known.added),
        "Rows removed": known.removed,
        "Rows changed": known.changed_rows,
        "Rows unchanged": known.unchanged,
        "Cells changed": known.changed_cells,
    }
    for label, names in (
        ("Columns new", known.columns_added),
        ("Columns gone", known.columns_removed),
        ("Of another kind than before", known.retyped),
    ):
        if names:
            figures[label] = made_writable(", ".join(names))
    return figures


def _changed(
    known: Comparison, readers: Mapping[str, ColumnReader], at_most: int
) -> list[list[tuple[object, Source | None]]]:
    keys = [Source(key, readers[key]) for key in known.keys]
    lines: list[list[tuple[object, Source | None]]] = []
    for cell in known.cells[:at_most]:
        source = Source(cell.column, readers[cell.column])
        change = cell.difference
        lines.append(
            [
                *zip(cell.key, keys, strict=True),
                (source.header, None),
                (cell.before, source),
                (cell.now, source),
                (None if change is None else Difference(change, _finer(source, cell)), None),
            ]
        )
    return lines


def _finer(source: Source, cell: CellChange) -> str:
    """The format of the one with decimals, where only one has any."""
    codes = [source.code(cell.before), source.code(cell.now)]
    return codes[0] if codes[1] == NAMED["integer"] else codes[1]


def _header(name: str, readers: Mapping[str, ColumnReader]) -> str:
    return readers[name].header if name in readers else name


def _heading(what: str, count: int, at_most: int) -> str:
    if count <= at_most:
        return what
    return (
        f"{what}: the first {plain(at_most)} of {plain(count)}"
        if at_most
        else f"{what}: {plain(count)}, not listed"
    )


def _is_number(value: object) -> bool:
    return isinstance(value, Difference) or value is None or kind_of(value) not in LEFT_ALIGNED


def _ended(sentence: str) -> str:
    return f"{sentence}."

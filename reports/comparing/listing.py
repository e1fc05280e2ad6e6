"""The list of changes that stands beside the tables: sentences, counts, and what changed, came and went."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from reports.blocks import Figures, Text
from reports.comparing.columns import ListedColumn
from reports.comparing.compare import CellChange, Comparison
from reports.comparing.words import TableChanges, plain, sentence_of, since_sentence
from reports.number_formats.formats import GENERAL, LEFT_ALIGNED, NAMED
from reports.tables.objects import kind_of
from reports.text import made_writable

OTHERS = ("Column", "Before", "Now", "Difference")
Columns: TypeAlias = Mapping[str, ListedColumn]
Entry: TypeAlias = tuple[
    object, ListedColumn | None
]  # a value and its column; None: a text of ours, a difference


@dataclass(frozen=True)
class SignedDifference:
    """A number that shows its sign."""

    number: Decimal
    number_code: str

    @property
    def code(self) -> str:
        code = self.number_code
        return code if code == GENERAL or ";" in code else f"+{code};-{code};{code}"


@dataclass(frozen=True)
class ChangeList:
    headers: Sequence[str]
    lines: Sequence[Sequence[Entry]]

    @property
    def at_right(self) -> list[bool]:
        """Columns of numbers alone stand at the right; where text is among them, everything at the left."""
        return [
            _are_numbers([line[position][0] for line in self.lines]) for position in range(len(self.headers))
        ]


def contents(
    compared: Sequence[TableChanges], columns: Mapping[int, Columns]
) -> Iterator[Text | Figures | ChangeList]:
    """One below the other. `columns` are by the identity of their table."""
    if len(compared) > 1:
        yield Text(_ended(sentence_of(compared)))
    for changes in compared:
        if len(compared) > 1:
            yield Text(changes.sheet, "heading")
        yield Text(since_sentence([changes]))
        if changes.comparison is not None:
            yield Figures(_figures(changes.comparison))
            at_most = changes.table.changes.at_most if changes.table.changes else 0
            yield from _lists(changes.comparison, columns[id(changes.table)], at_most)


def _lists(known: Comparison, columns: Columns, at_most: int) -> Iterator[Text | ChangeList]:
    if len(known.changed) > 1:
        yield Text("Changed cells by column", "heading")
        yield ChangeList(
            ("Column", "Cells changed"),
            [
                [(columns[name].header, None), (SignedDifference(Decimal(len(rows)), "#,##0;#,##0"), None)]
                for name, rows in known.changed.items()
            ],
        )
    if known.changed:
        yield Text(_heading("Changed cells", known.changed_cells, at_most), "heading")
        headers = [columns[key].header for key in known.keys] + list(OTHERS)
        yield ChangeList(headers, [_changed(cell, known, columns) for cell in known.cells[:at_most]])
    for what, count, names, lines in (
        ("Rows added", len(known.added), known.names, known.first_added),
        ("Rows removed", known.removed, known.names_before, known.first_removed),
    ):
        if count:
            yield Text(_heading(what, count, at_most), "heading")
            listed = [columns.get(name) or ListedColumn(name, name) for name in names]
            cells = [list(zip(line, listed, strict=True)) for line in lines]
            yield ChangeList([column.header for column in listed], cells)


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


def _changed(cell: CellChange, known: Comparison, columns: Columns) -> list[Entry]:
    column, change = columns[cell.column], cell.difference
    keys = [columns[key] for key in known.keys]
    return [
        *zip(cell.key, keys, strict=True),
        (column.header, None),
        (cell.before, column),
        (cell.now, column),
        (None if change is None else SignedDifference(change, _finer(column, cell)), None),
    ]


def _finer(column: ListedColumn, cell: CellChange) -> str:
    """The format of the one with decimals, where only one has any."""
    codes = [column.code(cell.before), column.code(cell.now)]
    return codes[0] if codes[1] == NAMED["integer"] else codes[1]


def _heading(what: str, count: int, at_most: int) -> str:
    if count <= at_most:
        return what
    return (
        f"{what}: the first {plain(at_most)} of {plain(count)}"
        if at_most
        else f"{what}: {plain(count)}, not listed"
    )


def _are_numbers(values: Sequence[object]) -> bool:
    filled = [value for value in values if value is not None]
    return bool(filled) and all(
        isinstance(value, SignedDifference) or kind_of(value) not in LEFT_ALIGNED for value in filled
    )


def _ended(sentence: str) -> str:
    return f"{sentence}."

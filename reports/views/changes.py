"""Changes as a page shows them: marks on cells, and lists of their own. Knows no file format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from reports.comparing.columns import ListedColumn
from reports.comparing.compare import NOTED, Comparison
from reports.comparing.listing import ChangeList, SignedDifference
from reports.comparing.words import HIGHLIGHTED
from reports.number_formats.render import shown
from reports.palette import HIGHLIGHTS
from reports.text import shown_width, spelled_out
from reports.views.marks import MarkStyle
from reports.views.table import ShownCell, ShownChange, ShownColumn, ShownTable

ADDED, CHANGED = (MarkStyle(ground, ink) for ink, ground in (HIGHLIGHTS[meaning] for meaning in HIGHLIGHTED))


def marked(table: ShownTable, known: Comparison, columns: Mapping[str, ListedColumn]) -> ShownTable:
    """The table with what is new, and what the first NOTED changed cells were."""
    rows = [list(row) for row in table.rows]
    for row, position, change in _changes(known, list(columns.values()), len(rows)):
        rows[row][position] = replace(rows[row][position], change=change)
    widest = [
        max((_width(row[position]) for row in rows), default=0) for position in range(len(table.columns))
    ]
    wider = [replace(one, widest_change=most) for one, most in zip(table.columns, widest, strict=True)]
    return replace(table, rows=rows, columns=wider)


def without_words(table: ShownTable) -> int:
    """Return how many changed cells do not say what they were."""
    changes = [cell.change for row in table.rows for cell in row if cell.change]
    return sum(change.style is CHANGED and change.was is None for change in changes)


def unmarked(table: ShownTable) -> ShownTable:
    """The table as it is, whatever it was compared with."""
    rows = [[replace(cell, change=None) if cell.change else cell for cell in row] for row in table.rows]
    return replace(table, rows=rows, columns=[replace(one, widest_change=0) for one in table.columns])


def listed_table(listed: ChangeList, most: int) -> ShownTable:
    """Return the list as a table of at most so many lines."""
    rows = [[ShownCell(_entry(*entry)) for entry in line] for line in listed.lines[:most]]
    columns = [
        ShownColumn(header, None, not at_right, _widest(rows, position), "")
        for position, (header, at_right) in enumerate(zip(listed.headers, listed.at_right, strict=True))
    ]
    return ShownTable(columns, rows, len(listed.lines), totals=False)


def _changes(
    known: Comparison, columns: Sequence[ListedColumn], rows: int
) -> Iterator[tuple[int, int, ShownChange]]:
    """Row, position of the column, and what is said of the cell."""
    for row in known.added[known.added < rows].tolist():
        for position in range(len(columns)):
            yield row, position, ShownChange(ADDED, new=position == 0)
    was = {(cell.row, cell.column): cell.before for cell in known.cells[:NOTED]}
    for position, column in enumerate(columns):
        changed = known.changed.get(column.name, known.added[:0])
        for row in changed[changed < rows].tolist():
            key = (row, column.name)
            yield row, position, ShownChange(CHANGED, column.was(was[key]) if key in was else None)


def _entry(value: object, column: ListedColumn | None) -> str:
    if isinstance(value, SignedDifference):
        return shown(value.number, value.code)
    if column is None:
        return "" if value is None else spelled_out(str(value))
    return column.text(value)


def _width(cell: ShownCell) -> int:
    return shown_width(cell.change.was) if cell.change and cell.change.was else 0


def _widest(rows: Sequence[Sequence[ShownCell]], position: int) -> int:
    return max((shown_width(row[position].text) for row in rows), default=0)

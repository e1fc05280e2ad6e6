"""The header of a table as rows of cells, which may reach over several columns or rows. Knows no file format."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.tables.headers import Above, common
from reports.views.table import ShownColumn


@dataclass(frozen=True)
class HeadCell:
    """`columns` and `rows` are how many it reaches over, `place` its first column. `own`: that column's name.

    A cell without a text stands over columns that have one further up and further down.
    """

    text: str
    place: int
    columns: int = 1
    rows: int = 1
    own: bool = False


def head_rows(columns: Sequence[ShownColumn]) -> list[list[HeadCell]]:
    """The last row has the columns' names, except of those that reach down from further up."""
    above = [_without_blank_end(column.above) for column in columns]
    depth = max(map(len, above), default=0)
    return [_row(columns, above, level, depth) for level in range(depth + 1)]


def outermost(columns: Sequence[ShownColumn]) -> list[int]:
    """How many columns each cell of the first row reaches over."""
    return [count for _, count, _ in common([column.above for column in columns], 0)]


def _row(columns: Sequence[ShownColumn], above: Sequence[Above], level: int, depth: int) -> list[HeadCell]:
    cells = []
    for place, count, text in common(above, level):
        if len(above[place]) > level:
            cells.append(HeadCell(text or "", place, count))
        elif len(above[place]) == level:
            cells.append(HeadCell(columns[place].header, place, 1, depth + 1 - level, own=True))
    return cells


def _without_blank_end(above: Above) -> Above:
    """So that a name reaches up to the last text above it."""
    while above and not above[-1]:
        above = above[:-1]
    return above

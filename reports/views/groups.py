"""Groups of a table's rows on a page: the totals of each, and what stands below what. Knows no file format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reports.blocks import Total
from reports.tables.cells import Cells
from reports.tables.grouping import Group
from reports.tables.totals import RunningTotal

PART = "{shown:,} of {all:,} rows shown"


@dataclass(frozen=True)
class ShownGroup:
    """Totals that stand below the first `rows` rows; of level 0 are the outermost.

    `texts` are a column's each, `place` is the column of the label. They count all rows of the group; `told` says
    how many of these are shown, where some are not.
    """

    rows: int
    level: int
    texts: Sequence[str]
    place: int
    told: str | None


class ColumnTotals:
    """A function over one column, which comes slice by slice, and over each group of its rows."""

    def __init__(self, function: Total, groups: Sequence[Group]) -> None:
        self.function = function
        self.whole = RunningTotal(function)
        self.of_groups = [RunningTotal(function) for _ in groups]
        self._groups = groups
        self._rows = 0

    def add(self, cells: Cells) -> None:
        """The next slice, all of one kind."""
        self.whole.add(cells)
        start, self._rows = self._rows, self._rows + cells.rows
        for group, total in zip(self._groups, self.of_groups, strict=True):
            first, end = max(group.first, start), min(group.end, self._rows)
            if first < end:
                part = cells.array.slice(first - start, end - first)
                total.add(replace(cells, rows=len(part), array=part))


def told(group: Group, shown: int) -> str | None:
    """Return what a reader must know of a group when the first `shown` rows of its table are."""
    if group.end <= shown:
        return None
    return PART.format(shown=shown - group.first, all=group.end - group.first)


def bodies(rows: int, groups: Sequence[ShownGroup]) -> Iterator[list[int | ShownGroup]]:
    """Yield what stands below what, by outermost group: numbers of rows, and groups after their last."""
    body: list[int | ShownGroup] = []
    row = 0
    for group in groups:
        body += range(row, group.rows)
        body.append(group)
        row = group.rows
        if group.level == 0:
            yield body
            body = []
    if row < rows or not groups:
        yield [*body, *range(row, rows)]

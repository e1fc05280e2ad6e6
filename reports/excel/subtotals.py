"""Totals of groups within a table, while its rows go by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reports.excel.table_reading import TableReading
from reports.tables.cells import Cells
from reports.tables.grouping import GroupEnd
from reports.tables.totals import RunningTotal

Totals = dict[str, RunningTotal]


@dataclass(frozen=True)
class Ended:
    """A group that has ended: its totals, and the first and last row of the sheet that they add up."""

    level: int
    value: object
    totals: Totals
    rows: tuple[int, int]


class Subtotals:
    """`places` are those of the columns that have totals, from 0."""

    def __init__(self, reading: TableReading, places: Mapping[str, int]) -> None:
        self._table = reading.table
        self._places = places
        self._ends: list[GroupEnd] = list(reversed(reading.groups.ends))
        self._levels = [self._fresh() for _ in range(reading.groups.levels)]
        self._firsts: list[int | None] = [None] * reading.groups.levels
        self._last = 0
        self.areas: list[tuple[int, int]] = []  # first and last rows of what has no total in between

    def add(self, cells: Sequence[Cells], last: int) -> None:
        """A slice of which `last` is the last row on the sheet."""
        self._last = last
        first = last - cells[0].rows + 1
        for level, totals in enumerate(self._levels):
            for name, total in totals.items():
                total.add(cells[self._places[name]])
            if self._firsts[level] is None:
                self._firsts[level] = first
        if self.areas and self.areas[-1][1] == first - 1:
            first = self.areas.pop()[0]
        self.areas.append((first, last))

    def ended(self, rows: int) -> Iterator[Ended]:
        """The groups that end after so many rows of the table, the innermost first."""
        while self._ends and self._ends[-1].rows == rows:
            end = self._ends.pop()
            yield Ended(
                end.level, end.value, self._levels[end.level], (self._firsts[end.level] or 1, self._last)
            )
            self._levels[end.level], self._firsts[end.level] = self._fresh(), None
            self._last += 1  # its own row: outer groups reach over it, and SUBTOTAL leaves it out

    def _fresh(self) -> Totals:
        return {name: RunningTotal(function) for name, function in self._table.totals.items()}

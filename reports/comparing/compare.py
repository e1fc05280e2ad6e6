"""Compares a table with what it was before, by key columns. Knows no file format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeAlias

import numpy as np
import polars as pl

from reports.blocks import Table
from reports.changes import Changes
from reports.comparing.keys import Int64s, Matches, match
from reports.comparing.values import Compared, comparable, difference, differing, other_kind, picked
from reports.errors import BadBlock, UnknownColumn
from reports.number_formats.formats import NUMBERS
from reports.preflight import Preflight
from reports.tables.open_table import OpenTable, TableColumn, Values, open_table

Side: TypeAlias = Mapping[str, tuple[TableColumn, Values]]
NOTED = 1_000  # changed cells whose old values stay at hand, at least


@dataclass(frozen=True)
class CellChange:
    """A cell that is not what it was. `row` is the frame's, from 0; `key` the values of the key columns."""

    row: int
    column: str
    key: tuple[object, ...]
    now: object
    before: object

    @property
    def difference(self) -> Decimal | None:
        """Of two numbers."""
        return difference(self.now, self.before)


@dataclass(frozen=True, eq=False)
class Comparison:
    """`changed` are the rows of the changed cells, by column; `cells` the first of these, row by row.

    `columns_added` and `columns_removed` are in one of both frames only, `retyped` are columns that held another
    kind of value. `first_added` and `first_removed` hold whole rows, in the order of `names` and `names_before`.
    """

    keys: tuple[str, ...]
    added: Int64s
    removed: int
    unchanged: int
    changed: Mapping[str, Int64s]
    changed_rows: int
    cells: Sequence[CellChange]
    largest: CellChange | None
    measures: int  # columns in which numbers changed
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    retyped: tuple[str, ...]
    names: tuple[str, ...]
    names_before: tuple[str, ...]
    first_added: Sequence[tuple[object, ...]] = field(default=(), repr=False)
    first_removed: Sequence[tuple[object, ...]] = field(default=(), repr=False)

    @property
    def changed_cells(self) -> int:
        return sum(len(rows) for rows in self.changed.values())

    @property
    def is_same(self) -> bool:
        """Whether nothing changed, the columns included."""
        rows = len(self.added) + self.removed + self.changed_rows
        return not rows and not self.columns_added and not self.columns_removed


def compare_table(
    sheet: str, table: Table, preflight: Preflight, opened: OpenTable | None = None
) -> Comparison | None:
    """None where there is nothing to compare with. `opened` is the table's frame, where it is at hand.

    Raises BadWorkbook for a key that does not say which row is which, and for columns that are not there.
    """
    changes = table.changes
    if changes is None or changes.before is None:
        return None
    now = opened or open_table(sheet, Table(table.frame), preflight)
    place = f"{sheet}, Changes(before=)"
    before = open_table(place, Table(changes.before), replace(preflight, nested="json"))
    return _Comparing(sheet, changes, now, before).done()


class _Comparing:
    def __init__(self, sheet: str, changes: Changes, now: OpenTable, before: OpenTable) -> None:
        self.sheet = sheet
        self.changes = changes
        self.now, self.before = (
            {
                column.name: (column, values)
                for column, values in zip(one.columns, one.whole or (), strict=True)
            }
            for one in (now, before)
        )
        for key in changes.keys:
            if key not in self.before:
                raise UnknownColumn(sheet, key, list(self.before), "Changes(before=)")
        self.matches = self._matches()

    def done(self) -> Comparison:
        keys, matches = self.changes.keys, self.matches
        common = [name for name in self.now if name in self.before and name not in keys]
        changed: dict[str, Int64s] = {}
        touched = np.zeros(len(matches.now), np.bool_)
        retyped: list[str] = []
        largest, measures = None, 0
        first: list[tuple[int, int, str, object, object]] = []
        for place, name in enumerate(common):
            now, before = self._pair(name)
            if other_kind(now, before):
                retyped.append(name)
            self._check_tolerance(name, now, before)
            pairs = differing(now, before, self.changes.tolerance_of(name)).arg_true().to_numpy()
            if not len(pairs):
                continue
            touched[pairs] = True
            changed[name] = matches.now[pairs]
            first += self._first(place, name, pairs, now, before)
            if (most := self._largest(name, pairs, now, before)) is not None:
                measures += 1
                largest = max((largest, most), key=_size) if largest else most
        first.sort(key=lambda cell: cell[:2])
        return Comparison(
            keys=keys,
            added=matches.added,
            removed=len(matches.removed),
            unchanged=len(matches.now) - int(touched.sum()),
            changed=changed,
            changed_rows=int(touched.sum()),
            cells=self._cells(first[: self._kept]),
            largest=largest,
            measures=measures,
            columns_added=tuple(name for name in self.now if name not in self.before),
            columns_removed=tuple(name for name in self.before if name not in self.now),
            retyped=tuple(retyped),
            names=self._keys_first(self.now),
            names_before=self._keys_first(self.before),
            first_added=self._rows(self.now, matches.added),
            first_removed=self._rows(self.before, matches.removed),
        )

    @property
    def _kept(self) -> int:
        return max(NOTED, self.changes.at_most)

    def _matches(self) -> Matches:
        now, before = (
            [comparable(*side[key]) for key in self.changes.keys] for side in (self.now, self.before)
        )
        return match(self.sheet, self.changes.keys, now, before)

    def _pair(self, name: str) -> tuple[Compared, Compared]:
        """A column's values of the rows that are in both frames."""
        now, before = comparable(*self.now[name]), comparable(*self.before[name])
        if len(self.matches.now) < len(now) or len(self.matches.before) < len(before):
            return now.take(self.matches.now), before.take(self.matches.before)
        straight = self.matches.now is self.matches.before
        return now, before if straight else before.take(self.matches.before)

    def _check_tolerance(self, name: str, now: Compared, before: Compared) -> None:
        """One that was given for this column must mean something."""
        kinds = {one.kind for one in (now, before) if one.kind is not None and not one.is_blank}
        if name in self.changes.tolerances and kinds and not kinds & NUMBERS:
            said = f"sheet {self.sheet!r}, Changes(tolerance=)"
            raise BadBlock(said, name, "the column holds no numbers; a tolerance is for numbers")

    def _first(
        self, place: int, name: str, pairs: Int64s, now: Compared, before: Compared
    ) -> Iterator[tuple[int, int, str, object, object]]:
        """The first changed cells of a column: row, place of the column, its name, both values."""
        some = pairs[: self._kept]
        rows = self.matches.now[some].tolist()
        values = zip(now.take(some).as_list(), before.take(some).as_list(), strict=True)
        return ((row, place, name, one, other) for row, (one, other) in zip(rows, values, strict=True))

    def _largest(self, name: str, pairs: Int64s, now: Compared, before: Compared) -> CellChange | None:
        """The cell of a column whose number changed most; of equal ones the first."""
        if now.kind not in NUMBERS or before.kind not in NUMBERS:
            return None
        one, other = now.take(pairs), before.take(pairs)
        apart = (one.floats - other.floats).abs()
        finite = pl.select(pl.when(apart.is_finite()).then(apart)).to_series()
        if (at := finite.arg_max()) is None or finite[at] is None:
            return None
        cell = (int(self.matches.now[pairs[at]]), 0, name, one.as_list()[at], other.as_list()[at])
        return self._cells([cell])[0]

    def _cells(self, found: Sequence[tuple[int, int, str, object, object]]) -> list[CellChange]:
        keys = self._values(self.now, self.changes.keys, np.array([cell[0] for cell in found], np.int64))
        return [
            CellChange(row, name, key, now, before)
            for (row, _, name, now, before), key in zip(found, keys, strict=True)
        ]

    def _rows(self, side: Side, rows: Int64s) -> Sequence[tuple[object, ...]]:
        return self._values(side, self._keys_first(side), rows[: self.changes.at_most])

    def _keys_first(self, side: Mapping[str, object]) -> tuple[str, ...]:
        keys = self.changes.keys
        return (*keys, *(name for name in side if name not in keys))

    def _values(self, side: Side, names: Sequence[str], rows: Int64s) -> list[tuple[object, ...]]:
        columns = [picked(*side[name], rows).as_list() for name in names]
        return list(zip(*columns, strict=True)) if len(rows) else []


def _size(cell: CellChange) -> Decimal:
    return abs(cell.difference or Decimal(0))

"""Rows of a table brought together by the values of columns, and where groups end. Knows no file format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reports.errors import BadFrame
from reports.tables.objects import Objects
from reports.tables.open_table import OpenTable


@dataclass(frozen=True)
class GroupEnd:
    """A group of a level, 0 the outermost, ends after so many rows. `value` is what they have in common."""

    rows: int
    level: int
    value: object


@dataclass(frozen=True)
class Group:
    """The rows of the table from `first` up to, not including, `end`, which have `value` in common."""

    first: int
    end: int
    level: int
    value: object


@dataclass(frozen=True)
class Groups:
    """`ends` go up; where several levels end together, the innermost comes first."""

    levels: int
    ends: Sequence[GroupEnd]

    def __iter__(self) -> Iterator[Group]:
        """In the order in which they end."""
        firsts = [0] * self.levels
        for end in self.ends:
            yield Group(firsts[end.level], end.rows, end.level, end.value)
            firsts[end.level] = end.rows

    def before(self, row: int) -> int:
        """Return how many groups end before a row of the table, counted from 0."""
        return int(np.searchsorted([end.rows for end in self.ends], row, side="right"))


def grouped(sheet: str, opened: OpenTable, names: Sequence[str]) -> tuple[OpenTable, Groups]:
    """The table with its rows in groups, in the order in which their values first come, and the groups.

    Raises BadFrame for a stream.
    """
    if opened.whole is None:
        raise BadFrame(sheet, "a stream cannot be grouped: all rows are needed for that (group_by=)")
    whole = opened.whole
    places = [[column.name for column in opened.columns].index(name) for name in names]
    keys = [_codes(whole[place]) for place in places]
    order = np.lexsort(keys[::-1])  # stable: rows of a group keep their order
    columns = [_taken(column, order) for column in whole]
    return (
        OpenTable(opened.columns, opened.rows, columns),
        Groups(len(names), list(_ends([key[order] for key in keys], [columns[place] for place in places]))),
    )


def _ends(keys: Sequence[Any], columns: Sequence[Any]) -> Iterator[GroupEnd]:
    rows = len(keys[0])
    changed = np.zeros(rows, dtype=bool)
    last_of_level = []  # by level, whether a group ends with the row
    for key in keys:
        changed[:-1] |= key[1:] != key[:-1]
        changed[-1:] = True
        last_of_level.append(changed.copy())
    for row in np.flatnonzero(last_of_level[-1]):
        for level in reversed(range(len(keys))):
            if last_of_level[level][row]:
                yield GroupEnd(int(row) + 1, level, _value(columns[level], int(row)))


def _codes(column: Any) -> Any:
    """A number for each value, in the order in which they first come."""
    if isinstance(column, Objects):
        known: dict[object, int] = {}
        return np.array([known.setdefault(value, len(known)) for value in column.values], dtype=np.int64)
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    return pc.dictionary_encode(array, null_encoding="encode").indices.to_numpy(zero_copy_only=False)


def _taken(column: Any, order: Any) -> Any:
    if isinstance(column, Objects):
        return Objects([column.values[row] for row in order])
    # Not pa.array(), which loads pandas to see whether it is given a Series.
    places = pa.Array.from_buffers(pa.int64(), len(order), [None, pa.py_buffer(order.astype(np.int64))])
    return column.take(places)


def _value(column: Any, row: int) -> object:
    return column.values[row] if isinstance(column, Objects) else column[row].as_py()

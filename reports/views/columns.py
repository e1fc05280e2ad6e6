"""One column on its way to a page: what all its values tell, and those of the first rows. Knows no file format."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from reports.blocks import Total
from reports.columns import Column
from reports.number_formats.formats import (
    LEFT_ALIGNED,
    Kind,
)
from reports.number_formats.render import shown
from reports.tables.arrays import as_json, canonical
from reports.tables.cells import Cells, without_nan
from reports.tables.column_scan import ColumnScan
from reports.tables.grouping import Group
from reports.tables.objects import Objects, number_of
from reports.tables.open_table import Values
from reports.tables.reader import ReadColumn, TableReader
from reports.views.groups import ColumnTotals

NAN = "NaN, now blank: {count}"


@dataclass(frozen=True)
class Kept:
    """The number of values that are needed: of the first rows, or of all for conditional formats."""

    first: int
    all: bool


class SeenColumn:
    """`values` are Python's, None where missing, instants as the wall clock of their zone."""

    def __init__(
        self, reader: TableReader, column: ReadColumn, kept: Kept, groups: Sequence[Group] = ()
    ) -> None:
        self.reader = reader
        self.column = column
        self.options = reader.table.columns.get(column.name, Column())
        self.scan = ColumnScan(column, self.options, column.zone)
        self.kept = kept
        self.values: list[Any] = []
        function: Total | None = reader.table.totals.get(column.name)
        self.totals = ColumnTotals(function, groups) if function else None

    def see(self, values: Values) -> None:
        """The next slice."""
        wanted = None if self.kept.all else max(0, self.kept.first - len(self.values))
        if isinstance(values, Objects):
            plain = [self.scan.local(value) for value in values.values]
            self.scan.add_values(plain)
            self._add_up(plain)
            self.values += plain[:wanted]
            return
        array = self._canonical(values)
        if array is None:
            plain = values.to_pylist()
            self._add_up(plain)
            self.values += [None if one is None else str(one) for one in plain][:wanted]
            return
        kind = self.column.kind or Kind.TEXT
        self.scan.add(kind, array, self.reader.sample_step(len(array)))
        if self.totals:
            self.totals.add(Cells(kind, len(array), array))
        self.values += (array if wanted is None else array.slice(0, wanted)).to_pylist()

    @property
    def is_left(self) -> bool:
        return self.options.as_text or self.column.kind in LEFT_ALIGNED

    def total_text(self, group: int | None = None) -> str | None:
        """Return the total of all rows, or of one of the groups, from 0; None of a column without a total."""
        if self.totals is None:
            return None
        total = self.totals.whole if group is None else self.totals.of_groups[group]
        return shown(total.value(), self.scan.total_code(total.function))

    def _canonical(self, values: Any) -> Any:
        """None for numbers that Arrow's own types for cells cannot hold."""
        if self.column.nested:
            return as_json(values)
        try:
            zone = self.column.zone.key if self.column.zone else None
            array = canonical(values, self.column.kind or Kind.TEXT, zone)
        except pa.ArrowInvalid:
            return None
        if self.column.kind is Kind.FLOAT:
            before = array.null_count
            array = without_nan(array)
            self.reader.note("nan", self.column, array.null_count - before, NAN)
        return array

    def _add_up(self, values: Sequence[Any]) -> None:
        """Only numbers are added up, whatever stands beside them."""
        if self.totals:
            numbers = pa.array([number_of(value) for value in values], pa.float64())
            self.totals.add(Cells(Kind.FLOAT, len(values), numbers))


def seen_columns(
    reader: TableReader, kept: Sequence[Kept], rows: int, groups: Sequence[Group] = ()
) -> list[SeenColumn]:
    """Read the whole table, `rows` at a time; `groups` are those whose totals are wanted."""
    columns = [
        SeenColumn(reader, column, keep, groups) for column, keep in zip(reader.columns, kept, strict=True)
    ]
    for values in reader.slices(rows):
        for column, part in zip(columns, values, strict=True):
            column.see(part)
    return columns

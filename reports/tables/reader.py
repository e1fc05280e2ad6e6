"""A workbook's table on its way into files that hold any value: read once, slice by slice. Knows no format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any
from zoneinfo import ZoneInfo

from reports.blocks import Formula, Table
from reports.columns import Column
from reports.errors import BadColumnType
from reports.number_formats.formats import Kind
from reports.preflight import Findings, Preflight
from reports.tables.arrays import arrow_kind, is_nested, value_type, zone_of
from reports.tables.facts import sample_step
from reports.tables.grouping import Groups, grouped
from reports.tables.headers import in_one_line, shown_header, shown_in
from reports.tables.objects import Objects, kind_of
from reports.tables.open_table import OpenTable, TableColumn, Values, open_table

COMPUTED = "formulas, now the values that were given with them: {count}"


NESTED = (list, tuple, dict, set)


@dataclass(frozen=True)
class ReadColumn:
    """`kind` is None where a column mixes kinds; `zone` is where its instants are shown.

    `header` is all that stands above it, in one line; `lowest` the last row of that.
    """

    name: str
    header: str
    lowest: str
    kind: Kind | None
    zone: ZoneInfo | None
    type: Any

    @property
    def nested(self) -> bool:
        return self.type is not None and is_nested(self.type)


class TableReader:
    """One table; `rows` counts those that were read. Raises BadWorkbook for what is no table.

    `in_groups` brings its rows together as the table says; else they stay in the order of the frame. `given` is the
    table with its formulas, before they gave way to their values.
    """

    def __init__(
        self,
        sheet: str,
        table: Table,
        preflight: Preflight,
        findings: Findings,
        zone: ZoneInfo | None = None,
        *,
        in_groups: bool = False,
    ) -> None:
        self.sheet = sheet
        self.table = table
        self.findings = findings
        self.rows = 0
        self.groups = Groups(0, ())
        opened = open_table(sheet, table, replace(preflight, nested="json"))
        if in_groups and table.groups:
            opened, self.groups = grouped(sheet, opened, table.groups)
        self.given = opened
        self._opened = self._computed(opened)
        self.columns = [self._column(column, zone) for column in self._opened.columns]
        if preflight.mixed_types == "error":
            self._refuse_mixed()

    def sample_step(self, rows: int) -> int:
        """Return how many texts of a column go by for one that is measured; of a stream, in a slice of `rows`."""
        return sample_step(self._opened.rows or rows)

    def slices(self, size: int) -> Iterator[list[Values]]:
        """The columns' values, `size` rows at a time; each can be had once."""
        for values in self._opened.slices(repeat(size)):
            self.rows += len(values[0])
            yield values

    def note(self, kind: str, column: ReadColumn, count: int, said: str) -> None:
        if count:
            self.findings.add(kind, self.sheet, said, column=column.name, count=count)

    def refuse(self, column: ReadColumn, value: object) -> BadColumnType:
        return BadColumnType(self.sheet, column.name, f"values of type {type(value).__name__}")

    def _column(self, column: TableColumn, zone: ZoneInfo | None) -> ReadColumn:
        own_zone = shown_in(column, zone)
        options = self.table.columns.get(column.name, Column())
        lowest = shown_header(self.sheet, column, options, own_zone)
        header = in_one_line(options.levels, lowest)
        return ReadColumn(column.name, header, lowest, column.kind, own_zone, column.type)

    def _refuse_mixed(self) -> None:
        for column in self.columns:
            if column.kind is None:
                what = "values of several kinds (mixed_types='error' refuses them)"
                raise BadColumnType(self.sheet, column.name, what)

    def _computed(self, opened: OpenTable) -> OpenTable:
        """Formulas give way to the values beside them: nothing calculates in these files."""
        if opened.whole is None:
            return opened
        columns, whole = list(opened.columns), list(opened.whole)
        for position, (column, values) in enumerate(zip(opened.columns, opened.whole, strict=True)):
            if not isinstance(values, Objects):
                continue
            count = sum(isinstance(value, Formula) for value in values.values)
            if count:
                self.findings.add("formulas", self.sheet, COMPUTED, column=column.name, count=count)
                columns[position], whole[position] = _retyped(column, values)
        return replace(opened, columns=tuple(columns), whole=whole)


def check_value(reader: TableReader, column: ReadColumn, value: object) -> None:
    """Raises BadColumnType for a Python value that has no spelling."""
    if value is not None and kind_of(value) is None and not isinstance(value, NESTED):
        raise reader.refuse(column, value)


def rows_of(readers: Sequence[TableReader]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for reader in readers:
        rows[reader.sheet] = rows.get(reader.sheet, 0) + reader.rows
    return rows


def _retyped(column: TableColumn, values: Objects) -> tuple[TableColumn, Values]:
    from reports.tables.pandas_frames import typed_objects  # noqa: PLC0415 # Python values come from pandas alone

    plain = typed_objects([value.value if isinstance(value, Formula) else value for value in values.values])
    if isinstance(plain, Objects):
        return column, plain
    kind = arrow_kind(plain.type)
    return TableColumn(column.name, kind, zone_of(plain.type), value_type(plain.type)), plain

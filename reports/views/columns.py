"""One column on its way to a page: what all its values tell, and those of the first rows. Knows no file format."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from reports.blocks import Total
from reports.columns import Column
from reports.excel.column_reader import Cells, without_nan
from reports.excel.values import in_zone
from reports.files.tables import ReadColumn, TableReader
from reports.number_formats.currencies import currency_code
from reports.number_formats.formats import (
    GENERAL,
    LEFT_ALIGNED,
    NAMED,
    Facts,
    Kind,
    format_code,
    inferred_format,
)
from reports.number_formats.render import shown
from reports.tables.arrays import as_json, canonical
from reports.tables.facts import learn_decimals, update
from reports.tables.grouping import Group
from reports.tables.objects import Objects, kind_of
from reports.tables.open_table import Values
from reports.views.groups import ColumnTotals
from reports.views.marks import number_of

COUNTS = frozenset({"count", "count_all"})
NAN = "NaN, now blank: {count}"
MANY_LINKS = 5_000  # addresses that become links unasked, as in a workbook


@dataclass(frozen=True)
class Kept:
    """How many values are needed: of the first rows, or of all for conditional formats."""

    first: int
    all: bool


class SeenColumn:
    """`values` are Python's, None where missing, instants as the wall clock of their zone."""

    def __init__(
        self, reader: TableReader, column: ReadColumn, kept: Kept, groups: Sequence[Group] = ()
    ) -> None:
        self.reader = reader
        self.column = column
        self.looks = reader.table.columns.get(column.name, Column())
        self.kept = kept
        self.values: list[Any] = []
        self.facts: dict[Kind, Facts] = {column.kind: Facts()} if column.kind else {}
        function: Total | None = reader.table.totals.get(column.name)
        self.totals = ColumnTotals(function, groups) if function else None

    def see(self, values: Values) -> None:
        """The next slice."""
        wanted = None if self.kept.all else max(0, self.kept.first - len(self.values))
        if isinstance(values, Objects):
            plain = [_without_zone(value, self.column) for value in values.values]
            self._learn(plain)
            self.values += plain[:wanted]
            return
        array = self._canonical(values)
        if array is None:
            plain = values.to_pylist()
            self._add_up(plain)
            self.values += [None if one is None else str(one) for one in plain][:wanted]
            return
        kind = self.column.kind or Kind.TEXT
        update(self.facts.setdefault(kind, Facts()), kind, array, max(1, len(array) // 1_000))
        if self.totals:
            self.totals.add(Cells(kind, len(array), array))
        self.values += (array if wanted is None else array.slice(0, wanted)).to_pylist()

    @property
    def is_left(self) -> bool:
        return self.looks.as_text or self.column.kind in LEFT_ALIGNED

    @property
    def code(self) -> str:
        """The format of its commonest kind; others of a mixed column have their own."""
        return next(iter(self.codes.values()), GENERAL)

    @property
    def codes(self) -> dict[Kind, str]:
        looks = self.looks
        if looks.as_text:
            return dict.fromkeys(self.facts, NAMED["text"])
        if looks.currency is not None:
            return dict.fromkeys(self.facts, currency_code(looks.currency))
        if looks.format is not None:
            return dict.fromkeys(self.facts, format_code(looks.format))
        return {kind: inferred_format(kind, facts, self.column.name) for kind, facts in self.facts.items()}

    @property
    def is_link(self) -> bool:
        text = self.facts.get(Kind.TEXT) if self.column.kind is Kind.TEXT else None
        if self.looks.link is not None or text is None:
            return bool(self.looks.link)
        return text.links and 0 < text.filled <= MANY_LINKS

    def code_of(self, value: object) -> str:
        if self.column.kind is not None or value is None:
            return self.code
        return self.codes.get(kind_of(value) or Kind.TEXT, GENERAL)

    def total_text(self, group: int | None = None) -> str | None:
        """Of all rows, or of one of the groups, from 0. None of a column without a total."""
        if self.totals is None:
            return None
        total = self.totals.whole if group is None else self.totals.of_groups[group]
        return shown(total.value(), NAMED["integer"] if total.function in COUNTS else self.code)

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

    def _learn(self, values: Sequence[Any]) -> None:
        for value in values:
            kind = kind_of(value) if value is not None else None
            if kind is not None:
                self._learn_one(self.facts.setdefault(kind, Facts()), kind, value)
        self._add_up(values)

    def _add_up(self, values: Sequence[Any]) -> None:
        """Only numbers are added up, whatever stands beside them."""
        if self.totals:
            numbers = pa.array([number_of(value) for value in values], pa.float64())
            self.totals.add(Cells(Kind.FLOAT, len(values), numbers))

    @staticmethod
    def _learn_one(facts: Facts, kind: Kind, value: Any) -> None:
        if kind is Kind.DECIMAL:
            learn_decimals(facts, [value])
            return
        facts.filled += 1
        if kind is Kind.FLOAT:
            facts.low = min(value, value if facts.low is None else facts.low)
            facts.high = max(value, value if facts.high is None else facts.high)
            facts.whole = facts.whole and float(value).is_integer()
        if kind is Kind.DATETIME:
            facts.seconds = facts.seconds or bool(value.second or value.microsecond)


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


def _without_zone(value: object, column: ReadColumn) -> object:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return in_zone(value, column.zone)
    return value

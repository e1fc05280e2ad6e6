"""One column on its way into a sheet: looked at first, then read slice by slice as cells. Knows no XML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa

from reports.blocks import Formula
from reports.columns import Column
from reports.errors import BadColumnType
from reports.excel.inspection import Context, Inspector, Place, suspects
from reports.excel.values import cached_value, cell_text, in_zone, plain_text
from reports.excel.widths import WIDEST
from reports.number_formats.currencies import currency_code
from reports.number_formats.formats import NAMED, NUMBERS, Facts, Kind, format_code, inferred_format
from reports.tables.arrays import TARGETS, as_json, canonical, cuts_digits, is_nested, lost_nanoseconds
from reports.tables.buffers import float_values, present
from reports.tables.facts import learn_decimals, update
from reports.tables.headers import shown_header, shown_in
from reports.tables.objects import Objects, kind_of
from reports.tables.open_table import TableColumn, Values

MANY_LINKS = 5_000  # addresses that are made clickable unasked: each costs Excel time on opening
MANY_LINES = 2_000  # rows that are wrapped unasked: Excel measures each of them on opening
MIXED = "its {count} values are of several kinds; each cell is typed by itself"
FINER = "values with nanoseconds, cut to microseconds: {count}"
BLANKED = "NaN, now blank cells: {count}"
BEYOND = "what 64 bits, 38 digits or the calendar hold"
FINER_KINDS = frozenset({Kind.DATETIME, Kind.TIME, Kind.DURATION})
NUMBERS_AND_FORMULA = NUMBERS | {Kind.FORMULA}


@dataclass(frozen=True, eq=False)
class Cells:
    """A slice of a column as it goes into the file.

    `array` is canonical for `kind`; where a column mixes kinds, `kinds` and `texts` hold one of each a cell.
    `repairs` stand, by index in the slice, for what was there: text, or None for a blank. `cached` holds,
    where the text is a formula, the type and text of its value.
    """

    kind: Kind | None
    rows: int
    array: Any = None
    kinds: Sequence[Kind] = ()
    texts: Sequence[str | None] = ()
    repairs: Mapping[int, str | None] = field(default_factory=dict)
    cached: Mapping[int, tuple[str, str | None]] = field(default_factory=dict)


class ColumnReader:
    """`facts` are by kind; `formats` follow from them once the column has been looked at."""

    def __init__(self, column: TableColumn, looks: Column, place: Place, context: Context) -> None:
        self.column = column
        self.looks = looks
        self.place = place
        self.preflight = context.preflight
        self.findings = context.findings
        self.shown_in = shown_in(column, context.zone)
        self.as_text = looks.as_text or (column.kind is None and context.preflight.mixed_types == "text")
        self.kind = Kind.TEXT if self.as_text else column.kind
        self.facts: dict[Kind, Facts] = {self.kind: Facts()} if self.kind else {}
        self.header = shown_header(place.sheet, column, looks, self.shown_in)
        self.repairs: dict[int, str | None] = {}
        self._has_nan = False
        self._inspector = Inspector(place, context, self.shown_in)

    def look(self, values: Values, start: int, step: int) -> None:
        """Check a slice that begins at the frame's row `start`, and learn from it. Raises BadCell."""
        if isinstance(values, Objects) and not self.as_text:
            self._look_at_objects(values, start)
            return
        array = self._canonical(values, start, noting=True)
        if self.kind is not None:
            rows = suspects(self.kind, array, self.preflight)
            if self.kind is Kind.FLOAT:
                rows = self._with_nan(array, rows, start)
            value_at = self._value_at(array, start)
            self.repairs |= self._inspector.judge((int(row) + start for row in rows), value_at)
            update(self.facts[self.kind], self.kind, array, step)

    def cells(self, values: Values, start: int) -> Cells:
        """The same slice, or a part of it, for the file."""
        rows = len(values)
        repairs = self._repairs_in(start, rows)
        if isinstance(values, Objects) and not self.as_text:
            return self._cells_of_objects(values, repairs)
        array = self._canonical(values, start, noting=False)
        if self._has_nan:
            array = without_nan(array)
        return Cells(self.kind, rows, array, repairs=repairs)

    @property
    def formats(self) -> dict[Kind, str]:
        looks = self.looks
        if looks.as_text:
            return {Kind.TEXT: NAMED["text"]}
        if looks.currency is not None:
            return dict.fromkeys(self.facts, currency_code(looks.currency))
        if looks.format is not None:
            return dict.fromkeys(self.facts, format_code(looks.format))
        return {kind: inferred_format(kind, facts, self.column.name) for kind, facts in self.facts.items()}

    @property
    def is_link(self) -> bool:
        """By choice, or where every text that was looked at is an address and there are not too many."""
        text = self.facts.get(Kind.TEXT) if self.kind is Kind.TEXT else None
        if self.looks.link is not None or text is None:
            return bool(self.looks.link) and text is not None
        return text.links and 0 < text.filled <= MANY_LINKS

    @property
    def wraps(self) -> bool:
        """By choice, or where text is wider than a column gets and the sheet is short."""
        text = self.facts.get(Kind.TEXT)
        if self.looks.wrap is not None or text is None:
            return bool(self.looks.wrap)
        return text.widest > WIDEST and text.filled <= MANY_LINES

    def _canonical(self, values: Values, start: int, *, noting: bool) -> Any:
        """The slice's array in its kind's form; of a column that is text by choice, its values as text."""
        if isinstance(values, Objects):
            return self._texts(values.values)
        if is_nested(values.type):
            if noting and (found := len(values) - values.null_count):
                self._note("nested", found, start, "nested values, now JSON: {count}")
            return as_json(values)
        finer = noting and self.column.kind in FINER_KINDS and cuts_digits(values.type)
        if finer and (found := lost_nanoseconds(values)):
            self._note("nanoseconds", found, None, FINER)
        zone = self.shown_in.key if self.shown_in else None
        try:
            array = canonical(values, self.column.kind or Kind.TEXT, zone)
        except pa.ArrowInvalid:
            raise BadColumnType(
                self.place.sheet, self.column.name, f"{values.type} beyond {BEYOND}"
            ) from None
        return self._as_text(array) if self.as_text and self.column.kind is not Kind.TEXT else array

    def _as_text(self, array: Any) -> Any:
        if self.column.kind is Kind.INTEGER:
            return array.cast(pa.large_string())
        return self._texts(array.to_pylist())

    def _texts(self, values: Sequence[object]) -> Any:
        texts = [None if value is None else plain_text(value, self.shown_in) for value in values]
        return pa.array(texts, pa.large_string())

    def _value_at(self, array: Any, start: int) -> Any:
        return lambda index: array[index - start].as_py()

    def _with_nan(self, array: Any, rows: Any, start: int) -> Any:
        numbers = float_values(array)
        missing = np.isnan(numbers)
        if not missing.any():
            return rows
        missing &= present(array)
        self._has_nan = self._has_nan or bool(missing.any())
        if self.preflight.nan == "blank":
            if found := int(missing.sum()):
                self._note("nan", found, start + int(missing.argmax()), BLANKED)
            return rows
        return np.union1d(rows, np.flatnonzero(missing))

    def _note(self, kind: str, count: int, index: int | None, said: str) -> None:
        cell = None if index is None else self.place.cell(index)[1]
        self.findings.add(kind, self.place.sheet, said, column=self.column.name, count=count, cell=cell)

    def _repairs_in(self, start: int, rows: int) -> dict[int, str | None]:
        if not self.repairs:
            return {}
        return {index - start: text for index, text in self.repairs.items() if start <= index < start + rows}

    def _look_at_objects(self, values: Objects, start: int) -> None:
        if self.preflight.mixed_types == "error":
            raise BadColumnType(
                self.place.sheet,
                self.column.name,
                "values of several kinds (mixed_types='error' refuses them)",
            )
        filled = [index for index, value in enumerate(values.values) if value is not None]
        self.repairs |= self._inspector.judge(
            (index + start for index in filled), lambda index: values.values[index - start]
        )
        kinds = _by_kind(
            [value for index, value in enumerate(values.values) if index + start not in self.repairs]
        )
        if len(kinds) > 1 and not set(kinds) <= NUMBERS_AND_FORMULA:
            self._note("mixed_types", len(filled), None, MIXED)
        for kind, some in kinds.items():
            _learn(self.facts.setdefault(kind, Facts()), kind, some, self.shown_in)
        if self.repairs:
            _learn(self.facts.setdefault(Kind.TEXT, Facts()), Kind.TEXT, [*self.repairs.values()], None)

    def _cells_of_objects(self, values: Objects, repairs: Mapping[int, str | None]) -> Cells:
        kinds: list[Kind] = []
        texts: list[str | None] = []
        cached = {}
        for index, value in enumerate(values.values):
            gone = index in repairs or value is None
            kinds.append(Kind.TEXT if gone else kind_of(value) or Kind.TEXT)
            texts.append(None if gone else cell_text(value, self.shown_in))
            if isinstance(value, Formula):
                cached[index] = cached_value(value.value, self.shown_in)
        return Cells(None, len(values), kinds=kinds, texts=texts, repairs=repairs, cached=cached)


def without_nan(array: Any) -> Any:
    """NaN becomes a missing value."""
    return pl.Series(array).fill_nan(None).to_arrow()


def _by_kind(values: Sequence[object]) -> dict[Kind, list[object]]:
    kinds: dict[Kind, list[object]] = {}
    for value in values:
        if value is not None:
            kinds.setdefault(kind_of(value) or Kind.TEXT, []).append(value)
    return dict(sorted(kinds.items(), key=lambda item: item[0].value))


def _learn(facts: Facts, kind: Kind, values: Sequence[Any], zone: ZoneInfo | None) -> None:
    """The facts of some Python values of one kind."""
    if kind is Kind.FORMULA:
        facts.filled += len(values)
        return
    if kind is Kind.DECIMAL:
        learn_decimals(facts, values)
        return
    naive = [in_zone(value, zone) if isinstance(value, datetime) else value for value in values]
    array = canonical(pa.array(naive, TARGETS.get(kind)), kind, None)
    update(facts, kind, array, 1)

"""One column on its way into a sheet: looked at first, then read slice by slice as cells. Knows no XML."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from reports.blocks import Formula
from reports.columns import Column
from reports.errors import BadColumnType
from reports.excel.inspection import Context, Inspector, Place, suspects
from reports.excel.values import cached_value, cell_text, plain_text
from reports.excel.widths import WIDEST
from reports.number_formats.formats import NUMBERS, Facts, Kind
from reports.tables.arrays import FINER, as_json, canonical, cuts_digits, is_nested, lost_nanoseconds
from reports.tables.buffers import float_values, present
from reports.tables.cells import Cells, without_nan
from reports.tables.column_scan import ColumnScan
from reports.tables.headers import shown_header, shown_in
from reports.tables.objects import Objects, kind_of
from reports.tables.open_table import TableColumn, Values

MANY_LINES = 2_000  # rows that are wrapped unasked: Excel measures each of them on opening
MIXED = "its {count} values are of several kinds; each cell is typed by itself"
BLANKED = "NaN, now blank cells: {count}"
BEYOND = "what 64 bits, 38 digits or the calendar hold"
FINER_KINDS = frozenset({Kind.DATETIME, Kind.TIME, Kind.DURATION})
NUMBERS_AND_FORMULA = NUMBERS | {Kind.FORMULA}


class ColumnReader:
    """Checks a column and learns from it; `scan` holds what is known once all of it has gone by."""

    def __init__(self, column: TableColumn, options: Column, place: Place, context: Context) -> None:
        self.column = column
        self.options = options
        self.place = place
        self.preflight = context.preflight
        self.findings = context.findings
        self.shown_in = shown_in(column, context.zone)
        self.as_text = options.as_text or (column.kind is None and context.preflight.mixed_types == "text")
        self.scan = ColumnScan(column, options, self.shown_in, kind=Kind.TEXT if self.as_text else None)
        self.kind = self.scan.kind
        self.header = shown_header(place.sheet, column, options, self.shown_in)
        self.repairs: dict[int, str | None] = {}
        self._has_nan = False
        self._inspector = Inspector(place, context, self.shown_in)

    def inspect(self, values: Values, start: int, step: int) -> None:
        """Check a slice that begins at the frame's row `start`, and learn from it. Raises BadCell."""
        if isinstance(values, Objects) and not self.as_text:
            self._inspect_objects(values, start)
            return
        array = self._canonical(values, start, noting=True)
        if self.kind is not None:
            rows = suspects(self.kind, array, self.preflight)
            if self.kind is Kind.FLOAT:
                rows = self._with_nan(array, rows, start)
            value_at = self._value_at(array, start)
            self.repairs |= self._inspector.judge((int(row) + start for row in rows), value_at)
            self.scan.add(self.kind, array, step)

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
    def facts(self) -> dict[Kind, Facts]:
        """The facts of its values, by kind."""
        return self.scan.facts

    @property
    def wraps(self) -> bool:
        """Return whether text is broken into lines: by choice, or where it is wide and the sheet is short."""
        text = self.facts.get(Kind.TEXT)
        if self.options.wrap is not None or text is None:
            return bool(self.options.wrap)
        return text.widest > WIDEST and text.filled <= MANY_LINES

    def _canonical(self, values: Values, start: int, *, noting: bool) -> Any:
        """The slice's array in its kind's form; of a column that is text by choice, its values as text."""
        if isinstance(values, Objects):
            return self._texts(values.values)
        if is_nested(values.type):
            if noting and (count := len(values) - values.null_count):
                self._note("nested", count, start, "nested values, now JSON: {count}")
            return as_json(values)
        finer = noting and self.column.kind in FINER_KINDS and cuts_digits(values.type)
        if finer and (count := lost_nanoseconds(values)):
            self._note("nanoseconds", count, None, FINER)
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
            if count := int(missing.sum()):
                self._note("nan", count, start + int(missing.argmax()), BLANKED)
            return rows
        return np.union1d(rows, np.flatnonzero(missing))

    def _note(self, kind: str, count: int, index: int | None, said: str) -> None:
        cell = None if index is None else self.place.cell(index)[1]
        self.findings.add(kind, self.place.sheet, said, column=self.column.name, count=count, cell=cell)

    def _repairs_in(self, start: int, rows: int) -> dict[int, str | None]:
        if not self.repairs:
            return {}
        return {index - start: text for index, text in self.repairs.items() if start <= index < start + rows}

    def _inspect_objects(self, values: Objects, start: int) -> None:
        if self.preflight.mixed_types == "error":
            raise BadColumnType(
                self.place.sheet,
                self.column.name,
                "values of several kinds (mixed_types='error' refuses them)",
            )
        filled = [index for index, value in enumerate(values.values) if value is not None]
        repaired = self._inspector.judge(
            (index + start for index in filled), lambda index: values.values[index - start]
        )
        self.repairs |= repaired
        kept = [value for index, value in enumerate(values.values) if index + start not in self.repairs]
        kinds = self.scan.add_values(kept)
        if len(kinds) > 1 and not set(kinds) <= NUMBERS_AND_FORMULA:
            self._note("mixed_types", len(filled), None, MIXED)
        if repaired:
            self.scan.facts.setdefault(Kind.TEXT, Facts())
            self.scan.add_values([*repaired.values()])

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

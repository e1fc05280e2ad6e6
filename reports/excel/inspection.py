"""Finds what a cell cannot hold in slices of a column, and repairs it where the author's policy says so.

Looking is done on whole arrays; what is suspect is judged value by value, by the same rules as a single cell.
Knows no XML. A repair replaces single cells by text or by blanks, so that the rest of a column stays typed.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.compute as pc

from reports.errors import BadCell
from reports.excel.values import MAX_INTEGER, Unwritable, cell_text, plain_text
from reports.number_formats.formats import Kind
from reports.preflight import Findings, Preflight
from reports.tables.arrays import json_text
from reports.tables.buffers import Bools, Int64s, TextBuffer, decimal_words, float_values, int_values, present
from reports.tables.serials import FIRST_SERIAL, LAST_SERIAL, SERIAL_OF_EPOCH
from reports.text import MAX_TEXT, cut_text, spelled_out, without_forbidden

DAY = 86_400 * 10**6  # microseconds
FIRST_PRINTABLE = 0x20
ALLOWED = (0x09, 0x0A, 0x0D)  # tab and line ends
BEGINNINGS = np.frombuffer(b"=+-@", np.uint8)  # of what people type as formulas
FORMULA_LIKE = re.compile(r"[=+\-@](?![\d.,\s]*$)")  # a negative number as text is none
NO_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # U+FFFE and U+FFFF in UTF-8
SAID = {
    "long_text": "texts of more than 32,767 characters, cut: {count}",
    "control_characters": "texts with control characters, replaced: {count}",
    "digits": "numbers of more than 15 digits, now text: {count}",
    "nan": "NaN, now text: {count}",
    "infinity": "infinite numbers, now {now}: {count}",
    "early_dates": "dates before 1900-03-01, now text: {count}",
    "negative_durations": "negative durations, now text: {count}",
    "nested": "nested values, now JSON: {count}",
}


@dataclass(frozen=True)
class Context:
    """Policies and findings of a whole workbook. `zone` is where instants are shown; None: their column's own."""

    preflight: Preflight
    findings: Findings
    zone: ZoneInfo | None


@dataclass(frozen=True)
class Place:
    """The place of a column: `cell(index)` is the row on the sheet, and the cell, of the frame's row."""

    sheet: str
    column: str
    cell: Callable[[int], tuple[int, str]]


class Inspector:
    """Judges the values of one column. `zone` is where its instants are shown."""

    def __init__(self, place: Place, context: Context, zone: ZoneInfo | None) -> None:
        self.place = place
        self.preflight = context.preflight
        self.findings = context.findings
        self.zone = zone

    def judge(self, indices: Iterable[int], value_at: Callable[[int], object]) -> dict[int, str | None]:
        """Texts, or None for a blank, for those of the frame's rows whose values need a repair.

        Raises BadCell, with the first that may not be repaired and how many more there are.
        """
        repairs: dict[int, str | None] = {}
        refused: list[tuple[int, Unwritable]] = []
        for index in indices:
            try:
                repaired, text = self._judged(index, value_at)
            except Unwritable as reason:
                refused.append((index, reason))
                continue
            if repaired:
                repairs[index] = text
        if refused:
            raise self._refusal(refused)
        return repairs

    def refuse(self, index: int, reason: str) -> BadCell:
        row, cell = self.place.cell(index)
        return BadCell(self.place.sheet, self.place.column, row, cell, reason)

    def _refusal(self, refused: list[tuple[int, Unwritable]]) -> BadCell:
        index, reason = refused[0]
        more = f" ({len(refused) - 1:,} more in this column)" if len(refused) > 1 else ""
        return self.refuse(index, f"{reason}{more}")

    def _judged(self, index: int, value_at: Callable[[int], object]) -> tuple[bool, str | None]:
        """Whether it needed a repair, and the text that stands for it then."""
        repaired, value = False, None
        while True:
            try:
                value = value if repaired else value_at(index)
                self._check(value)
            except Unwritable as fault:
                policy = getattr(self.preflight, fault.finding) if fault.finding else "error"
                if policy == "error":
                    raise
                value, repaired = self._repaired(value, fault.finding or "", policy), True
                self._note(fault.finding or "", policy, index)
            except (OverflowError, ValueError) as fault:
                raise Unwritable("the date is outside the years 1 to 9999") from fault
            else:
                return repaired, (None if value is None else str(value)) if repaired else None

    def _check(self, value: object) -> None:
        """Raises Unwritable, or what Python's calendar raises, for a value that a cell cannot hold."""
        if value is None:
            return
        cell_text(value, self.zone)
        if self.preflight.formula_like == "error" and isinstance(value, str) and FORMULA_LIKE.match(value):
            raise Unwritable("the text begins like a formula; formula_like='text' keeps it as text")

    def _repaired(self, value: object, finding: str, policy: str) -> str | None:
        if policy == "blank":
            return None
        if finding == "nan":
            return "NaN"
        if finding == "nested":
            return json_text(value)
        if finding == "long_text":
            return cut_text(str(value))
        if finding == "control_characters":
            return without_forbidden(str(value)) if policy == "remove" else spelled_out(str(value))
        return plain_text(value, self.zone)

    def _note(self, finding: str, policy: str, index: int) -> None:
        said = SAID[finding].replace("{now}", "blank cells" if policy == "blank" else "text")
        cell = self.place.cell(index)[1]
        self.findings.add(finding, self.place.sheet, said, column=self.place.column, cell=cell)


def suspects(kind: Kind, array: Any, preflight: Preflight) -> Int64s:
    """Return the rows in which a canonical array may hold what a cell cannot; NaN is looked for elsewhere."""
    if not len(array) or array.null_count == len(array) or kind not in SUSPECTS:
        return np.zeros(0, np.int64)
    found = SUSPECTS[kind](array)
    if kind is Kind.TEXT and preflight.formula_like == "error":
        first, _ = TextBuffer.of(array).first_and_last()
        found = np.union1d(found, np.flatnonzero(np.isin(first, BEGINNINGS)))
    return found


def _rows(mask: Bools, array: Any) -> Int64s:
    return np.flatnonzero(mask & present(array)).astype(np.int64) if mask.any() else np.zeros(0, np.int64)


def _outside(array: Any, low: int, high: int) -> Int64s:
    """Two numbers tell whether there is anything to look for."""
    ends = pc.min_max(array.view("int64") if array.type.bit_width != 32 else array.view("int32"))
    least, most = ends["min"].as_py(), ends["max"].as_py()
    if least is None or (least >= low and most <= high):
        return np.zeros(0, np.int64)
    numbers = int_values(array)
    return _rows((numbers < low) | (numbers > high), array)


def _long_decimals(array: Any) -> Int64s:
    if array.type.precision <= 15:
        return np.zeros(0, np.int64)
    low, high = decimal_words(array)
    return _rows((high != low >> 63) | (low > MAX_INTEGER) | (low < -MAX_INTEGER), array)


def _bad_texts(array: Any) -> Int64s:
    text = TextBuffer.of(array)
    found = [np.flatnonzero(text.lengths > MAX_TEXT)] if text.lengths.max(initial=0) > MAX_TEXT else []
    if len(text.data) and text.data.min() < FIRST_PRINTABLE:
        control = (text.data < FIRST_PRINTABLE) & ~np.isin(text.data, ALLOWED)
        found.append(text.rows_of(np.flatnonzero(control).astype(np.int64)))
    for sequence in NO_CHARACTERS:
        start = text.raw.find(sequence) if b"\xef" in text.raw else -1
        while start >= 0:
            found.append(text.rows_of(np.array([start])))
            start = text.raw.find(sequence, start + 1)
    return np.unique(np.concatenate(found)).astype(np.int64) if found else np.zeros(0, np.int64)


def _infinite(array: Any) -> Int64s:
    numbers = float_values(array)
    finite = np.isfinite(numbers)
    return np.zeros(0, np.int64) if finite.all() else _rows(np.isinf(numbers), array)


SUSPECTS: dict[Kind, Callable[[Any], Int64s]] = {
    Kind.INTEGER: lambda array: _outside(array, -MAX_INTEGER, MAX_INTEGER),
    Kind.FLOAT: _infinite,
    Kind.DECIMAL: _long_decimals,
    Kind.DATE: lambda array: _outside(array, FIRST_SERIAL - SERIAL_OF_EPOCH, LAST_SERIAL - SERIAL_OF_EPOCH),
    Kind.DATETIME: lambda array: _outside(
        array, (FIRST_SERIAL - SERIAL_OF_EPOCH) * DAY, (LAST_SERIAL + 1 - SERIAL_OF_EPOCH) * DAY - 1
    ),
    Kind.DURATION: lambda array: _outside(array, 0, (LAST_SERIAL + 1) * DAY - 1),
    Kind.TEXT: _bad_texts,
}

"""A value on its way into a cell of the template, which keeps its own format. Knows no rows."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from math import isfinite, isnan
from typing import Any
from zoneinfo import ZoneInfo

from reports.blocks import Formula
from reports.errors import BadCell
from reports.excel.letters import column_letter
from reports.excel.values import CELL_TYPES, MAX_INTEGER, Unwritable, cached_value, cell_text
from reports.filling.cells import Tags
from reports.filling.records import plain
from reports.filling.styles import CellStyles
from reports.number_formats.formats import Kind
from reports.preflight import Findings
from reports.tables.objects import kind_of

# Text that XML takes as it is: short, without `<`, `&`, outer blanks, line ends or what Excel would unescape.
PLAIN = re.compile(r"[^\W_](?:[\w .,:;()/+%#@!?*=-]{0,1000}[\w.,:;()/+%#@!?*=-])?", re.ASCII)
MOMENTS = {Kind.DATE, Kind.DATETIME, Kind.TIME, Kind.DURATION}
LOST_NOTE = "formulas that refer to removed rows, now #REF!: {count}"
NAN = "NaN, now blank cells: {count}"


class ValueWriter:
    """Writes the cells of one sheet. `zone` is where instants are shown."""

    def __init__(
        self, sheet: str, tags: Tags, styles: CellStyles, findings: Findings, *, zone: ZoneInfo | None
    ) -> None:
        self.sheet = sheet
        self.tags = tags
        self._styles = styles
        self._findings = findings
        self._zone = zone
        self._starts: dict[tuple[int, int], tuple[str, str]] = {}

    def cell(self, column: int, row: int, style: int, value: Any, told: str) -> str:
        """The cell's XML; `told` names the column in errors."""
        kind = type(value)
        if (kind is float and isfinite(value)) or (kind is int and -MAX_INTEGER <= value <= MAX_INTEGER):
            before, after = self._starts.get((column, style)) or self._start(column, style)
            p = self.tags.prefix
            return f"{before}{row}{after}><{p}v>{value!r}</{p}v></{p}c>"
        if kind is str and "_x" not in value and PLAIN.fullmatch(value):
            before, after = self._starts.get((column, style)) or self._start(column, style)
            p = self.tags.prefix
            return f'{before}{row}{after} t="inlineStr"><{p}is><{p}t>{value}</{p}t></{p}is></{p}c>'
        letters = column_letter(column)
        try:
            return self._cell(letters, row, style, value, told)
        except Unwritable as error:
            raise BadCell(self.sheet, told, row, f"{letters}{row}", str(error)) from error

    def note_lost(self, cell: str) -> None:
        """A formula refers to a row of the template that is gone."""
        self._findings.add("lost_reference", self.sheet, LOST_NOTE, cell=cell)

    def _start(self, column: int, style: int) -> tuple[str, str]:
        """What comes before a cell's row and after it."""
        made = f'<{self.tags.prefix}c r="{column_letter(column)}', f'" s="{style}"' if style else '"'
        return self._starts.setdefault((column, style), made)

    def _cell(self, letters: str, row: int, style: int, value: Any, told: str) -> str:
        value, tags = plain(value), self.tags
        if isinstance(value, float) and isnan(value):
            self._findings.add("nan", self.sheet, NAN, column=told, cell=f"{letters}{row}")
            value = None
        if value is None:
            return tags.cell(letters, row, style)
        if isinstance(value, Formula):
            kind, cached = cached_value(value.value, self._zone)
            inner = tags.formula(value.text, {}) + (tags.value(cached) if cached is not None else "")
            return tags.cell(letters, row, style, kind="str" if kind == "inlineStr" else kind, inner=inner)
        found = kind_of(value)
        text = cell_text(value, zone_for(value, self._zone))
        if text is None:
            return tags.cell(letters, row, style)
        if found in MOMENTS:
            style = self._styles.showing(style, found)
        kind = CELL_TYPES.get(found, "n")
        inner = tags.text(text) if kind == "inlineStr" else tags.value(text)
        return tags.cell(letters, row, style, kind=kind, inner=inner)


def zone_for(value: object, zone: ZoneInfo | None) -> ZoneInfo | None:
    """A wall-clock time stays as it is."""
    return zone if isinstance(value, datetime) and value.tzinfo is not None else None


def text_within(value: Any, zone: ZoneInfo | None) -> str:
    """Return the value as it reads within other text, where no code formats it.

    Raises Unwritable for what is no single value.
    """
    value = plain(value)
    if value is None or (isinstance(value, float) and isnan(value)):
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        local = value if zone_for(value, zone) is None else value.astimezone(zone)
        return local.replace(tzinfo=None).isoformat(sep=" ", timespec="minutes").removesuffix(" 00:00")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) <= MAX_INTEGER else repr(value)
    return str(value.text if isinstance(value, Formula) else value)


def literal(value: Any, zone: ZoneInfo | None) -> str:
    """The value as a formula spells it: text is quoted, so that data never becomes a formula."""
    value = plain(value)
    if value is None:
        return '""'
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, date | time | timedelta) or kind_of(value) is not Kind.TEXT:
        return cell_text(value, zone_for(value, zone)) or '""'
    return '"' + str(value).replace('"', '""') + '"'


def number_of(value: Any) -> float | None:
    """What a total adds up; None for what is no number."""
    number = not isinstance(value, bool) and isinstance(value, int | float)
    return float(value) if number or (kind_of(value) is Kind.DECIMAL) else None


Context = Mapping[str, Any]

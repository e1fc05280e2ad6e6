"""The columns of a comparison, and the texts of their values, those before too. Knows no file format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from reports.blocks import Formula
from reports.columns import Column
from reports.number_formats.formats import Kind
from reports.tables.column_scan import text_under, value_code
from reports.tables.headers import in_one_line
from reports.tables.objects import in_zone, kind_of
from reports.text import made_writable, spelled_out

BLANK = "blank"
LONGEST = 300  # characters of a text in a note


@dataclass(frozen=True)
class ListedColumn:
    """`lowest` is the last row of its header, `codes` are by kind. One that is gone has its name alone."""

    name: str
    lowest: str
    options: Column = field(default_factory=Column)
    zone: ZoneInfo | None = None
    codes: Mapping[Kind, str] = field(default_factory=dict)

    @property
    def header(self) -> str:
        return made_writable(in_one_line(self.options.levels, self.lowest))

    def code(self, value: object) -> str:
        """Return the format code of one value: the author's, the column's own where it fits, else by the value."""
        kind = kind_of(value)
        known = self.codes.get(kind) if kind else None
        return value_code(value, self.options.given_code, self.name, known=known)

    def text(self, value: object) -> str:
        """Return the value as its cell shows it, or showed it; a formula as it was written."""
        if isinstance(value, Formula):
            return formula_text(value)
        local = in_zone(value, self.zone) if isinstance(value, datetime) else value
        return text_under(local, self.code(value), self.options)

    def was(self, value: object) -> str:
        """Return what a changed cell says of the value that stood there before."""
        text = self.text(value).strip()
        return f"was {text[:LONGEST]}..." if len(text) > LONGEST else f"was {text or BLANK}"


def formula_text(formula: Formula) -> str:
    """Return a formula with the value that was stored beside it, which is all that may have changed."""
    value = "" if formula.value is None else f" ({formula.value})"
    return spelled_out(f"={formula.text}{value}")

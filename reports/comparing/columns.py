"""How the values of a compared column are shown, those before too. Knows no file format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from reports.columns import Column
from reports.number_formats.currencies import currency_code
from reports.number_formats.formats import GENERAL, NAMED, NUMBERS, Facts, Kind, format_code, inferred_format
from reports.tables.headers import in_one_line
from reports.tables.objects import kind_of
from reports.text import made_writable


@dataclass(frozen=True)
class ListedColumn:
    """`lowest` is the last row of its header, `formats` are by kind. One that is gone has its name alone."""

    name: str
    lowest: str
    looks: Column = field(default_factory=Column)
    zone: ZoneInfo | None = None
    formats: Mapping[Kind, str] = field(default_factory=dict)

    @property
    def header(self) -> str:
        return made_writable(in_one_line(self.looks.levels, self.lowest))

    def code(self, value: object) -> str:
        kind = kind_of(value)
        return code_for(value, self.looks, self.name, self.formats.get(kind) if kind else None)


def code_for(value: object, looks: Column, name: str, known: str | None) -> str:
    """The format of one value of a column: the author's, the column's own where it fits, else by the value."""
    if looks.currency is not None or looks.format is not None:
        return currency_code(looks.currency) if looks.currency else format_code(looks.format or GENERAL)
    kind = kind_of(value)
    if kind is None:
        return GENERAL
    cut = known == NAMED["integer"] and isinstance(value, float | Decimal) and value % 1 != 0
    return known if known is not None and not cut else inferred_format(kind, _facts(kind, value), name)


def _facts(kind: Kind, value: object) -> Facts:
    if kind not in NUMBERS:
        return Facts(
            filled=1, seconds=isinstance(value, datetime) and bool(value.second or value.microsecond)
        )
    number = float(str(value))
    decimals = (
        max(0, -int(value.as_tuple().exponent)) if isinstance(value, Decimal) and value.is_finite() else 0
    )
    return Facts(1, number, number, whole=number.is_integer(), decimals=decimals, sample=[repr(number)])

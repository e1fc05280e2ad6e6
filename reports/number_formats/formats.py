"""Formats of values by their kind, and how one is chosen. Knows neither frames nor files."""

import re
from dataclasses import dataclass, field
from enum import Enum

from reports.errors import BadColumn, did_you_mean
from reports.number_formats.currencies import currency_code, currency_of

MAX_FORMAT = 255  # characters (Microsoft, "Excel specifications and limits")
MAX_DECIMALS = 6  # shown of an exact decimal; more is noise on a page
SMALL = 0.1  # a column whose largest value is below would show as zeros with two decimals
SECONDS_PER_DAY = 86_400
GENERAL = "General"
TRUE_OR_FALSE = '"TRUE";"TRUE";"FALSE"'  # Excel shows booleans so by itself, LibreOffice as 1 and 0


class Kind(Enum):
    """The kind of value in a cell: it decides the type in the file, the format and the alignment."""

    TEXT = "text"
    INTEGER = "integer"
    FLOAT = "float"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    DURATION = "duration"
    BOOLEAN = "boolean"
    FORMULA = "formula"


NUMBERS = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.DECIMAL})
LEFT_ALIGNED = frozenset({None, Kind.TEXT, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME})  # read as labels
NAMED = {
    "integer": "#,##0",
    "plain": "0",
    "decimal": "#,##0.00",
    "percent": "0.0%",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
    "time": "hh:mm:ss",
    "duration": "[h]:mm:ss",
    "text": "@",
    "general": GENERAL,
}
FIXED = {
    Kind.TEXT: GENERAL,
    Kind.BOOLEAN: TRUE_OR_FALSE,
    Kind.INTEGER: NAMED["integer"],
    Kind.DATE: NAMED["date"],
    Kind.TIME: NAMED["time"],
    Kind.DURATION: NAMED["duration"],
    Kind.FORMULA: GENERAL,
}
SHARES = frozenset({"share", "percent", "pct", "percentage"})
WORDS = re.compile(r"[A-Za-z]+")


@dataclass
class Facts:
    """The facts that a column's values have in common, gathered slice by slice.

    `low` and `high` are the extremes of numbers, of durations in days. `sample` holds numbers as they stand
    in the file, where they are small. `longest` is in bytes, `widest` in characters shown. Some text has
    signs that XML writes otherwise (`special`), looks like an escape of Excel's (`lookalike`), or begins or
    ends with a blank (`edges`).
    """

    filled: int = 0
    low: float | None = None
    high: float | None = None
    whole: bool = True
    decimals: int = 0
    seconds: bool = False
    sample: list[str] = field(default_factory=list)
    longest: int = 0
    widest: int = 0
    special: bool = False
    lookalike: bool = False
    edges: bool = False
    links: bool = True

    @property
    def largest(self) -> float:
        """The largest number without its sign; 0 where there is none."""
        return max(abs(self.low or 0), abs(self.high or 0))


def format_code(wanted: str) -> str:
    """The Excel format code of a name, or the code itself. Raises BadColumn for what looks like neither."""
    if code := NAMED.get(wanted.lower()):
        return code
    if not wanted or len(wanted) > MAX_FORMAT or not wanted.isprintable():
        raise BadColumn("format", wanted, f"a format code is 1 to {MAX_FORMAT} printable characters")
    bare = re.sub(r'"[^"]*"|\\.', "", wanted)  # literals may hold anything
    if '"' in bare or bare.count("[") != bare.count("]"):
        raise BadColumn("format", wanted, "a quote or a bracket is not closed")
    letters = set(bare.lower())
    if bare.isalpha() and bare.lower() not in NAMED and not letters <= set("ymdhsegb"):
        names = ", ".join(sorted(NAMED))
        raise BadColumn(
            "format", wanted, f"no such format{did_you_mean(wanted, list(NAMED))} Names: {names}."
        )
    return wanted


def given_code(format_: str | None, currency: str | None, *, as_text: bool = False) -> str | None:
    """Return the format code that an author's options ask for; None leaves it to the values.

    Raises BadColumn for a format or a currency that is none.
    """
    if as_text:
        return NAMED["text"]
    if currency is not None:
        return currency_code(currency)
    return None if format_ is None else format_code(format_)


def chosen_code(given: str | None, kind: Kind, facts: Facts, name: str = "") -> str:
    """Return the format code of values of a kind: the author's, else what follows from them and their name."""
    return inferred_format(kind, facts, name) if given is None else given


def inferred_format(kind: Kind, facts: Facts, name: str = "") -> str:
    """Return the format for a column of this kind, with these values, of this name."""
    if kind in NUMBERS and (named := _named_format(kind, facts, name)):
        return named
    if kind in FIXED:
        return FIXED[kind]
    if kind is Kind.DATETIME:
        return "yyyy-mm-dd hh:mm:ss" if facts.seconds else NAMED["datetime"]
    if kind is Kind.DECIMAL:
        return "#,##0" + ("." + "0" * min(facts.decimals, MAX_DECIMALS) if facts.decimals else "")
    if facts.filled and facts.whole:
        return NAMED["integer"]  # whole numbers that became floats because some are missing
    return GENERAL if facts.filled and facts.largest < SMALL else NAMED["decimal"]


def _named_format(kind: Kind, facts: Facts, name: str) -> str | None:
    """`revenue_usd` is an amount in dollars; `share_on_time` is a share where no value is beyond 1."""
    words = WORDS.findall(name)
    if currency := currency_of(words):
        return currency_code(currency)
    is_share = kind is not Kind.INTEGER and not SHARES.isdisjoint(word.lower() for word in words)
    return NAMED["percent"] if is_share and facts.filled and facts.largest <= 1 else None

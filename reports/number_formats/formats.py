"""How values of each kind are shown. Knows neither frames nor files."""

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
    """What a cell holds. A kind decides its type in the file, its format and its alignment."""

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
    """What a column's values have in common, gathered slice by slice.

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
    if bare.isalpha() and not set(bare.lower()) <= set("ymdhsegb"):
        names = ", ".join(sorted(NAMED))
        raise BadColumn(
            "format", wanted, f"no such format{did_you_mean(wanted, list(NAMED))} Names: {names}."
        )
    return wanted


def inferred_format(kind: Kind, facts: Facts, name: str = "") -> str:
    """The format for a column of this kind, with these values, of this name."""
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


def shown_number(text: str, code: str) -> str:
    """Roughly what Excel shows for a number under a format code: enough to measure its width."""
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code.lower())
    if set(bare) & set("ymdhs"):
        return code.replace("[", "").replace("]", "0")  # elapsed hours can have a digit more
    if code in {GENERAL, "@"}:
        return f"{float(text):.10g}" if code == GENERAL else text
    code = re.sub(r"\[\$([A-Z]{3})\]", r'"\1"', code)  # a currency is shown by its code
    number = float(text) * (100 if "%" in code else 1)
    section = re.sub(r"\[[^\]]*\]", "", code.partition(";")[0])
    pattern = re.search(r"[#0?][#0?,]*(?:\.([#0?]+))?", section)
    decimals = len(pattern.group(1) or "") if pattern else 0
    around = section[: pattern.start()] + section[pattern.end() :] if pattern else section
    grouped = "," if pattern and "," in pattern.group() else ""
    literal = re.sub(r'["_*\\]', "", around)
    return f"{number:{grouped}.{decimals}f}{literal}"

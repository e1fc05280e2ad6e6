"""How values of each kind are shown. Knows neither frames nor files."""

import re
from collections.abc import Sequence
from enum import Enum

from reports.errors import BadColumn, did_you_mean

MAX_FORMAT = 255  # characters (Microsoft, "Excel specifications and limits")
MAX_DECIMALS = 6  # shown of an exact decimal; more is noise on a page
SMALL = 0.1  # a column whose largest value is below would show as zeros with two decimals
SECONDS_PER_DAY = 86_400
GENERAL = "General"


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


NUMBERS = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.DECIMAL})
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
    Kind.BOOLEAN: GENERAL,
    Kind.INTEGER: NAMED["integer"],
    Kind.DATE: NAMED["date"],
    Kind.TIME: NAMED["time"],
    Kind.DURATION: NAMED["duration"],
}


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


def inferred_format(kind: Kind, texts: Sequence[str]) -> str:
    """The format for a column of this kind; `texts` are its numbers as they stand in the file."""
    if kind in FIXED:
        return FIXED[kind]
    if kind is Kind.DATETIME:
        whole_minutes = all(round(float(text) * SECONDS_PER_DAY, 3) % 60 == 0 for text in texts)
        return NAMED["datetime"] if whole_minutes else "yyyy-mm-dd hh:mm:ss"
    if kind is Kind.DECIMAL:
        decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
        return "#,##0" + ("." + "0" * min(decimals, MAX_DECIMALS) if decimals else "")
    return _float_format(texts)


def shown_number(text: str, code: str) -> str:
    """Roughly what Excel shows for a number under a format code: enough to measure its width."""
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code.lower())
    if set(bare) & set("ymdhs"):
        return code.replace("[", "").replace("]", "0")  # elapsed hours can have a digit more
    if code in {GENERAL, "@"}:
        return f"{float(text):.10g}" if code == GENERAL else text
    number = float(text) * (100 if "%" in code else 1)
    section = re.sub(r"\[[^\]]*\]", "", code.partition(";")[0])
    pattern = re.search(r"[#0?][#0?,]*(?:\.([#0?]+))?", section)
    decimals = len(pattern.group(1) or "") if pattern else 0
    around = section[: pattern.start()] + section[pattern.end() :] if pattern else section
    grouped = "," if pattern and "," in pattern.group() else ""
    literal = re.sub(r'["_*\\]', "", around)
    return f"{number:{grouped}.{decimals}f}{literal}"


def _float_format(texts: Sequence[str]) -> str:
    if texts and all("." not in text or text.endswith(".0") for text in texts) and not _has_exponent(texts):
        return NAMED["integer"]  # whole numbers that became floats because some are missing
    if texts and max(abs(float(text)) for text in texts) < SMALL:
        return GENERAL
    return NAMED["decimal"]


def _has_exponent(texts: Sequence[str]) -> bool:
    return any("e" in text for text in texts)

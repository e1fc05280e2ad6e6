"""Numbers as text under a section of a format code: rounding half up, as spreadsheets do, not half to even."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache

from reports.number_formats.codes import Section, Token

PATTERN = re.compile(
    r"(?P<whole>[0#?,]*)(?P<point>\.)?(?P<decimals>[0#?]*)(?:(?P<exponent>E[+-])(?P<power>[0#?]+))?",
    re.IGNORECASE,
)
NUMERIC = frozenset({"digit", "point", "comma", "exponent"})
GENERAL_DIGITS = 10  # of a fraction, as in a column of usual width
LONG = 10**11  # from here on a spreadsheet's General counts in powers of ten
DIGITS = 400  # more than any double has before or after its point
INFINITY = "\N{INFINITY}"


class Unshowable(Exception):
    """The code means something that is not known here, such as fractions."""


@dataclass(frozen=True)
class Pattern:
    """How a section writes digits, and the texts around them."""

    before: str
    after: str
    least_whole: int
    least_decimals: int
    most_decimals: int
    grouped: bool
    shift: int  # powers of ten that are shown as less: 2 fewer for each percent, 3 more for each last comma
    exponent: str | None  # `+` or `-`: whether the sign of a positive one is shown
    least_power: int


def shown_number(number: Decimal, section: Section) -> str:
    """Without a sign: which one is shown depends on the sections. Raises Unshowable."""
    pattern = _pattern(section)
    if pattern is None:  # nothing but text, as in `"none"`
        return "".join(token.text for token in section.tokens if token.part == "literal")
    with localcontext(prec=DIGITS):
        scaled = abs(number).scaleb(-pattern.shift)
        digits = _scientific(scaled, pattern) if pattern.exponent else _fixed(scaled, pattern)
    return f"{pattern.before}{digits}{pattern.after}"


def general(number: Decimal | float) -> str:
    """As a cell without a format shows it."""
    whole = int(number)
    if number == whole and abs(whole) < LONG:
        return str(whole)
    text = f"{number:.{GENERAL_DIGITS}g}" if abs(whole) < LONG else f"{number:.5E}"
    mantissa, sign, power = text.upper().partition("E")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}E{power[0]}{int(power[1:]):02}" if sign else mantissa


def rounds_to_nothing(shown: str) -> bool:
    """Whether no digit but zero is left, so that a minus before it would be odd."""
    return not re.search(r"[1-9]", shown)


@lru_cache(maxsize=512)
def _pattern(section: Section) -> Pattern | None:
    places = [place for place, token in enumerate(section.tokens) if token.part in {"digit", "point"}]
    if not places:
        return None
    first, last = places[0], places[-1]
    while last + 1 < len(section.tokens) and section.tokens[last + 1].part == "comma":
        last += 1
    core = section.tokens[first : last + 1]
    around = (*section.tokens[:first], *section.tokens[last + 1 :])
    text = "".join(token.text for token in core)
    bare = text.rstrip(",")
    found = PATTERN.fullmatch(bare)
    if found is None or any(token.part not in NUMERIC for token in core):
        raise Unshowable
    if found["exponent"] and len(found["whole"]) > 1:  # powers in steps, as engineers write them
        raise Unshowable
    whole, thousands = found["whole"], len(text) - len(bare)
    percents = sum(token.part == "percent" for token in around)
    return Pattern(
        _around(section.tokens[:first]),
        _around(section.tokens[last + 1 :]),
        whole.count("0"),
        found["decimals"].count("0"),
        len(found["decimals"]),
        "," in whole,
        3 * thousands - 2 * percents,
        found["exponent"][1] if found["exponent"] else None,
        (found["power"] or "").count("0"),
    )


def _around(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens)


def _fixed(number: Decimal, pattern: Pattern) -> str:
    rounded = number.quantize(Decimal(1).scaleb(-pattern.most_decimals), ROUND_HALF_UP)
    whole, _, decimals = format(rounded, "f").partition(".")
    whole = whole.lstrip("0").rjust(pattern.least_whole, "0")
    if pattern.grouped:
        whole = _grouped(whole)
    kept = decimals.rstrip("0").ljust(pattern.least_decimals, "0")
    return f"{whole}.{kept}" if kept else whole


def _scientific(number: Decimal, pattern: Pattern) -> str:
    power = number.adjusted() if number else 0
    mantissa = _fixed(number.scaleb(-power), pattern)
    if mantissa.startswith("10"):  # 9.99 rounded up
        power += 1
        mantissa = _fixed(number.scaleb(-power), pattern)
    sign = "-" if power < 0 else "+" if pattern.exponent == "+" else ""
    return f"{mantissa}E{sign}{abs(power):0{pattern.least_power}}"


def _grouped(whole: str) -> str:
    head = len(whole) % 3
    groups = [whole[:head]] if head else []
    return ",".join([*groups, *(whole[place : place + 3] for place in range(head, len(whole), 3))])

"""Excel format codes taken apart: sections, and the tokens in them. Formats nothing."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

Part = Literal[
    "literal", "date", "elapsed", "noon", "exponent", "digit", "point", "comma", "percent", "text", "general"
]
TOKEN = re.compile(
    r"""(?P<general>General)|"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<room>.)|\*(?P<fill>.)
    |\[(?P<bracket>[^\]]*)\]|(?P<noon>AM/PM|A/P)|(?P<exponent>E[+-])
    |(?P<date>y+|m+|d+|h+|s+(?:\.0+)?)|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<text>@)
    |(?P<other>.)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
SECTION = re.compile(r'(?:[^;"\\\[]|"[^"]*"|\\.|\[[^\]]*\])*', re.DOTALL)
ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+)")
CURRENCY = re.compile(r"\$([^-]*)(?:-[0-9A-Fa-f]+)?")
MINUTES = frozenset({"m", "mm"})  # which are months, unless hours or seconds stand beside them
MOMENTS = frozenset({"date", "elapsed", "noon"})


@dataclass(frozen=True)
class Token:
    part: Part
    text: str


@dataclass(frozen=True)
class Section:
    """Between two semicolons. `condition` is an operator and a number, where the code has one."""

    tokens: tuple[Token, ...]
    condition: tuple[str, float] | None = None

    @property
    def is_moment(self) -> bool:
        return any(token.part in MOMENTS for token in self.tokens)

    @property
    def is_general(self) -> bool:
        return any(token.part == "general" for token in self.tokens)


@lru_cache(maxsize=512)
def sections_of(code: str) -> tuple[Section, ...]:
    """At least one, and at most four: for positive numbers, negative ones, zero, and text."""
    texts, place = [], 0
    while place <= len(code):
        found = SECTION.match(code, place)
        end = found.end() if found else len(code)
        texts.append(code[place:end])
        place = end + 1
    return tuple(_section(text) for text in texts[:4])


def _section(text: str) -> Section:
    tokens: list[Token] = []
    condition = None
    for found in TOKEN.finditer(text):
        name = found.lastgroup or "other"
        given = found[name]
        if name == "bracket":
            if wanted := CONDITION.fullmatch(given):
                condition = (wanted[1], float(wanted[2]))
            elif ELAPSED.fullmatch(given):
                tokens.append(Token("elapsed", given.lower()))
            elif currency := CURRENCY.fullmatch(given):
                tokens.append(Token("literal", currency[1]))
        elif name in {"quoted", "escaped", "other"}:
            tokens.append(Token("literal", given))
        elif name not in {"room", "fill"}:
            tokens.append(Token(name, given.lower() if name == "date" else given))  # type: ignore[arg-type] # a Part
    return Section(_with_minutes(tokens), condition)


def _with_minutes(tokens: list[Token]) -> tuple[Token, ...]:
    """`m` beside hours or seconds is a minute, which is called `n` from here on."""
    moments = [place for place, token in enumerate(tokens) if token.part in {"date", "elapsed"}]
    minutes = set()
    for before, after in pairwise(moments):
        if tokens[after].text in MINUTES and tokens[before].text[0] == "h":
            minutes.add(after)
        if tokens[before].text in MINUTES and tokens[after].text[0] == "s":
            minutes.add(before)
    return tuple(
        Token(token.part, "n" * len(token.text)) if place in minutes and token.part == "date" else token
        for place, token in enumerate(tokens)
    )

"""Excel format codes taken apart: sections, and the tokens in them. Formats nothing."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Part = Literal[
    "literal",
    "date",
    "elapsed",
    "noon",
    "exponent",
    "fraction",
    "digit",
    "point",
    "comma",
    "percent",
    "text",
    "general",
]
TOKEN = re.compile(
    r"""(?P<general>General)|"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<room>.)|\*(?P<fill>.)
    |(?P<elapsed>\[(?:h+|m+)\]|\[s+\](?:\.0+)?)|\[(?P<bracket>[^\]]*)\]
    |(?P<noon>AM/PM|A/P)|(?P<exponent>E[+-])|(?P<date>y+|m+|d+|h+|s+(?:\.0+)?)
    |(?P<fraction>[0#?]+\ ?/\ ?(?:[1-9][0-9]*|[0#?]+))
    |(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<text>@)
    |(?P<other>.)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
SECTION = re.compile(r'(?:[^;"\\\[]|"[^"]*"|\\.|\[[^\]]*\])*', re.DOTALL)
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+)")
CURRENCY = re.compile(r"\$([^-]*)(?:-[0-9A-Fa-f]+)?")
MINUTES = frozenset({"m", "mm"})  # which are months, unless hours or seconds stand beside them
MOMENTS = frozenset({"date", "elapsed", "noon"})
MOST_SECTIONS = 4  # for positive numbers, negative ones, zero, and text


@dataclass(frozen=True)
class Token:
    part: Part
    text: str


@dataclass(frozen=True)
class Section:
    """The part of a code between two semicolons. `condition` is an operator and a number, where it has one."""

    tokens: tuple[Token, ...]
    condition: tuple[str, float] | None = None

    @property
    def is_moment(self) -> bool:
        return any(token.part in MOMENTS for token in self.tokens)

    def has(self, part: Part) -> bool:
        return any(token.part == part for token in self.tokens)


def sections_of(code: str) -> tuple[Section, ...]:
    """Return the sections of a code, which are at least one and at most four."""
    texts, start = [], 0
    while start <= len(code):
        matched = SECTION.match(code, start)
        end = matched.end() if matched else len(code)
        texts.append(code[start:end])
        start = end + 1
    return tuple(_section(text) for text in texts[:MOST_SECTIONS])


def _section(text: str) -> Section:
    tokens: list[Token] = []
    condition = None
    for matched in TOKEN.finditer(text):
        name = matched.lastgroup or "other"
        given = matched[name]
        if name == "bracket":
            if compared := CONDITION.fullmatch(given):
                condition = (compared[1], float(compared[2]))
            elif currency := CURRENCY.fullmatch(given):
                tokens.append(Token("literal", currency[1]))
        elif name in {"quoted", "escaped", "other"}:
            tokens.append(Token("literal", given))
        elif name == "room":
            tokens.append(Token("literal", " "))  # as wide as the sign that follows `_`
        elif name != "fill":  # which takes what is left of a cell's width, and a text has none
            tokens.append(Token(name, _spelled(name, given)))  # type: ignore[arg-type] # a Part
    return Section(_with_minutes(tokens), condition)


def _spelled(name: str, given: str) -> str:
    if name == "elapsed":
        return given.lower().replace("[", "").replace("]", "")
    return given.lower() if name == "date" else given


def _with_minutes(tokens: list[Token]) -> tuple[Token, ...]:
    """`m` beside hours or seconds is a minute, which is called `n` from here on."""
    moments = [number for number, token in enumerate(tokens) if token.part in {"date", "elapsed"}]
    minutes = set()
    for before, after in pairwise(moments):
        if tokens[after].text in MINUTES and tokens[before].text[0] == "h":
            minutes.add(after)
        if tokens[before].text in MINUTES and tokens[after].text[0] == "s":
            minutes.add(before)
    return tuple(
        Token(token.part, "n" * len(token.text)) if number in minutes and token.part == "date" else token
        for number, token in enumerate(tokens)
    )

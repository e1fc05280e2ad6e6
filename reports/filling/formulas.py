"""Makes formulas follow the rows that they refer to. Knows no XML."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError

from reports.filling.boxes import Corner, corners
from reports.filling.scopes import Mover, Scope

# A single cell of a record that stands alone in one of these means the column of all records.
AGGREGATES = frozenset(
    [
        "SUM(",
        "AVERAGE(",
        "COUNT(",
        "COUNTA(",
        "COUNTBLANK(",
        "MIN(",
        "MAX(",
        "PRODUCT(",
        "MEDIAN(",
        "STDEV(",
        "VAR(",
        "SUBTOTAL(",
        "AGGREGATE(",
    ]
)
NAME = re.compile(r"[^\W\d][\w.\\]*")
LOST = "#REF!"
LONGEST_LITERAL = 255  # characters between quotes in a formula (Microsoft, "Excel specifications and limits")


class Unmovable(Exception):
    """A formula whose references cannot follow; the text says why."""


@dataclass(frozen=True)
class Here:
    """Where a formula stands: its sheet, and the records around it. `grows` where one cell means a range."""

    sheet: str
    chain: tuple[Scope, ...] = ()
    grows: bool = False


class Formulas:
    """`movers` by the sheets' names in lower case; `order` has the names of all sheets."""

    def __init__(self, movers: Mapping[str, Mover], order: list[str]) -> None:
        self.movers = {name: mover for name, mover in movers.items() if mover.moves}
        self._order = [name.casefold() for name in order]

    def moved(self, formula: str, here: Here) -> str:
        """The formula, without `=`, with each reference where it went."""
        if not self.movers:
            return formula
        return rewritten(formula, lambda text, alone: self._reference(text, here, alone or here.grows))

    def _reference(self, text: str, here: Here, grows: bool) -> str:
        prefix, bang, cells = _split(text)
        head = ":" if cells.startswith(":") else ""
        ends = corners(cells.removeprefix(":"))
        if ends is None or prefix.startswith("["):
            return text
        sheet = unquoted(prefix) if bang else here.sheet
        if "!" in sheet or (":" in sheet and sheet.casefold() not in self.movers):
            self._check_span(text, sheet)
            return text
        mover = self.movers.get(sheet.casefold())
        if mover is None:
            return text
        chain = here.chain if sheet.casefold() == here.sheet.casefold() else ()
        return f"{prefix}{bang}{head}{moved_range(mover, ends, chain, grows)}"

    def _check_span(self, text: str, sheets: str) -> None:
        first, _, last = sheets.partition(":")
        ends = [
            self._order.index(name.casefold()) for name in (first, last) if name.casefold() in self._order
        ]
        touched = self._order[min(ends) : max(ends) + 1] if len(ends) == 2 else list(self.movers)
        if any(name in self.movers for name in touched):
            raise Unmovable(
                f"{text} spans several sheets, of which one gets other rows; refer to each by itself"
            )


def rewritten(formula: str, change: Callable[[str, bool], str]) -> str:
    """The formula with each reference changed, which is told whether it stands alone in an aggregate."""
    tokens = tokens_of(formula)
    functions: list[str] = []
    parts: list[str] = []
    for place, token in enumerate(tokens):
        value = token.value
        if token.type == Token.FUNC and token.subtype == Token.OPEN:
            functions.append(value.upper().removeprefix("_XLFN."))
            if ":" in value:
                head, _, name = value.rpartition(":")
                value = f"{change(head, False)}:{name}"
        elif token.type == Token.FUNC:
            functions.pop()
        elif token.type == Token.OPERAND and token.subtype == Token.RANGE:
            alone = bool(functions) and functions[-1] in AGGREGATES and _is_alone(tokens, place)
            value = change(value, alone)
        parts.append(value)
    return "".join(parts)


def slid(formula: str, rows: int) -> str:
    """As a program reads the formula of a rule in a cell so many rows below its first."""
    return rewritten(formula, lambda text, _: _slid_reference(text, rows)) if rows else formula


def reads_other_rows(formula: str, row: int) -> bool:
    """Whether it slides with its cell and refers to another row than the cell's own, or to another sheet."""
    found = []

    def look(text: str, _: bool) -> str:
        ends = corners(_split(text)[2].removeprefix(":")) or ()
        slides = [end.row for end in ends if end.row is not None and not end.row_fixed]
        found.append(bool(slides) and ("!" in text or set(slides) != {row}))
        return text

    rewritten(formula, look)
    return any(found)


def _slid_reference(text: str, rows: int) -> str:
    prefix, bang, cells = _split(text)
    head = ":" if cells.startswith(":") else ""
    ends = corners(cells.removeprefix(":"))
    if ends is None:
        return text
    if any(not end.row_fixed and end.row is not None and end.row + rows < 1 for end in ends):
        return LOST
    at = [end if end.row is None or end.row_fixed else end.at(end.row + rows) for end in ends]
    return f"{prefix}{bang}{head}{':'.join(map(str, at))}"


def moved_range(mover: Mover, ends: tuple[Corner, ...], chain: tuple[Scope, ...], grows: bool) -> str:
    one, two = ends[0], ends[-1]
    if one.row is None or two.row is None:
        return ":".join(map(str, ends))
    first = mover.first(one.row, () if one.row_fixed else chain)
    if len(ends) == 1 and not grows:
        return LOST if mover.root.gone(one.row) else str(one.at(first))
    last = mover.last(two.row, () if two.row_fixed else chain, one.column, two.column)
    if first > last:
        return LOST
    if len(ends) == 1 and first == last:
        return str(one.at(first))
    return f"{one.at(first)}:{two.at(last)}"


@lru_cache(maxsize=4096)
def tokens_of(formula: str) -> tuple[Token, ...]:
    try:
        return tuple(Tokenizer(f"={formula}").items)
    except (TokenizerError, IndexError, ValueError) as error:
        raise Unmovable(f"the formula ={formula[:80]} cannot be read: {error}") from error


def names_in(formula: str) -> set[str]:
    """Names and tables that a formula refers to."""
    operands = [
        one.value for one in tokens_of(formula) if one.type == Token.OPERAND and one.subtype == Token.RANGE
    ]
    return {
        found.group()
        for value in operands
        if corners(_split(value)[2]) is None and (found := NAME.match(value))
    }


def long_literal(formula: str) -> bool:
    return any(
        one.subtype == Token.TEXT and len(one.value) - 2 > LONGEST_LITERAL
        for one in tokens_of(formula)
        if one.type == Token.OPERAND
    )


def unquoted(sheet: str) -> str:
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet


def _split(text: str) -> tuple[str, str, str]:
    """Sheet, `!` and cells."""
    prefix, bang, cells = text.rpartition("!")
    return prefix, bang, cells


def _is_alone(tokens: tuple[Token, ...], place: int) -> bool:
    """Whether nothing but a comma or a bracket stands on either side."""
    before, after = tokens[place - 1], tokens[place + 1] if place + 1 < len(tokens) else None
    opened = before.type == Token.SEP or (before.type == Token.FUNC and before.subtype == Token.OPEN)
    closed = (
        after is None
        or after.type == Token.SEP
        or (after.type == Token.FUNC and after.subtype == Token.CLOSE)
    )
    return opened and closed

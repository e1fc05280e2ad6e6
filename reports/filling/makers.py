"""What each cell of the template becomes: kept, filled, or a formula. Knows no rows of the filled sheet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.filling.cells import SourceCell
from reports.filling.expressions import PLACEHOLDER
from reports.filling.tags import FUNCTIONS, TAG, tags_of

FORMULA_MARK = "&="  # a text of the template that begins so becomes a formula
Piece = tuple[str, bool]  # text, or an expression if True


@dataclass(frozen=True, eq=False)
class Maker:
    """`pieces` is the text to fill, `whole` the expression that is all there is in the cell."""

    cell: SourceCell
    pieces: tuple[Piece, ...] = ()
    whole: str | None = None
    formula: bool = False  # the pieces are a formula's
    function: str | None = None  # of a total
    tagged: bool = False

    @property
    def rich(self) -> bool:
        return bool(self.cell.runs) and len(self.cell.runs) > 1


def maker_of(cell: SourceCell) -> Maker:
    """What the cell's own text asks for."""
    if cell.kept:
        return Maker(cell)
    if cell.formula is not None:
        return Maker(cell, pieces_of(cell.formula.text), formula=True)
    text = cell.text
    if text is None:
        return Maker(cell)
    if text.startswith(FORMULA_MARK):
        return Maker(cell, pieces_of(text.removeprefix(FORMULA_MARK)), formula=True)
    if "{{" not in text:
        return Maker(cell)
    pieces = pieces_of(text.strip() if is_whole(text) else text)
    return Maker(cell, pieces, whole=pieces[0][0] if is_whole(text) else None)


def options_maker(cell: SourceCell) -> Maker:
    """The same, for a cell of an options row."""
    text = cell.text or ""
    if TAG.search(text) is None:
        return maker_of(cell)
    names = [tag.name for tag in tags_of(text) if tag.name in FUNCTIONS]
    return Maker(cell, function=names[0] if names else None, tagged=True)


def is_whole(text: str) -> bool:
    """Whether nothing but one placeholder is in it."""
    found = PLACEHOLDER.fullmatch(text.strip())
    return found is not None and "}}" not in found[1]


def pieces_of(text: str) -> tuple[Piece, ...]:
    parts = PLACEHOLDER.split(text)
    return tuple((part, bool(place % 2)) for place, part in enumerate(parts) if part or place % 2)


def is_filled(cell: SourceCell) -> bool:
    """Whether filling changes the cell."""
    if cell.kept:
        return False
    text = cell.formula.text if cell.formula is not None else cell.text or ""
    return "{{" in text or (cell.formula is None and text.startswith(FORMULA_MARK))


def formula_text(pieces: Sequence[Piece], said: Callable[[str], str], literal: Callable[[str], str]) -> str:
    """The formula with each value in it: quotes are doubled within a quoted text, else a value is quoted."""
    made, quoted = "", False
    for part, is_expression in pieces:
        if not is_expression:
            made += part
            quoted ^= part.count('"') % 2 == 1
        elif quoted:
            made += said(part).replace('"', '""')
        else:
            made += literal(part)
    return made


def filled_runs(texts: Sequence[str], value: Callable[[str], str]) -> list[str]:
    """Texts of formatted pieces, filled; a placeholder that spans several ends up in its first."""
    whole, made = "".join(texts), [""] * len(texts)
    starts = [sum(map(len, texts[:place])) for place in range(len(texts))]
    at = 0
    for found in [*PLACEHOLDER.finditer(whole), None]:
        end = found.start() if found else len(whole)
        for place, start in enumerate(starts):
            low, high = max(start, at), min(start + len(texts[place]), end)
            made[place] += whole[low:high] if low < high else ""
        if found:
            first = max(place for place, start in enumerate(starts) if start <= found.start())
            made[first] += value(found[1])
            at = found.end()
    return made

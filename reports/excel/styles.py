"""Cell formats, registered once each in a workbook's style sheet. Which look is whose, `looks` says."""
# ruff: noqa: SLF001 # openpyxl gives a cell's style no public name; this module is the one to know

from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any

from openpyxl import Workbook as Book
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Color, Font, PatternFill

from reports.excel.marks import differential
from reports.number_formats.formats import GENERAL
from reports.palette import HIGHLIGHTS


@dataclass(frozen=True, eq=False)
class Look:
    """Everything about a cell but its number format. Compared by identity: each look exists once."""

    font: Font
    alignment: Alignment
    fill: PatternFill | None = None
    border: Border | None = None


@dataclass(frozen=True, eq=False)
class Style:
    """`number` is what `s=` says in the sheet; `array` is what openpyxl wants in a cell."""

    number: int
    array: Any


class Styles:
    def __init__(self, book: Book) -> None:
        self._scratch = book.worksheets[0]
        self._known: dict[tuple[Look, str], Style] = {}
        self._made_of: dict[int, tuple[Look, str]] = {}  # by the style's number

    def highlight(self, look: str) -> int:
        """The number of what a highlight changes."""
        book: Any = self._scratch.parent
        return int(book._differential_styles.add(differential(look)))

    def of(self, look: Look, code: str = GENERAL) -> Style:
        if (found := self._known.get((look, code))) is None:
            cell: Any = Cell(self._scratch, 1, 1)
            cell.font, cell.alignment = look.font, look.alignment
            if look.fill is not None:
                cell.fill = look.fill
            if look.border is not None:
                cell.border = look.border
            if code != GENERAL:
                cell.number_format = code
            found = self._known[look, code] = Style(cell.style_id, cell._style)
            self._made_of.setdefault(found.number, (look, code))
        return found

    def marked(self, style: Style, meaning: str) -> Style:
        """The same in the colours of a highlight."""
        look, code = self._made_of[style.number]
        return self.of(marked(look, meaning), code)


@cache
def marked(look: Look, meaning: str) -> Look:
    text, ground = HIGHLIGHTS[meaning]
    font = copy(look.font)
    font.color = Color(rgb=f"00{text}")
    return Look(font, look.alignment, PatternFill("solid", fgColor=ground), look.border)

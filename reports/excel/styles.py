"""Cell formats, registered once each in a workbook's style sheet. Which is whose, `cell_styles` says."""
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
class CellStyle:
    """Everything about a cell but its number format. Compared by identity: each exists once."""

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
        self._known: dict[tuple[CellStyle, str], Style] = {}
        self._made_of: dict[int, tuple[CellStyle, str]] = {}  # by the style's number

    def highlight(self, look: str) -> int:
        """The number of what a highlight changes."""
        book: Any = self._scratch.parent
        return int(book._differential_styles.add(differential(look)))

    def of(self, style: CellStyle, code: str = GENERAL) -> Style:
        if (found := self._known.get((style, code))) is None:
            cell: Any = Cell(self._scratch, 1, 1)
            cell.font, cell.alignment = style.font, style.alignment
            if style.fill is not None:
                cell.fill = style.fill
            if style.border is not None:
                cell.border = style.border
            if code != GENERAL:
                cell.number_format = code
            found = self._known[style, code] = Style(cell.style_id, cell._style)
            self._made_of.setdefault(found.number, (style, code))
        return found

    def marked(self, style: Style, meaning: str) -> Style:
        """The same in the colours of a highlight."""
        own, code = self._made_of[style.number]
        return self.of(marked(own, meaning), code)


@cache
def marked(style: CellStyle, meaning: str) -> CellStyle:
    text, ground = HIGHLIGHTS[meaning]
    font = copy(style.font)
    font.color = Color(rgb=f"00{text}")
    return CellStyle(font, style.alignment, PatternFill("solid", fgColor=ground), style.border)

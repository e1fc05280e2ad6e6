"""How large a sheet's page and its tables' type are, so that no column is cut off. Lengths are points."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from reports.excel.page import CENTIMETRES, ENDS, LANDSCAPE_FROM, PAPERS, SIDES
from reports.sheet import Page
from reports.tables.headers import widened
from reports.text import shown_width
from reports.views.book import ShownPart, ShownRows
from reports.views.table import ShownColumn

POINTS = 72.0  # of an inch
SIZE = 9.0  # of a table's type
SMALLEST = 5.5  # that can be read; wider tables get a wider page
EM = 0.5  # of the type's size, of a character on average
SMALL = 0.8  # of the type around it, of what a changed cell was
PADDING = 1.3  # em of a column, left and right together
WIDEST, NARROWEST = 46, 5  # characters of a column; longer text is broken into lines
AIR = 3  # characters that a workbook's column is wider than its content


@dataclass(frozen=True)
class Paper:
    """A page, and the space between its margins."""

    width: float
    height: float

    @property
    def across(self) -> float:
        return self.width - 2 * SIDES * POINTS

    @property
    def down(self) -> float:
        return self.height - 2 * ENDS * POINTS


def characters(columns: Sequence[ShownColumn]) -> list[float]:
    """That columns are wide, with what stands above several of them."""
    return widened(
        [_own_characters(column) for column in columns],
        [column.above for column in columns],
        lambda text: min(shown_width(text) + 1, WIDEST),
    )


def widths(columns: Sequence[ShownColumn], size: float) -> list[float]:
    return [(wide * EM + PADDING) * size for wide in characters(columns)]


def paper_for(page: Page, parts: Iterable[ShownPart]) -> tuple[Paper, bool]:
    """The sheet's page, and whether it is wider than the paper that was asked for."""
    tables = [part.table.columns for part in parts if isinstance(part, ShownRows)]
    most = max((sum(characters(columns)) + AIR * len(columns) for columns in tables), default=0)
    landscape = page.orientation == "landscape" or (page.orientation is None and most > LANDSCAPE_FROM)
    sides = [length / CENTIMETRES * POINTS for length in PAPERS[page.paper][1:]]
    width, height = reversed(sides) if landscape else sides
    needed = max((sum(widths(columns, SMALLEST)) for columns in tables), default=0.0)
    paper = Paper(width, height)
    if needed <= paper.across:
        return paper, False
    return Paper(needed + 2 * SIDES * POINTS, height), True


def size_for(columns: Sequence[ShownColumn], paper: Paper) -> float:
    """Of the type in a table, so that it fits between the margins."""
    return min(SIZE, SIZE * paper.across / sum(widths(columns, SIZE)))


def _own_characters(column: ShownColumn) -> int:
    """Its header in a few lines."""
    words = max((shown_width(word) for word in column.header.split()), default=0)
    header = max(words, min(shown_width(column.header), 14)) + 1  # bold is wider
    return max(
        NARROWEST,
        min(
            max(column.widest, ceil(column.widest_change * SMALL), shown_width(column.total) + 1, header),
            WIDEST,
        ),
    )

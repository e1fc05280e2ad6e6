"""Cells and ranges as Excel spells them. Knows no sheet."""

import re
from dataclasses import dataclass, replace

from reports.errors import MAX_COLUMNS, MAX_ROWS
from reports.excel.letters import column_letter

CELL = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})")
COLUMN = re.compile(r"(\$?)([A-Za-z]{1,3})")
ROW = re.compile(r"(\$?)(\d{1,7})")


@dataclass(frozen=True)
class Corner:
    """A corner of a range; `row` is None in `A:C`, `column` is None in `1:3`."""

    column: int | None
    row: int | None
    column_fixed: bool = False
    row_fixed: bool = False

    def __str__(self) -> str:
        column = "" if self.column is None else f"{'$' * self.column_fixed}{column_letter(self.column)}"
        return column if self.row is None else f"{column}{'$' * self.row_fixed}{self.row}"

    def at(self, row: int | None) -> "Corner":
        return replace(self, row=row)


@dataclass(frozen=True)
class Box:
    """A range of cells, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        first = f"{column_letter(self.left)}{self.top}"
        last = f"{column_letter(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"

    def holds(self, other: "Box") -> bool:
        return (
            self.top <= other.top
            and other.bottom <= self.bottom
            and self.left <= other.left
            and other.right <= self.right
        )

    def shares_rows(self, other: "Box") -> bool:
        return self.top <= other.bottom and other.top <= self.bottom

    def shares_columns(self, other: "Box") -> bool:
        return self.left <= other.right and other.left <= self.right


def column_number(letters: str) -> int:
    number = 0
    for sign in letters.upper():
        number = number * 26 + ord(sign) - ord("A") + 1
    return number


def corner(text: str) -> Corner | None:
    if found := CELL.fullmatch(text):
        made = Corner(column_number(found[2]), int(found[4]), bool(found[1]), bool(found[3]))
        fits = made.column is not None and made.column <= MAX_COLUMNS and 0 < int(found[4]) <= MAX_ROWS
        return made if fits else None  # LOG10 and the like
    return None


def corners(text: str) -> tuple[Corner, ...] | None:
    """One corner or two; None where the text is no range."""
    first, colon, second = text.partition(":")
    if not colon:
        return None if (one := corner(first)) is None else (one,)
    one, two = corner(first), corner(second)
    if one and two:
        return one, two
    for pattern, is_row in ((COLUMN, False), (ROW, True)):
        ends = pattern.fullmatch(first), pattern.fullmatch(second)
        if ends[0] and ends[1]:
            return tuple(_end(found, is_row) for found in ends if found)
    return None


def _end(found: re.Match[str], is_row: bool) -> Corner:
    if is_row:
        return Corner(None, int(found[2]), row_fixed=bool(found[1]))
    return Corner(column_number(found[2]), None, column_fixed=bool(found[1]))


def box(text: str) -> Box | None:
    """The range as a box; whole columns and rows reach to the sheet's ends."""
    ends = corners(text.replace("$", ""))
    if ends is None:
        return None
    one, two = ends[0], ends[-1]
    rows = sorted((one.row or 1, two.row or MAX_ROWS))
    columns = sorted((one.column or 1, two.column or MAX_COLUMNS))
    return Box(rows[0], columns[0], rows[1], columns[1])

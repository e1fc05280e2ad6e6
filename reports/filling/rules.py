"""Conditional formats and choices have one formula for all records: does it say the same of each? Knows no XML."""

from collections.abc import Iterator
from dataclasses import dataclass

from reports.filling.boxes import Box
from reports.filling.formulas import Formulas, Here, Unmovable, reads_other_rows, slid
from reports.filling.scopes import Mover, Scope, chain_at, chain_of

RULE, CHOICE = "conditional format", "choice (data validation)"
LONGEST = 80  # characters of a formula that an error shows


@dataclass(frozen=True)
class Held:
    """A rule and the ranges of the template that it is about."""

    kind: str
    boxes: tuple[Box, ...]

    def __str__(self) -> str:
        return f"{self.kind} of {' '.join(map(str, self.boxes))}" if self.boxes else self.kind

    @property
    def grows(self) -> bool:
        """Where one cell means a range: what is chosen from."""
        return self.kind == CHOICE

    def chain(self, mover: Mover) -> tuple[Scope, ...]:
        return chain_of(mover.root, self.boxes[0]) if self.boxes else ()


def check_records(held: Held, formula: str, moved: str, mover: Mover, formulas: Formulas) -> None:
    """`moved` is the formula of the first cell. Raises Unmovable where it is wrong for a cell of another record."""
    if not held.boxes or not mover.moves:
        return
    origin = held.boxes[0].top
    first = next(mover.places(held.boxes[0]), None)
    if first is None or not reads_other_rows(formula, origin):
        return
    for cell in _cells(held, mover):
        there = slid(formula, cell.top - origin)
        for place in mover.places(cell):
            here = Here(mover.sheet, chain_at(mover.root, cell, place), held.grows)
            if formulas.moved(there, here) != slid(moved, place.top - first.top):
                raise Unmovable(
                    f"its formula ={formula[:LONGEST]} refers to rows that do not lie alike for each record, and "
                    "there is one formula for all; refer to the cell's own row, fix the row ($B$9), or work it "
                    "out in a cell of the record and refer to that"
                )


def _cells(held: Held, mover: Mover) -> Iterator[Box]:
    """The rows of its ranges that lie within a record. What covers more, or a frame, slides over its rows."""
    records = [one.box for one in mover.root.repeats if not one.frame or one.box.top == one.box.bottom]
    for box in held.boxes:
        if any(record.top <= box.top and box.bottom <= record.bottom for record in records):
            yield from (Box(row, box.left, row, box.right) for row in range(box.top, box.bottom + 1))

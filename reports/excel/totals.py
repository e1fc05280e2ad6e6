"""Totals under a table as SUBTOTAL formulas."""

from reports.blocks import TOTALS, Total

FOLDED = 100  # less: the function that counts hidden rows, too


def formula(function: Total, letter: str, first: int, last: int, *, folds: bool = False) -> str:
    """Leaves out rows that a filter or a reader hides; where rows fold away, only the filter's.

    A table without rows still has one, which is blank.
    """
    number = TOTALS[function] - (FOLDED if folds else 0)
    return f"SUBTOTAL({number},{letter}{first}:{letter}{max(first, last)})"

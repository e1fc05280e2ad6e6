"""What subtotals add up, while rows are written, so that viewers that do not calculate show them. Knows no XML."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_WHOLE = 10**15  # what a double, and Excel, keeps of a whole number
AGGREGATE: dict[str, Callable[[list[float]], float]] = {
    "sum": math.fsum,
    "product": math.prod,
    "min": min,
    "max": max,
    "average": lambda numbers: math.fsum(numbers) / len(numbers),
    "avg": lambda numbers: math.fsum(numbers) / len(numbers),
}


@dataclass(eq=False)
class Totalled:
    """The cells of one column, downwards. `known` is False for a formula, whose value nobody knows yet."""

    rows: list[int] = field(default_factory=list)
    numbers: list[float | None] = field(default_factory=list)
    filled: list[bool] = field(default_factory=list)
    known: list[bool] = field(default_factory=list)

    def add(self, row: int, number: float | None, *, filled: bool, known: bool = True) -> None:
        self.rows.append(row)
        self.numbers.append(None if number is None or math.isnan(number) else number)
        self.filled.append(filled)
        self.known.append(known)

    def total(self, function: str, first: int, last: int) -> float | int | None:
        """As Excel would calculate it; None where that is not known, or an error."""
        within = slice(bisect_left(self.rows, first), bisect_right(self.rows, last))
        if not all(self.known[within]):
            return None
        if function == "counta":
            return sum(self.filled[within])
        numbers = [number for number in self.numbers[within] if number is not None]
        if function == "count":
            return len(numbers)
        if not numbers:
            return 0 if function in {"sum", "min", "max", "product"} else None
        made = float(AGGREGATE[function](numbers))
        if not math.isfinite(made):
            return None
        return int(made) if made.is_integer() and abs(made) < MAX_WHOLE else made

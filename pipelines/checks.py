"""The findings of a check about the data. Knows nothing of when checks run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One thing that a check found. `rows` may hold the offending rows as a frame, or their number."""

    outcome: Outcome
    message: str
    rows: object = field(default=None, compare=False, repr=False)

    @property
    def row_count(self) -> int | None:
        """The number of rows concerned, where the check said so."""
        if self.rows is None:
            return None
        if isinstance(self.rows, int):
            return self.rows
        height = getattr(self.rows, "height", None)  # Polars; `len` serves pandas and Arrow
        return height if isinstance(height, int) else len(self.rows)  # type: ignore[arg-type] # any frame has a length


def warn(message: str, rows: object = None) -> Finding:
    """A finding that the report mentions on its About sheet."""
    return Finding("warn", message, rows)


def fail(message: str, rows: object = None) -> Finding:
    """A finding that fails the run: no report that waits for this check is built."""
    return Finding("fail", message, rows)


def findings(result: Finding | Sequence[Finding] | None) -> tuple[Finding, ...]:
    """Return what a check step returned, as findings."""
    if result is None:
        return ()
    return (result,) if isinstance(result, Finding) else tuple(result)

"""What a table is compared with, as a frozen value. Knows neither how rows are found again nor any file format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from reports.errors import BadBlock
from reports.frames import Frame, is_stream
from reports.text import fault_in_text

LISTED = 1_000  # lines of each kind, unless the author says otherwise
MOST_LISTED = 100_000  # they are written cell by cell, and nobody reads more


@dataclass(frozen=True, eq=False)  # frames have no single truth of equality
class Changes:
    """What changed since `before`, a frame with the same columns; None: there is nothing to compare with yet.

    `key` names the column, or columns, that say which row is which. Numbers that differ by at most `tolerance`
    are the same; a mapping gives it by column. All changes are counted, and the first `at_most` of each kind
    listed. `since` says of when `before` is, such as `October 2026`. `mark` False leaves the table itself as it
    looks: right where nearly all is another each time, as in the figures of two months.
    """

    before: Frame | None
    key: str | Sequence[str] = field(kw_only=True)
    tolerance: float | Mapping[str, float] = field(default=0.0, kw_only=True)
    at_most: int = field(default=LISTED, kw_only=True)
    since: str | None = field(default=None, kw_only=True)
    mark: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        if is_stream(self.before):
            raise BadBlock("Changes(before=)", "a stream", "streams cannot be compared; give a whole frame")
        keys = self.keys if _is(self.key, str, Sequence) else ()
        if not keys or len(set(keys)) < len(keys) or not all(isinstance(key, str) for key in keys):
            raise BadBlock("Changes(key=)", self.key, "name one column, or several that differ")
        if isinstance(self.tolerance, Mapping):
            object.__setattr__(self, "tolerance", dict(self.tolerance))
        for allowed in self.tolerances.values():
            if not (_is(allowed, int, float) and isfinite(allowed) and allowed >= 0):
                raise BadBlock("Changes(tolerance=)", allowed, "it is a number, 0 or more")
        if repeated := [key for key in keys if key in self.tolerances]:
            raise BadBlock("Changes(tolerance=)", repeated[0], "a key is the same or another; take it out")
        if not (_is(self.at_most, int) and 0 <= self.at_most <= MOST_LISTED):
            raise BadBlock("Changes(at_most=)", self.at_most, f"it is a number from 0 to {MOST_LISTED:,}")
        if self.since is not None and (fault := fault_in_text(self.since)):
            raise BadBlock("Changes(since=)", self.since[:60], fault)

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,) if isinstance(self.key, str) else tuple(self.key)

    @property
    def tolerances(self) -> Mapping[str | None, float]:
        """By column; under None the one of all numbers."""
        if isinstance(self.tolerance, Mapping):
            return {column: allowed for column, allowed in self.tolerance.items()}  # noqa: C416 # for its type
        return {None: self.tolerance}

    def tolerance_of(self, column: str) -> float:
        known = self.tolerances
        return known.get(column, known.get(None, 0.0))

    @property
    def named_columns(self) -> tuple[str, ...]:
        """Every column that an option names."""
        return (*self.keys, *(column for column in self.tolerances if column is not None))


def _is(value: object, *kinds: type) -> bool:
    """Not every author has a type checker."""
    return isinstance(value, kinds)

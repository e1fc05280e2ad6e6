"""Where the rows of a sheet went: a tree of scopes, one for the sheet and one for each record. Knows no XML."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from reports.errors import MAX_ROWS
from reports.filling.boxes import Box

Span = tuple[int, int]  # first and last row; the first is after the last where nothing is left


@dataclass(eq=False)
class Repeat:
    """A range of the template, and the rows that stand for it. `records` has a scope for each record."""

    box: Box
    start: int
    end: int = 0
    records: list["Scope"] = field(default_factory=list)
    options: int | None = None  # the template's options row, and where it went
    options_at: int | None = None
    frame: bool = False  # filled from a frame: the template's rows are old data

    def span(self, row: int) -> Span:
        if row == self.options:
            return (self.options_at, self.options_at) if self.options_at else (self.end + 1, self.end)
        if self.frame:
            return self._frame_span(row)
        last = self.end if self.options_at is None else self.options_at - 1
        ends = self.records[-1].span(row)
        return self.records[0].span(row)[0], min(ends[1], last)

    def _frame_span(self, row: int) -> Span:
        nth = self.start + row - self.box.top
        first = min(nth, self.end)
        return first, self.end if row == self.box.bottom else first

    def gone(self, row: int) -> bool:
        """Whether nothing stands for this row of the template any more."""
        if row == self.options:
            return self.options_at is None
        return self.frame and self.start + row - self.box.top > self.end


@dataclass(eq=False)
class Scope:
    """Rows `top` to `bottom` of the template, written from row `start` on."""

    top: int
    bottom: int
    start: int
    previous: "Scope | None" = None
    repeats: list[Repeat] = field(default_factory=list)
    _edges: list[int] = field(default_factory=list)
    _shifts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._edges.append(self.top)
        self._shifts.append(self.start - self.top)

    @property
    def shift(self) -> int:
        """Of the rows below the last repeat."""
        return self._shifts[-1]

    def add(self, repeat: Repeat) -> None:
        self.repeats.append(repeat)
        self._edges.append(repeat.box.bottom + 1)
        self._shifts.append(repeat.end - repeat.box.bottom)

    def covers(self, row: int) -> bool:
        return self.top <= row <= self.bottom

    def span(self, row: int) -> Span:
        for repeat in self.repeats:
            if repeat.box.top <= row <= repeat.box.bottom:
                return repeat.span(row)
        moved = row if row >= MAX_ROWS else row + self._shifts[max(bisect_right(self._edges, row) - 1, 0)]
        moved = min(moved, MAX_ROWS)
        return moved, moved

    def gone(self, row: int) -> bool:
        return any(one.box.top <= row <= one.box.bottom and one.gone(row) for one in self.repeats)

    def places(self, box: Box) -> Iterator[Box]:
        """What stands for `box`: once for each record where it lies within a record, else stretched."""
        for repeat in self.repeats:
            if not (repeat.box.top <= box.top and box.bottom <= repeat.box.bottom):
                continue
            if repeat.options is not None and box.bottom >= repeat.options:
                break
            if repeat.frame and repeat.box.top != repeat.box.bottom:
                break
            own = repeat.box.shares_columns(box)
            for record in repeat.records if own else repeat.records[:1]:
                yield from record.places(box)
            return
        first, last = self.span(box.top)[0], self.span(box.bottom)[1]
        if first <= last and not (box.top == box.bottom and self.gone(box.top)):
            yield Box(first, box.left, last, box.right)


@dataclass(frozen=True)
class Resize:
    """A table that grew or shrank within its own columns, beside others; rows of the template."""

    box: Box  # its body
    bottom: int


class Mover:
    """What became of one sheet's rows. `chain` runs from the sheet's scope to the innermost record's."""

    def __init__(self, sheet: str, root: Scope, resizes: tuple[Resize, ...] = ()) -> None:
        self.sheet = sheet
        self.root = root
        self.resizes = resizes
        self.moves = bool(root.repeats or resizes)

    def row(self, row: int) -> int:
        """Where a single row went; the one that took its place if it is gone."""
        return self.root.span(row)[0]

    def first(self, row: int, chain: tuple[Scope, ...]) -> int:
        return self._span(row, chain)[0]

    def last(self, row: int, chain: tuple[Scope, ...], left: int | None, right: int | None) -> int:
        if left is not None and right is not None:
            for one in self.resizes:
                if row == one.box.bottom and one.box.left <= left and right <= one.box.right:
                    return self.root.span(one.box.top)[0] + one.bottom - one.box.top
        return self._span(row, chain)[1]

    def box(self, box: Box) -> Box | None:
        """The range that stands for `box`, which may have grown; None where it is gone."""
        first, last = self.first(box.top, ()), self.last(box.bottom, (), box.left, box.right)
        gone = box.top == box.bottom and self.root.gone(box.top)
        return None if gone or first > last else Box(first, box.left, last, box.right)

    def places(self, box: Box) -> Iterator[Box]:
        if any(row.box.bottom == box.bottom and row.box.shares_columns(box) for row in self.resizes):
            moved = self.box(box)
            if moved is not None:
                yield moved
            return
        yield from self.root.places(box)

    def _span(self, row: int, chain: tuple[Scope, ...]) -> Span:
        for scope in reversed(chain[1:]):
            if scope.covers(row):
                return scope.span(row)
            height = scope.bottom - scope.top + 1
            if scope.previous is not None and scope.top - height <= row < scope.top:
                return scope.previous.span(row + height)  # the record before, as in a running total
        return self.root.span(row)


def chain_of(scope: Scope, held: Box) -> tuple[Scope, ...]:
    """The scopes of the first record around a range of the template."""
    for repeat in scope.repeats:
        inside = repeat.box.top <= held.top <= repeat.box.bottom and held.top != repeat.options
        if inside and repeat.records and repeat.box.shares_columns(held):
            return (scope, *chain_of(repeat.records[0], held))
    return (scope,)


def chain_at(scope: Scope, held: Box, place: Box) -> tuple[Scope, ...]:
    """The scopes around what stands in `place` for `held`."""
    for repeat in scope.repeats:
        if not (repeat.box.top <= held.top <= repeat.box.bottom) or held.top == repeat.options:
            continue
        inside = _records_near(repeat.records, place.top)
        if inside:
            return (scope, *chain_at(inside[0], held, place))
    return (scope,)


def _records_near(records: list[Scope], row: int) -> list[Scope]:
    low, high = 0, len(records)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if records[middle].start <= row else (low, middle)
    return records[max(low - 1, 0) : low]

"""The rows of a filled sheet, each from a row of the template and for a record. Knows no XML."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from reports.errors import MAX_ROWS, SheetTooLong
from reports.filling.cells import SourceRow
from reports.filling.regions import Region
from reports.filling.scopes import Repeat, Resize, Scope

DEEPEST = 7  # levels of folded rows that Excel has
Role = Literal["plain", "blank", "group", "total", "frame"]


class Unsortable(Exception):
    """A column whose values have no order among each other."""

    def __init__(self, region: Region, column: int) -> None:
        self.region = region
        self.column = column
        super().__init__("the column holds values of several kinds, which have no order; make them one kind")


@dataclass(frozen=True, eq=False)
class Level:
    """A record around a row: `nth` counts from 0. The outermost level, of no region, is the sheet itself."""

    region: Region | None
    context: Mapping[str, Any]
    nth: int = 0


@dataclass(eq=False)
class OutRow:
    number: int
    source: SourceRow
    levels: tuple[Level, ...]
    chain: tuple[Scope, ...]
    role: Role = "plain"
    outline: int = 0
    rows: tuple[int, int] = (0, 0)  # what a subtotal covers
    label: tuple[int, str] | None = None  # of a subtotal: column and text
    nth: int = 0  # of a frame's row
    beside: SourceRow | None = None  # what stands beside a frame's columns in this row


@dataclass(frozen=True, eq=False)
class Around:
    """The surroundings of rows: the records around them, where those went, and how they are shown."""

    levels: tuple[Level, ...]
    chain: tuple[Scope, ...]
    role: Role = "plain"
    outline: int = 0

    def within(self, level: Level, scope: Scope, role: Role = "plain", outline: int = 0) -> "Around":
        return Around((*self.levels, level), (*self.chain, scope), role, outline)

    def row(self, number: int, source: SourceRow) -> OutRow:
        return OutRow(number, source, self.levels, self.chain, self.role, self.outline)


@dataclass(eq=False)
class FrameColumns:
    """The values of a frame by the sheet's column; `count` of rows."""

    count: int
    values: dict[int, list[object]]


@dataclass(eq=False)
class FillingPlan:
    root: Scope
    rows: list[OutRow]
    resizes: list[Resize] = field(default_factory=list)
    frames: dict[int, FrameColumns] = field(default_factory=dict)  # by id of the region
    counted: int = 0


Records = Callable[[Region, Level], list[Mapping[str, Any]]]
KeyOf = Callable[[Region, int, Level], object]


@dataclass(eq=False)
class _Group:
    """Records that share a value, or, innermost, the records themselves."""

    label: str
    depth: int
    column: int
    members: list["_Group"] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)


class Planner:
    """`records` gives a region's rows, `key` what a record has in a column, `frames` a bare region's values."""

    def __init__(
        self,
        sheet: str,
        source: Sequence[SourceRow],
        records: Records,
        key: KeyOf,
        text: Callable[[object], str],
    ) -> None:
        self._sheet = sheet
        self._source = {row.number: row for row in source}
        self._numbers = sorted(self._source)
        self._records = records
        self._key = key
        self._text = text
        self.frames: dict[int, FrameColumns] = {}

    def plan(self, regions: Sequence[Region], context: Mapping[str, Any]) -> FillingPlan:
        root = Scope(1, MAX_ROWS, 1)
        made = FillingPlan(root, [], frames=self.frames)
        self._made = made
        around = Around((Level(None, context),), (root,))
        self._lay(root, regions, around, self._numbers[-1] if self._numbers else 0)
        if made.rows and made.rows[-1].number > MAX_ROWS:
            raise SheetTooLong(self._sheet, made.rows[-1].number)
        return made

    def _lay(self, scope: Scope, regions: Sequence[Region], around: Around, bottom: int) -> int:
        """Place the rows from the scope's top to `bottom`; returns the last row taken."""
        at = scope.top
        for region in sorted(regions, key=lambda one: one.box.top):
            self._plain(at, region.box.top - 1, scope.shift, around)
            repeat = Repeat(region.box, region.box.top + scope.shift, options=region.options)
            if region.pattern:
                self._repeat(region, repeat, around)
            else:
                self._frame(region, repeat, around)
            scope.add(repeat)
            at = region.box.bottom + 1
        self._plain(at, bottom, scope.shift, around)
        return bottom + scope.shift

    def _plain(self, top: int, bottom: int, shift: int, around: Around) -> None:
        numbers = self._numbers if bottom - top > len(self._numbers) else range(top, bottom + 1)
        for number in numbers:
            if top <= number <= bottom and (source := self._source.get(number)) is not None:
                self._made.rows.append(around.row(number + shift, source))

    def _repeat(self, region: Region, repeat: Repeat, around: Around) -> None:
        level = around.levels[-1]
        found = [] if around.role == "blank" else self._records(region, level)
        if level.region is None:
            self._made.counted += len(found)
        if found:
            contexts = [_context(level, record, nth) for nth, record in enumerate(found)]
            ordered = self._ordered(region, [Level(region, one) for one in contexts])
            repeat.end = repeat.start - 1
            self._groups(region, repeat, self._grouped(region, ordered), around)
        else:  # one blank record, so that what refers to the range still has a place
            record = Scope(region.box.top, region.bottom, repeat.start)
            repeat.records.append(record)
            inside = around.within(Level(region, level.context), record, "blank")
            repeat.end = self._lay(record, region.inner, inside, region.bottom)
        options = self._source.get(region.options or 0)
        if options is not None and region.keeps_options:
            total = self._total(region, repeat, around, options, repeat.start)
            total.role, total.label = "total", self._grand_label(region)
            total.outline = around.outline
            repeat.options_at = repeat.end

    def _total(
        self, region: Region, repeat: Repeat, around: Around, options: SourceRow, first: int
    ) -> OutRow:
        """A row of totals below the rows from `first` on."""
        levels = (*around.levels, Level(region, around.levels[-1].context))
        rows = (first, repeat.end)
        repeat.end += 1
        made = OutRow(repeat.end, options, levels, around.chain, "group", rows=rows)
        self._made.rows.append(made)
        return made

    def _groups(self, region: Region, repeat: Repeat, group: _Group, around: Around) -> None:
        """The records of a group, then its subtotal; `repeat.end` is the last row so far."""
        grouped = len(region.tagged("group"))
        outline = min(around.outline + grouped + 1, DEEPEST) if grouped else around.outline
        for nth, level in enumerate(group.levels):
            number = len(repeat.records)
            record = Scope(region.box.top, region.bottom, repeat.end + 1)
            record.previous = repeat.records[-1] if nth else None
            repeat.records.append(record)
            context = {**level.context, "index": number + 1}
            inside = around.within(Level(region, context, number), record, "plain", outline)
            repeat.end = self._lay(record, region.inner, inside, region.bottom)
        for member in group.members:
            first = repeat.end + 1
            self._groups(region, repeat, member, around)
            if (options := self._source.get(region.options or 0)) is not None:
                total = self._total(region, repeat, around, options, first)
                total.outline = min(around.outline + member.depth, DEEPEST)
                total.label = member.column, member.label

    def _ordered(self, region: Region, levels: list[Level]) -> list[Level]:
        """By the columns that sort or group, groups first."""
        tags = [*region.tagged("group").items(), *region.tagged("sort").items()]
        for column, tag in reversed(tags):
            keys = {id(one): self._key(region, column, one) for one in levels}
            try:
                levels = sorted(levels, key=lambda one: _sortable(keys[id(one)]), reverse=tag.descending)
            except TypeError as error:
                raise Unsortable(region, column) from error
            levels = sorted(levels, key=lambda one: keys[id(one)] is None)  # missing last
        return levels

    def _grouped(self, region: Region, levels: list[Level]) -> _Group:
        whole = _Group("", 0, 0)
        columns = region.tagged("group")
        if not columns:
            whole.levels = levels
            return whole
        for level in levels:
            group = whole
            for depth, (column, tag) in enumerate(columns.items(), start=1):
                said = tag.options.get("totallabel", "Total")
                label = f"{self._text(self._key(region, column, level))} {said}".strip()
                if not group.members or group.members[-1].label != label:
                    group.members.append(_Group(label, depth, column))
                group = group.members[-1]
            group.levels.append(level)
        return whole

    def _grand_label(self, region: Region) -> tuple[int, str] | None:
        for column, tag in region.tagged("group").items():
            return column, tag.options.get("grandlabel", "Grand total")
        return None

    def _frame(self, region: Region, repeat: Repeat, around: Around) -> None:
        """The template's first row is the pattern; what stands beside keeps its place."""
        count = max(self.frames[id(region)].count, 1)
        self._made.counted += self.frames[id(region)].count
        repeat.frame = True
        repeat.end = repeat.start + count - 1
        top = region.box.top
        pattern = self._source.get(top) or SourceRow(top, {})
        level = Level(region, around.levels[-1].context)
        before = None
        for nth in range(count):
            record = Scope(top, top, repeat.start + nth, before)
            before = record
            repeat.records.append(record)
            row = around.within(level, record, "frame").row(repeat.start + nth, pattern)
            row.nth = nth
            row.beside = self._source.get(top + nth) if top + nth <= region.box.bottom else None
            self._made.rows.append(row)


def _context(level: Level, record: Mapping[str, Any], nth: int) -> dict[str, Any]:
    """What placeholders of a record see: the record, the one around it, its number, and all values."""
    return {**level.context, "parent": level.context.get("item"), "item": record, "index": nth + 1}


def _sortable(value: object) -> Any:
    return (0, "") if value is None else (1, value.casefold() if isinstance(value, str) else value)

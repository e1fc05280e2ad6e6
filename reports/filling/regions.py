"""The ranges of a template that are filled with rows, and how they lie within each other. Knows no cells."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reports.errors import did_you_mean
from reports.excel.letters import cell_name
from reports.filling.boxes import Box
from reports.filling.cells import SourceRow
from reports.filling.expressions import PLACEHOLDER
from reports.filling.tags import TAG, BadTag, Tag, tags_of
from reports.template import BadTemplate


@dataclass(frozen=True)
class TemplateTable:
    """An Excel table of the template: its part, where its body stands, and its columns."""

    part: str
    name: str
    box: Box  # header and totals included
    headers: int
    totals: int
    columns: tuple[str, ...]
    calculated: frozenset[str] = frozenset()

    @property
    def body(self) -> Box:
        return Box(self.box.top + self.headers, self.box.left, self.box.bottom - self.totals, self.box.right)


@dataclass(eq=False)
class Region:
    """A named range that is filled. `key` is the name of its rows, in `values` or in an outer record."""

    name: str
    key: str
    sheet: str
    box: Box
    table: TemplateTable | None = None
    pattern: bool = True
    options: int | None = None
    tags: dict[int, list[Tag]] = field(default_factory=dict)  # by column
    inner: list["Region"] = field(default_factory=list)

    @property
    def bottom(self) -> int:
        """The last row of the pattern."""
        return self.box.bottom - (self.options is not None)

    def tagged(self, name: str) -> dict[int, Tag]:
        return {column: tag for column, tags in self.tags.items() for tag in tags if tag.name == name}

    @property
    def keeps_options(self) -> bool:
        return any(tag.name not in {"sort", "pivot"} for tags in self.tags.values() for tag in tags)


class RegionReader:
    def __init__(self, template: str, sheet: str, rows: Sequence[SourceRow]) -> None:
        self._template = template
        self._sheet = sheet
        self._rows = {row.number: row for row in rows}

    def read(self, region: Region) -> None:
        """Find out whether the region is a pattern, and what its last row asks for."""
        texts = [
            text for row in range(region.box.top, region.box.bottom + 1) for text in self._texts(row, region)
        ]
        region.pattern = any(PLACEHOLDER.search(text) or TAG.search(text) for text in texts)
        if not region.pattern or region.box.top == region.box.bottom:
            return
        cells = [one for one in self._cells(region.box.bottom, region) if not one.blank]
        if cells and not any(TAG.search(one.text or "") for one in cells):
            return
        region.options = region.box.bottom
        for one in cells:
            try:
                if tags := tags_of(one.text or ""):
                    region.tags[one.column] = tags
            except BadTag as error:
                place = f"sheet {self._sheet!r}, cell {cell_name(region.box.bottom, one.column)}"
                raise BadTemplate(self._template, place, str(error)) from error

    def _cells(self, row: int, region: Region) -> list:  # type: ignore[type-arg]
        found = self._rows.get(row)
        return (
            []
            if found is None
            else [c for c in found.cells if region.box.left <= c.column <= region.box.right]
        )

    def _texts(self, row: int, region: Region) -> list[str]:
        return [cell.text or (cell.formula.text if cell.formula else "") for cell in self._cells(row, region)]


def nested(template: str, regions: Sequence[Region]) -> list[Region]:
    """Outer regions with their inner ones in them. Raises BadTemplate where two overlap otherwise."""
    roots: list[Region] = []
    order = sorted(regions, key=lambda one: (one.sheet, one.box.top, -one.box.bottom, len(one.name)))
    for region in order:
        siblings = roots
        while True:
            outer = next(
                (one for one in siblings if one.sheet == region.sheet and _is_inner(one, region)), None
            )
            if outer is None:
                break
            siblings = outer.inner
        for other in siblings:
            if other.sheet == region.sheet and other.box.shares_rows(region.box):
                _check_beside(template, other, region)
        siblings.append(region)
    return roots


def _is_inner(outer: Region, region: Region) -> bool:
    return outer.pattern and outer.box.holds(region.box) and region.name.startswith(f"{outer.name}_")


def _check_beside(template: str, one: Region, other: Region) -> None:
    if one.box.shares_columns(other.box):
        raise BadTemplate(
            template,
            None,
            f"the ranges {one.name!r} ({one.box}) and {other.name!r} ({other.box}) overlap on "
            f"sheet {one.sheet!r}; an inner range lies wholly within, and is called {one.name}_Something",
        )
    if one.pattern or other.pattern:
        raise BadTemplate(
            template,
            None,
            f"the ranges {one.name!r} and {other.name!r} of sheet {one.sheet!r} stand side by side, and "
            "rows cannot be inserted for one alone; put one below the other, or on another sheet",
        )


def check_used(
    template: str, rows: Sequence[str], used: set[str], mentioned: set[str], known: Sequence[str]
) -> None:
    """Raises BadTemplate for rows that the template has no range for."""
    for name in rows:
        if name not in used and name not in mentioned:
            raise BadTemplate(
                template,
                None,
                f"values has the rows {name!r}, and the template no name, table or "
                f"placeholder for them{did_you_mean(name, known)} It has: {', '.join(known[:20]) or 'none'}.",
            )

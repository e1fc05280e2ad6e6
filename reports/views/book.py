"""A workbook as a sequence of things to be shown, whatever page they then stand on. Knows no file format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from reports.charts import Chart
from reports.comparing.words import TableChanges
from reports.pictures.table import DrawnTable
from reports.sheet import Page
from reports.views.changes import unmarked
from reports.views.table import ShownTable


@dataclass(frozen=True)
class ShownText:
    """A text without words is an empty line."""

    text: str
    style: str


@dataclass(frozen=True)
class ShownFigures:
    """Labels with the values as text."""

    figures: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class ShownLink:
    """`sheet` is the number of the sheet that it leads to, from 0; None where it leads to the address `to`."""

    text: str
    to: str
    sheet: int | None


@dataclass(frozen=True, eq=False)
class ShownChart:
    """`told` says what is not drawn, where something is not."""

    chart: Chart
    table: DrawnTable
    told: str | None


@dataclass(frozen=True, eq=False)
class ShownRows:
    """`told` says how many rows there are, where not all are shown; `changes` what changed since last time."""

    table: ShownTable
    told: str | None
    changes: str | None = None


ShownPart: TypeAlias = ShownText | ShownFigures | ShownLink | ShownChart | ShownRows


@dataclass(frozen=True, eq=False)
class ShownSheet:
    name: str
    parts: Sequence[ShownPart]
    page: Page


@dataclass(frozen=True, eq=False)
class ShownBook:
    """`rows` counts those of each sheet's tables, shown or not. `compared` are the tables that were compared,
    `since` is a sentence of what changed in them, and `changes` a page of it.
    """

    title: str
    period: str | None
    headline: str | None
    since: str | None
    sheets: Sequence[ShownSheet]
    rows: Mapping[str, int] = field(default_factory=dict)
    compared: Sequence[TableChanges] = ()
    changes: ShownSheet | None = None

    @property
    def pages(self) -> Sequence[ShownSheet]:
        """The sheets, and after them what changed."""
        return self.sheets if self.changes is None else [*self.sheets, self.changes]


def without_changes(book: ShownBook) -> ShownBook:
    """Whatever it was compared with, a book of the same figures is the same here."""
    last = len(book.sheets)

    def bare(part: ShownPart) -> ShownPart:
        if isinstance(part, ShownRows):
            return ShownRows(unmarked(part.table), part.told)
        if isinstance(part, ShownLink) and part.sheet is not None:
            return replace(part, sheet=min(part.sheet, last))
        return part

    sheets = [replace(sheet, parts=[bare(part) for part in sheet.parts]) for sheet in book.sheets]
    return replace(book, since=None, sheets=sheets, compared=(), changes=None)

"""Sparklines, a small picture of each row's numbers in a column of its own, as frozen values. Draws nothing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from reports.columns import MAX_WIDTH, Column
from reports.errors import MAX_COLUMNS, BadBlock, SheetTooWide, UnknownColumn
from reports.marks import check_colour
from reports.number_formats.formats import NUMBERS, Kind
from reports.palette import ACCENT
from reports.text import shown_width

MAX_ROWS = 10_000  # with sparklines: they are for people, and Excel draws each anew whenever it calculates
WIDTH = 18.0  # characters: a dozen points can be told apart
AROUND_HEADER = 4  # characters: a filter's button and air
FEWEST = 2  # columns: one number has no course
Point = Literal["high", "low", "first", "last", "negative"]
POINTS = ("high", "low", "first", "last", "negative")
KINDS = ("line", "column", "win_loss")
DRAWN = NUMBERS | {Kind.DURATION, Kind.FORMULA}


@dataclass(frozen=True)
class Sparkline:
    """A further column of a table, headed `header`, that draws each row's numbers of the columns `of`.

    These stand side by side and are named in their order. `kind` is `line`, `column` or `win_loss`, which tells
    only numbers above 0 from those below. `markers` puts a dot on each point of a line, `highlight` colours points:
    `high`, `low`, `first`, `last`, `negative`. With `same_scale` the rows can be compared with each other; without,
    each has a scale of its own. The column is the table's last, or stands `after` another. `width` is in
    characters, `above` as in `Column`.
    """

    header: str
    of: Sequence[str]
    kind: Literal["line", "column", "win_loss"] = "line"
    markers: bool = False
    highlight: Point | Sequence[Point] = ()
    colour: str = ACCENT
    same_scale: bool = False
    after: str | None = None
    width: float | None = None
    above: str | Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "of", (self.of,) if isinstance(self.of, str) else tuple(self.of))
        object.__setattr__(self, "highlight", self.points)
        if not self.header.strip():
            raise BadBlock(
                "Sparkline", self.header, "the header is empty; name the column: Sparkline('Trend', of=...)"
            )
        if self.kind not in KINDS:
            raise self.bad(f"kind= is one of {', '.join(KINDS)}, and not {self.kind!r}")
        if unknown := [point for point in self.points if point not in POINTS]:
            raise self.bad(f"highlight= knows {', '.join(POINTS)}, and not {unknown[0]!r}")
        if len(self.of) < FEWEST:
            raise self.bad("of= names at least two columns: one number has no course")
        if self.markers and self.kind != "line":
            raise self.bad("markers= are dots on a line; highlight= colours points of the others")
        if self.same_scale and self.kind == "win_loss":
            raise self.bad("a win or a loss has no scale; leave same_scale= out")
        if self.width is not None and not 0 < self.width <= MAX_WIDTH:
            raise self.bad(f"a width is more than 0 and at most {MAX_WIDTH} characters")
        check_colour("Sparkline(colour=)", self.colour)
        _ = self.column  # says what is wrong with header and above

    @property
    def points(self) -> tuple[Point, ...]:
        return (self.highlight,) if isinstance(self.highlight, str) else tuple(self.highlight)

    @property
    def column(self) -> Column:
        """The options of its column, which stands beside those of the frame."""
        wide = max(WIDTH, shown_width(self.header) + AROUND_HEADER)
        return Column(self.header, width=self.width or min(wide, MAX_WIDTH), above=self.above)

    def bad(self, reason: str, sheet: str | None = None) -> BadBlock:
        return BadBlock("Sparkline" if sheet is None else f"sheet {sheet!r}, Sparkline", self.header, reason)


Place: TypeAlias = "str | Sparkline"


def checked_sparklines(given: Sparkline | Sequence[Sparkline]) -> tuple[Sparkline, ...]:
    """Return them as a tuple. Raises BadBlock for what is no sparkline."""
    sparklines = (given,) if isinstance(given, Sparkline) else tuple(given)
    for one in sparklines:
        if not isinstance(one, Sparkline):
            raise BadBlock("Table(sparklines=)", one, "give Sparkline('Trend', of=[...]), or several")
    return sparklines


def arranged(sheet: str, names: Sequence[str], sparklines: Sequence[Sparkline]) -> list[Place]:
    """All columns in the order in which they stand. Raises BadWorkbook for one that cannot be drawn."""
    for one in sparklines:
        if unknown := [name for name in (*one.of, *([one.after] if one.after else [])) if name not in names]:
            raise UnknownColumn(sheet, unknown[0], names, f"Sparkline({one.header!r})")
    if len(names) + len(sparklines) > MAX_COLUMNS:
        raise SheetTooWide(sheet, len(names) + len(sparklines))
    places = list(_placed(names, sparklines))
    _check_headers(sheet, names, sparklines)
    for one in sparklines:
        _check_neighbours(sheet, one, places)
    return places


def check_rows(sheet: str, sparklines: Sequence[Sparkline], rows: int) -> None:
    if sparklines and rows > MAX_ROWS:
        raise sparklines[0].bad(
            f"the table has {rows:,} rows, and sparklines are drawn for at most {MAX_ROWS:,}, which is more than "
            "anybody looks at; give fewer rows, or leave the sparklines out",
            sheet,
        )


def check_numbers(sheet: str, one: Sparkline, column: str, kinds: Collection[Kind], *, as_text: bool) -> None:
    """`kinds` are those of the column's values. Raises BadBlock unless all of them are numbers."""
    if as_text:
        raise one.bad(
            f"column {column!r} is written as text (as_text=), and only numbers can be drawn", sheet
        )
    if others := sorted(kind.value for kind in kinds if kind not in DRAWN):
        raise one.bad(f"column {column!r} holds {others[0]} values, and only numbers can be drawn", sheet)


def _placed(names: Sequence[str], sparklines: Sequence[Sparkline]) -> Iterator[Place]:
    for name in names:
        yield name
        yield from (one for one in sparklines if one.after == name)
    yield from (one for one in sparklines if one.after is None)


def _check_headers(sheet: str, names: Sequence[str], sparklines: Sequence[Sparkline]) -> None:
    taken = set(names)
    for one in sparklines:
        if one.header in taken:
            raise one.bad("another column has this name; give the sparkline a header of its own", sheet)
        taken.add(one.header)


def _check_neighbours(sheet: str, one: Sparkline, places: Sequence[Place]) -> None:
    for before, name in pairwise(one.of):
        at = places.index(name)
        if at and places[at - 1] == before:
            continue
        between = next((place for place in places[at - 1 : at] if isinstance(place, Sparkline)), None)
        why = f", with the sparkline {between.header!r} before it" if between else ""
        raise one.bad(
            f"{name!r} does not stand right of {before!r}{why}; Excel draws one range of cells, so name columns "
            "that stand side by side, in their order (select() them in that order first)",
            sheet,
        )

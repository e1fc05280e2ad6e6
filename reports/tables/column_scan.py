"""A scan of a column's values, which tells how it is shown. Knows no file format.

Every document asks here: which format a column has, whether it holds links, and how one of its values reads.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from reports.blocks import MAX_ADDRESS, Total
from reports.columns import Column
from reports.number_formats.formats import GENERAL, NAMED, NUMBERS, Facts, Kind, chosen_code
from reports.number_formats.render import shown
from reports.tables.facts import learn, update
from reports.tables.objects import as_typed, in_zone, kind_of
from reports.tables.open_table import TableColumn
from reports.text import spelled_out

TOTAL = "Total"
BLANK = "(blank)"
COUNTS = frozenset({"count", "count_all"})
SCHEMES = ("https://", "http://", "mailto:")
MANY_LINKS = 5_000  # addresses that are made clickable unasked: each costs Excel time on opening


class Named(Protocol):
    """A column of a table: its name, and its kind, which is None where it mixes kinds."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Kind | None: ...


class ColumnScan:
    """The scan of one column. `facts` are by kind; `codes` follow from them once all has been scanned.

    `zone` is where its instants are shown. `kind` is the column's own, if it is not said to be another.
    """

    def __init__(
        self, column: Named, options: Column, zone: ZoneInfo | None, *, kind: Kind | None = None
    ) -> None:
        self.name = column.name
        self.options = options
        self.zone = zone
        self.kind = kind or column.kind
        self.facts: dict[Kind, Facts] = {self.kind: Facts()} if self.kind else {}

    def add(self, kind: Kind, array: Any, step: int) -> None:
        """Learn from a slice in its kind's canonical form; every `step`-th of its texts is measured."""
        update(self.facts.setdefault(kind, Facts()), kind, array, step)

    def add_values(self, values: Sequence[object]) -> list[Kind]:
        """Learn from Python values of several kinds, None where missing; returns the kinds, in a steady order."""
        by_kind: dict[Kind, list[object]] = {}
        for value in values:
            if value is not None and (kind := kind_of(value)) is not None:
                by_kind.setdefault(kind, []).append(self.local(value))
        kinds = sorted(by_kind, key=lambda kind: kind.value)
        for kind in kinds:
            learn(self.facts.setdefault(kind, Facts()), kind, by_kind[kind])
        return kinds

    @property
    def codes(self) -> dict[Kind, str]:
        """The format codes, by kind."""
        given = self.options.given_code
        return {kind: chosen_code(given, kind, facts, self.name) for kind, facts in self.facts.items()}

    @property
    def code(self) -> str:
        """The format code of the column as a whole: of its totals, and on a chart's axis."""
        return next(iter(self.codes.values()), GENERAL)

    def total_code(self, function: Total) -> str:
        """Return the format code of a total: a count is a whole number, whatever is counted."""
        return NAMED["integer"] if function in COUNTS else self.code

    @property
    def is_link(self) -> bool:
        """Return whether it holds links: by choice, or where each text is an address and they are not too many."""
        text = self.facts.get(Kind.TEXT) if self.kind is Kind.TEXT else None
        if self.options.link is not None or text is None:
            return bool(self.options.link) and text is not None
        return text.links and 0 < text.filled <= MANY_LINKS

    def local(self, value: object) -> object:
        """Return an instant as the wall clock of the column's zone, and any other value as it is."""
        return in_zone(value, self.zone) if isinstance(value, datetime) and value.tzinfo else value

    def texts(self, values: Iterable[object]) -> list[str]:
        """Return values of the column as their cells show them; nothing for a missing one."""
        codes, code, is_mixed = self.codes, self.code, self.kind is None
        return [
            text_under(
                self.local(value),
                codes.get(kind_of(value) or Kind.TEXT, GENERAL) if is_mixed and value is not None else code,
                self.options,
            )
            for value in values
        ]

    def text(self, value: object) -> str:
        """Return one value of the column as its cell shows it."""
        return self.texts([value])[0]

    def group_title(self, value: object) -> str:
        """Return what the total of those rows is called that have a value of the column in common."""
        text = self.text(value)
        return f"{TOTAL} {text if text.strip() else BLANK}"


def text_under(value: object, code: str, options: Column) -> str:
    """Return a value, of which an instant is a wall clock, as a cell of a column with these options shows it."""
    if value is not None and options.as_text:
        return spelled_out(value if isinstance(value, str) else as_typed(value, None) or "")
    return shown(value, code)


def is_address(text: str) -> bool:
    """Return whether a text is an address that a click can follow."""
    return text.startswith(SCHEMES) and len(text) <= MAX_ADDRESS


def value_code(
    value: object, given: str | None, name: str = "", *, known: str | None = None, stands_alone: bool = False
) -> str:
    """Return the format code of a value by itself: the author's, the known one where it fits, else by the value.

    A moment that `stands_alone` shows its seconds, whatever they are.
    """
    if given is not None:
        return given
    kind = kind_of(value) if value is not None else None
    if kind is None:
        return GENERAL
    would_cut = known == NAMED["integer"] and isinstance(value, float | Decimal) and value % 1 != 0
    if known is not None and not would_cut:
        return known
    facts = Facts()
    learn(facts, kind, [value])
    facts.seconds = facts.seconds or stands_alone
    return chosen_code(None, kind, facts, name)


def header_labels(values: Sequence[object]) -> list[str]:
    """Return values of one kind as the headers of columns show them, a missing one as BLANK.

    A number is a name there, such as a year, and has no commas.
    """
    kind = next((kind_of(value) for value in values if value is not None), None)
    options = Column(format=GENERAL if kind in NUMBERS else None)
    scan = ColumnScan(TableColumn("", kind, None, None), options, None)
    scan.add_values(values)
    return [BLANK if value is None else text for value, text in zip(values, scan.texts(values), strict=True)]

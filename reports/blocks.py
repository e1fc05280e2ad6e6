"""The blocks of a sheet: tables, text, key figures, charts, links and formulas, as frozen values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias

from reports.changes import Changes
from reports.charts import Chart
from reports.columns import Column
from reports.errors import BadBlock, UnknownColumn
from reports.frames import Frame, column_names, is_stream
from reports.number_formats.formats import given_code
from reports.sparklines import Sparkline, arranged, checked_sparklines
from reports.text import fault_in_text

MAX_FORMULA = 8_192  # characters (Microsoft, "Excel specifications and limits")
MAX_NAME = 255  # characters, the same page
MAX_ADDRESS = 2_079  # characters of a link that Excel follows
NAME = re.compile(r"[^\W\d]\w*(\.\w+)*")
LOOKS_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[RrCc]|[Rr]\d*[Cc]\d*")
MAX_LEVELS = 7  # of rows that fold away: Excel has eight, and counts the one that does not
ADDRESS = re.compile(r"(https?|mailto|ftp):\S+")

Scalar: TypeAlias = bool | int | float | Decimal | str | date | datetime | time | timedelta | None
Total = Literal["sum", "mean", "min", "max", "count", "count_all", "product", "stdev", "var"]
TOTALS: dict[str, int] = {  # the function's number in SUBTOTAL, the one that leaves hidden rows out
    "mean": 101,
    "count": 102,  # of numbers
    "count_all": 103,  # of cells that are not blank
    "max": 104,
    "min": 105,
    "product": 106,
    "stdev": 107,
    "sum": 109,
    "var": 110,
}


@dataclass(frozen=True)
class Formula:
    """A live formula, in English names and with commas: `Formula("SUM(B2:B9)")`.

    `value` is stored beside it, for viewers that do not calculate; Excel replaces it when it does.
    """

    text: str
    value: Scalar = None

    def __post_init__(self) -> None:
        bare = self.text.removeprefix("=").strip()
        if not bare or len(bare) > MAX_FORMULA:
            raise BadBlock("Formula", self.text[:60], f"a formula has 1 to {MAX_FORMULA:,} characters")
        if fault := fault_in_text(bare):
            raise BadBlock("Formula", self.text[:60], fault)
        object.__setattr__(self, "text", bare)


@dataclass(frozen=True)
class Link:
    """A line that leads elsewhere: `to` is an address (https, mailto), or the name of a sheet of the book."""

    text: str
    to: str
    cell: str = "A1"

    def __post_init__(self) -> None:
        for part in (self.text, self.to):
            if not part.strip():
                raise BadBlock("Link", part, "a link needs a text and a target")
            if fault := fault_in_text(part):
                raise BadBlock("Link", part[:60], fault)
        if len(self.to) > MAX_ADDRESS:
            raise BadBlock("Link", self.to[:60], f"an address has at most {MAX_ADDRESS:,} characters")

    @property
    def leads_outside(self) -> bool:
        return ADDRESS.fullmatch(self.to) is not None


@dataclass(frozen=True)
class Text:
    """A line, or lines, of text above or between tables."""

    text: str
    style: Literal["title", "heading", "body", "note"] = "body"

    def __post_init__(self) -> None:
        if self.style not in {"title", "heading", "body", "note"}:
            raise BadBlock("Text", self.style, "style is one of title, heading, body, note")
        if fault := fault_in_text(self.text):
            raise BadBlock("Text", self.text[:60], fault)


@dataclass(frozen=True)
class Figure:
    """One key figure, where its type does not say how it looks. `format` and `currency` as in `Column`."""

    value: Scalar | Formula
    format: str | None = None
    currency: str | None = None

    def __post_init__(self) -> None:
        _ = self.given_code  # says what is wrong with either

    @property
    def given_code(self) -> str | None:
        """The format code that the options ask for; None leaves it to the value."""
        return given_code(self.format, self.currency)


@dataclass(frozen=True, init=False)
class Figures:
    """Key figures, one a line: what it is, and the value."""

    figures: Mapping[str, Figure]

    def __init__(self, figures: Mapping[str, Figure | Formula | Scalar]) -> None:
        if not figures:
            raise BadBlock("Figures", "{}", "give at least one: Figures({'Flights': 27004})")
        for label in figures:
            if fault := fault_in_text(label):
                raise BadBlock("Figures", label[:60], fault)
        named = {
            label: value if isinstance(value, Figure) else Figure(value) for label, value in figures.items()
        }
        object.__setattr__(self, "figures", named)


@dataclass(frozen=True, eq=False)  # frames have no single truth of equality
class Table:
    """A frame with a header. `filter` gives the header drop-downs; None: where the table is alone on its sheet.

    `totals` names, by column, the function of a last row (`sum`, `mean`, `min`, `max`, `count`, ...).
    `name` makes the range of header and rows a name of the workbook, `excel_table` an Excel table of that
    name. `charts` stand beside the table, or above one of many columns. `group_by` brings rows together by
    the values of one column or several, the outermost first, each group with its own totals below it; groups
    fold away. `changes` says what the table is compared with: what is new or another is marked, and listed on
    a sheet of its own. `sparklines` are further columns, each with a small picture of the row's numbers. The frame
    is read when the workbook is written: it must not be changed after it was handed over.
    """

    frame: Frame
    columns: Mapping[str, Column] = field(default_factory=dict, kw_only=True)
    totals: Mapping[str, Total] = field(default_factory=dict, kw_only=True)
    filter: bool | None = field(default=None, kw_only=True)
    name: str | None = field(default=None, kw_only=True)
    excel_table: str | None = field(default=None, kw_only=True)
    charts: Chart | Sequence[Chart] = field(default=(), kw_only=True)
    group_by: str | Sequence[str] = field(default=(), kw_only=True)
    changes: Changes | None = field(default=None, kw_only=True)
    sparklines: Sparkline | Sequence[Sparkline] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "group_by", self.groups)
        object.__setattr__(self, "sparklines", self.all_sparklines)
        self._check_groups()
        for function in self.totals.values():
            if function not in TOTALS:
                raise BadBlock("Table(totals=)", function, f"a total is one of {', '.join(sorted(TOTALS))}")
        for name in (self.name, self.excel_table):
            if name is not None:
                check_name(name)
        for chart in self.all_charts:
            if chart.of is not None:
                raise BadBlock(
                    chart.kind, chart.of, "of= is for a chart that stands alone; this one has its table"
                )
        if self.changes is not None and is_stream(self.frame):
            raise BadBlock("Table(changes=)", "a stream", "streams cannot be compared; give a whole frame")
        object.__setattr__(self, "charts", self.all_charts)
        object.__setattr__(self, "columns", dict(self.columns))
        object.__setattr__(self, "totals", dict(self.totals))

    @property
    def all_charts(self) -> tuple[Chart, ...]:
        return (self.charts,) if isinstance(self.charts, Chart) else tuple(self.charts)

    @property
    def all_sparklines(self) -> tuple[Sparkline, ...]:
        return checked_sparklines(self.sparklines)

    @property
    def all_columns(self) -> dict[str, Column]:
        """The options of its columns, those of sparklines among them."""
        return {**self.columns, **{one.header: one.column for one in self.all_sparklines}}

    @property
    def levels(self) -> int:
        """Return how many rows of the header stand above its last."""
        return max((len(column.levels) for column in self.all_columns.values()), default=0)

    @property
    def groups(self) -> tuple[str, ...]:
        return (self.group_by,) if isinstance(self.group_by, str) else tuple(self.group_by)

    def _check_groups(self) -> None:
        if not self.groups:
            return
        shown = ", ".join(self.groups)
        if len(set(self.groups)) < len(self.groups) or len(self.groups) > MAX_LEVELS:
            raise BadBlock("Table(group_by=)", shown, f"it names one to {MAX_LEVELS} columns, each once")
        if not self.totals:
            raise BadBlock("Table(group_by=)", shown, "say with totals= what each group adds up")
        if not set(self.totals).isdisjoint(self.groups):
            raise BadBlock("Table(group_by=)", shown, "a column that groups rows has no total itself")
        if self.changes is not None:
            raise BadBlock(
                "Table(group_by=)", shown, "a table that is compared keeps its rows in their order"
            )
        if self.excel_table is not None or self.all_charts:
            other = "an Excel table" if self.excel_table is not None else "a chart"
            raise BadBlock("Table(group_by=)", shown, f"{other} takes no rows of totals in between")

    @property
    def named_columns(self) -> tuple[str, ...]:
        """Every column that an option names."""
        charted = (column for chart in self.all_charts for column in chart.columns)
        return (*self.columns, *self.totals, *self.groups, *charted)

    def check(self, sheet: str) -> None:
        """Raises UnknownColumn, or BadWorkbook for a frame that is no table."""
        known = column_names(sheet, self.frame)
        if known is None:
            return  # an iterator shows its columns when it is read
        for column in self.named_columns:
            if column not in known:
                raise UnknownColumn(sheet, column, known)
        for column in self.changes.named_columns if self.changes else ():
            if column not in known:
                raise UnknownColumn(sheet, column, known, "Changes(...)")
        arranged(sheet, known, self.all_sparklines)


Block: TypeAlias = Table | Text | Figures | Link | Chart
BLOCKS = (Table, Text, Figures, Link, Chart)


def check_name(name: str) -> None:
    """Raises BadBlock for a name that Excel would not take for a range or a table."""
    if len(name) > MAX_NAME or not NAME.fullmatch(name) or LOOKS_LIKE_A_CELL.fullmatch(name):
        raise BadBlock(
            "name",
            name[:60],
            "a name is letters, digits, dots and underscores, begins with a letter, and is no cell such as A1",
        )

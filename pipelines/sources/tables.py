"""One HTML table as a frame: chosen without doubt, typed without loss."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipelines.sources.charsets import decode_as_browsers_do
from pipelines.sources.errors import BadContent, NoRows, TableNotFound
from pipelines.sources.fetch import Fetched
from pipelines.sources.markup import HtmlTable, html_tables

SHOWN_TABLES = 10  # in an error
SHOWN_COLUMNS = 6  # of each of them
MOST_DIGITS = 15  # that a float keeps exactly
LARGEST_INTEGER = 2**63 - 1
BY_SCRIPT = "; a page that a script fills has none to read: look for the address that the script asks"

log = logging.getLogger("presstime.web")


@dataclass(frozen=True)
class Wanted:
    """A choice among the tables of a page; conditions that are None do not count."""

    caption: str | None = None
    id: str | None = None
    match: str | None = None
    number: int | None = None

    def fits(self, table: HtmlTable) -> bool:
        return (
            (self.caption is None or self.caption.casefold() in table.caption.casefold())
            and (self.id is None or self.id == table.id)
            and (self.match is None or re.search(self.match, table.text) is not None)
        )

    def __str__(self) -> str:
        said = [f"{name}={value!r}" for name, value in vars(self).items() if value is not None]
        return " and ".join(said) or "the only one with data"


@dataclass(frozen=True)
class Numbers:
    """The way a page writes numbers. Without `thousands` a comma makes a text: 1,234 differs by country."""

    decimal: str = "."
    thousands: str | None = None

    def plain(self, text: str) -> str:
        """The number as Python writes it; the text itself, which then is no number, where it is none."""
        if self.thousands:
            groups = re.escape(self.thousands)
            if re.fullmatch(rf"[+-]?\d{{1,3}}(?:{groups}\d{{3}})+(?:{re.escape(self.decimal)}\d+)?", text):
                text = text.replace(self.thousands, "")
        if self.decimal != "." and "." not in text:
            text = text.replace(self.decimal, ".")
        elif self.decimal != ".":
            return f"{text}?"  # a point where the page writes another sign
        return text.replace("\N{MINUS SIGN}", "-")


INTEGER = re.compile(r"[+-]?(?:0|[1-9]\d*)")
FLOAT = re.compile(r"[+-]?(?:0|[1-9]\d*)\.\d+")


def read_table(
    page: Fetched,
    wanted: Wanted,
    *,
    header: int | None,
    dtypes: Mapping[str, str],
    numbers: Numbers,
    allow_empty: bool,
) -> pd.DataFrame:
    """The rows of the table wanted. Raises TableNotFound, NoRows, or BadContent for a type that does not fit."""
    text, lost = decode_as_browsers_do(page.body, page.charset)
    if lost:
        log.warning("%s: %d characters do not fit the page's encoding", page.shown, lost)
    table = choose(page.shown, html_tables(text), wanted, header)
    head = table.head if header is None else header
    rows = table.rows[head:]
    if not rows and not allow_empty:
        raise NoRows(page.shown, f"the table ({wanted})", BY_SCRIPT)
    names = column_names(table.rows[:head], max((len(row) for row in table.rows), default=0))
    if unknown := [name for name in dtypes if name not in names]:
        raise BadContent(page.shown, f"the table has no column {unknown[0]!r}; it has {', '.join(names)}")
    columns = {
        name: _column(page, name, [row[n] if n < len(row) else "" for row in rows], dtypes.get(name), numbers)
        for n, name in enumerate(names)
    }
    return pd.DataFrame(columns)


def choose(url: str, tables: Sequence[HtmlTable], wanted: Wanted, header: int | None) -> HtmlTable:
    """The one table that is meant. Tables for layout and empty ones give way where several fit."""
    fitting = [table for table in tables if wanted.fits(table)]
    if wanted.number is not None:
        if -len(fitting) <= wanted.number < len(fitting):
            return fitting[wanted.number]
        fitting = []
    if len(fitting) > 1:
        full = [table for table in fitting if table.data_rows(header) and not table.holds_tables]
        fitting = full or fitting
    if len(fitting) == 1:
        return fitting[0]
    problem = f"{len(fitting)} tables are {wanted}; say which." if fitting else f"no table is {wanted}."
    raise TableNotFound(url, problem, _listed(tables))


def column_names(head: Sequence[Sequence[str]], width: int) -> list[str]:
    """A name for each column: its headings from top to bottom, numbered where there is none or it is taken."""
    names: list[str] = []
    for column in range(width):
        words = dict.fromkeys(row[column] for row in head if column < len(row) and row[column])
        name = stem = " ".join(words) or f"column {column + 1}"
        count = 1
        while name in names:
            count += 1
            name = f"{stem} ({count})"
        names.append(name)
    return names


def typed(texts: Sequence[str], numbers: Numbers) -> "pd.Series[str] | pd.Series[int] | pd.Series[float]":
    """Numbers if each text is one and loses nothing by it, otherwise text. Blanks are missing."""
    plain = [numbers.plain(text) for text in texts if text]
    if plain and all(INTEGER.fullmatch(t) and abs(int(t)) <= LARGEST_INTEGER for t in plain):
        whole = [int(numbers.plain(text)) if text else pd.NA for text in texts]
        return pd.Series(whole, dtype="Int64")
    if plain and all(_is_number(text) for text in plain):
        return pd.Series([float(numbers.plain(text)) if text else pd.NA for text in texts], dtype="Float64")
    return pd.Series([text or pd.NA for text in texts], dtype="string")


def _is_number(text: str) -> bool:
    digits = sum(sign.isdecimal() for sign in text)
    return digits <= MOST_DIGITS and bool(FLOAT.fullmatch(text) or INTEGER.fullmatch(text))


def _column(
    page: Fetched, name: str, texts: Sequence[str], dtype: str | None, numbers: Numbers
) -> "pd.Series[str] | pd.Series[int] | pd.Series[float]":
    if dtype is None:
        return typed(texts, numbers)
    words = typed(texts, numbers) if dtype.lower().startswith(("int", "uint", "float")) else None
    try:
        plain = pd.Series([text or pd.NA for text in texts], dtype="string")
        return (plain if words is None else words).astype(dtype)  # type: ignore[call-overload, no-any-return] # the author's word
    except (TypeError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise BadContent(page.shown, f"column {name!r} is not {dtype} ({reason})") from error


def _listed(tables: Sequence[HtmlTable]) -> list[str]:
    lines = [_described(number, table) for number, table in enumerate(tables[:SHOWN_TABLES])]
    return [*lines, f"{len(tables) - SHOWN_TABLES} more"] if len(tables) > SHOWN_TABLES else lines


def _described(number: int, table: HtmlTable) -> str:
    names = column_names(table.rows[: table.head], max((len(row) for row in table.rows), default=0))
    marks = [f"id {table.id!r}"] if table.id else []
    marks += [f"caption {table.caption!r}"] if table.caption else []
    columns = ", ".join(names[:SHOWN_COLUMNS]) + (", ..." if len(names) > SHOWN_COLUMNS else "")
    return " ".join(
        [f"table {number}", *marks, f"with {table.data_rows():,} rows ({columns or 'no columns'})"]
    )

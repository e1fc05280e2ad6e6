"""Finds one table in a page and reads it into a frame; pandas and lxml do the reading."""

import io
import re
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pipelines.sources.errors import TableEmpty, TableNotFound

TABLE = re.compile(r"<table[\s>]", re.IGNORECASE)


@dataclass(frozen=True)
class Wanted:
    """Which table of a page: by a pattern in its text, by `id`, by number from 0; or else the only one."""

    match: str | None = None
    id: str | None = None
    number: int | None = None
    allow_empty: bool = False
    options: dict[str, Any] = field(default_factory=dict)  # for pandas.read_html

    def __str__(self) -> str:
        parts = [
            f"with {self.match!r} in its text" if self.match is not None else "",
            f"with id {self.id!r}" if self.id is not None else "",
            f"number {self.number}" if self.number is not None else "",
        ]
        return " ".join(part for part in parts if part) or "with rows"


def read_table(url: str, text: str, wanted: Wanted) -> pd.DataFrame:
    """Raises TableNotFound, which names the tables that there are, or TableEmpty."""
    tables = _tables(text, wanted)
    if wanted.number is not None:
        tables = tables[wanted.number : wanted.number + 1]
    if not tables:
        raise TableNotFound(url, str(wanted), _described(text))
    if len(tables) > 1:
        raise TableNotFound(url, f"{wanted} alone (say which with match=, id= or number=)", _described(text))
    frame = tables[0]
    if frame.empty and not wanted.allow_empty:
        raise TableEmpty(url, [str(column) for column in frame.columns])
    return frame


def _tables(text: str, wanted: Wanted) -> list[pd.DataFrame]:
    attrs = {"id": wanted.id} if wanted.id is not None else None
    match = wanted.match if wanted.match is not None else ".+"
    try:
        return list(
            pd.read_html(io.StringIO(text), match=match, attrs=attrs, flavor="lxml", **wanted.options)
        )
    except ValueError as error:
        if "No tables found" in str(error):
            return []
        raise


def _described(text: str) -> list[str]:
    """The tables of a page, as a person would tell them apart."""
    found = [
        f"{number}: {', '.join(str(column) for column in frame.columns[:6])} ({len(frame)} rows)"
        for number, frame in enumerate(_tables(text, Wanted()))
    ]
    return found or ["one without rows"] * len(TABLE.findall(text))

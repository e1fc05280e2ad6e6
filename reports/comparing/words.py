"""Changes in one sentence for the page and the mail, and as counts for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from reports.blocks import Table
from reports.columns import Column
from reports.comparing.compare import CellChange, Comparison
from reports.tables.headers import in_one_line
from reports.text import counted, spelled_out

NOTHING_BEFORE = "No report to compare with"
NO_CHANGE = "No change"
HIGHLIGHTED = ("good", "late")  # the colours of a row that is new, and of a cell that is another
DIGITS = 10  # of a number in a sentence
LONGEST_KEY = 40  # characters
NAMED = 3  # columns that came or went; of more it says how many


@dataclass(frozen=True, eq=False)
class TableChanges:
    """A table that was to be compared; `comparison` is None where there was nothing to compare it with."""

    sheet: str
    table: Table
    comparison: Comparison | None

    @property
    def sentence(self) -> str:
        return NOTHING_BEFORE if self.comparison is None else _sentence(self.table, self.comparison)

    @property
    def counts(self) -> dict[str, Any]:
        """JSON values."""
        known = self.comparison
        if known is None:
            return {"sheet": self.sheet, "sentence": self.sentence, "compared": False}
        return {
            "sheet": self.sheet,
            "sentence": self.sentence,
            "compared": True,
            "same": known.is_same,
            "rows": {
                "added": len(known.added),
                "removed": known.removed,
                "changed": known.changed_rows,
                "unchanged": known.unchanged,
            },
            "cells": {column: len(rows) for column, rows in known.changed.items()},
            "columns": {"added": list(known.columns_added), "removed": list(known.columns_removed)},
        }


def summary(tables: Sequence[TableChanges]) -> dict[str, Any] | None:
    """Return the changes of a whole workbook as JSON values; None where nothing was to be compared.

    `changed` is false only where every table was compared, and nothing is another.
    """
    if not tables:
        return None
    same = all(one.comparison is not None and one.comparison.is_same for one in tables)
    return {
        "sentence": sentence_of(tables),
        "changed": not same,
        "tables": [one.counts for one in tables],
    }


def sentence_of(tables: Sequence[TableChanges]) -> str:
    """One sentence where all tables have the same, else a part for each sheet."""
    said = {one.sentence for one in tables}
    if len(tables) == 1 or said in ({NOTHING_BEFORE}, {NO_CHANGE}):
        return tables[0].sentence
    return "; ".join(f"{one.sheet}: {_lower(one.sentence)}" for one in tables)


def since_sentence(tables: Sequence[TableChanges]) -> str:
    """Return the sentence with its full stop, and the time of what was before where all tables have the same."""
    said = sentence_of(tables)
    times = {one.table.changes.since for one in tables if one.table.changes}
    since = times.pop() if len(times) == 1 else None
    if since is None or all(one.comparison is None for one in tables):
        return f"{said}."
    if said == NO_CHANGE:
        return f"{said} since {since}."
    return f"Since {since}: {_lower(said) if len(tables) == 1 else said}."


def legend(compared: TableChanges, noted: str, listed: str) -> str:
    """The line below a table. `noted` says how cells tell what they were, `listed` where the changes are listed."""
    known = compared.comparison
    said = since_sentence([compared])
    if known is None or known.is_same:
        return said
    marked = compared.table.changes is not None and compared.table.changes.mark
    marks = [
        *(["new rows are green"] if marked and len(known.added) else []),
        *([f"changed cells are amber, {noted}"] if marked and known.changed else []),
        listed,
    ]
    return f"{said} {_upper('; '.join(marks))}."


def shown_key(values: Sequence[object]) -> str:
    return " / ".join(plain(value) for value in values)


def plain(value: object) -> str:
    """A value within a sentence."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float | Decimal):
        whole = isfinite(value) and value == int(value)
        return f"{int(value):,}" if whole else f"{value:,.{DIGITS}g}"
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=None).isoformat(sep=" ", timespec="minutes")
        return moment if value.tzinfo is None else f"{moment} {value.tzname()}"
    if isinstance(value, date):
        return value.isoformat()
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_KEY else f"{text[: LONGEST_KEY - 3]}..."


def _sentence(table: Table, known: Comparison) -> str:
    if known.is_same:
        return NO_CHANGE
    counts = {"added": len(known.added), "removed": known.removed, "changed": known.changed_rows}
    parts = [(count, word) for word, count in counts.items() if count]
    texts = [
        f"{counted(count, 'row') if place == 0 else f'{count:,}'} {word}"
        for place, (count, word) in enumerate(parts)
    ]
    texts += _columns(known)
    if known.largest is not None and known.largest.difference:
        texts.append(f"largest: {_largest(table, known, known.largest)}")
    return spelled_out(", ".join(texts))


def _columns(known: Comparison) -> list[str]:
    sides: Mapping[str, Sequence[str]] = {"new": known.columns_added, "gone": known.columns_removed}
    return [
        f"{'column' if len(names) == 1 else 'columns'} {' and '.join(names)} {word}"
        if len(names) <= NAMED
        else f"{len(names)} columns {word}"
        for word, names in sides.items()
        if names
    ]


def _largest(table: Table, known: Comparison, cell: CellChange) -> str:
    """Its column is named where numbers of several changed."""
    column = f" {_header(table, cell.column)}" if known.measures > 1 else ""
    change = cell.difference or Decimal(0)
    return f"{shown_key(cell.key)}{column} {'+' if change > 0 else '-'}{plain(abs(change))}"


def _header(table: Table, name: str) -> str:
    options = table.columns.get(name, Column())
    return in_one_line(options.levels, options.header or name)


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _upper(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]

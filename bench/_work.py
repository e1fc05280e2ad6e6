"""The work that is measured, the same for both sides: ten tables, one analysis. Knows neither side."""

import io
from pathlib import Path

import pandas as pd
from openpyxl import load_workbook

PARTS = 10
ROWS = 100  # of each part
GROUPS = 20


def rows_of(part: int) -> pd.DataFrame:
    """What an extract brings: cheap to make, so that what is around it shows."""
    numbers = range(part * ROWS, (part + 1) * ROWS)
    return pd.DataFrame(
        {
            "group": [f"group {number % GROUPS:02}" for number in numbers],
            "amount": [number * 7 % 1_000 for number in numbers],
            "price": [number % 13 + 0.25 for number in numbers],
        }
    )


def combine(rows: pd.DataFrame) -> pd.DataFrame:
    """One line a group."""
    grouped = rows.groupby("group", as_index=False)
    return grouped.agg(rows=("amount", "size"), amount=("amount", "sum"), price=("price", "mean"))


def expected() -> list[tuple[object, ...]]:
    """The figures that every workbook must hold."""
    return _figures(combine(pd.concat([rows_of(part) for part in range(PARTS)], ignore_index=True)))


def found(workbook: Path) -> list[tuple[object, ...]]:
    """The figures in the first sheet of a workbook, without its headings."""
    # As bytes: openpyxl wants a suffix, and a stored file is named by its sha256.
    book = load_workbook(io.BytesIO(workbook.read_bytes()), read_only=True)
    try:
        rows = list(book.worksheets[0].iter_rows(values_only=True))
    finally:
        book.close()
    return [tuple(row) for row in rows[-GROUPS:]]


def _figures(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    return [tuple(row) for row in frame.astype(object).itertuples(index=False, name=None)]

"""One way to compare two tables, in a process of its own: `python -m bench._changes_case`. Figures as JSON.

Both tables are there, in the form that the way takes, before the clock starts. What it finds must be the truth.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from bench._footprint import Figures, measured
from presstime.errors import PresstimeError
from reports import Changes, Preflight, Sheet, Table, Workbook
from reports.comparing.compare import compare_table
from reports.excel.writer import write_workbook

CASE = "bench._changes_case"
KEY = "order"
EDITED = 100  # one row in so many has a changed cell
MOVED = 1_000  # rows that came, and as many that went
FIRST_ROWS = 50  # compared before the measurement, for what libraries load when they are first used
FIRST_DAY = date(2020, 1, 1)
CREATED = datetime(2026, 11, 3, tzinfo=UTC)
OURS, OURS_PANDAS, MERGE = "Presstime, Polars", "Presstime, pandas", "pandas.merge"
WRITTEN, COMPARED = "sheet alone", "sheet with changes"
Counts = dict[str, int]


def tables(rows: int) -> tuple[pl.DataFrame, pl.DataFrame, Counts]:
    """Now, before in another order, and the truth: rows added and removed, changed cells by column."""
    rng = np.random.default_rng(7)
    days = pl.Series([FIRST_DAY + timedelta(days=n) for n in range(1_000)])
    now = pl.DataFrame(
        {
            KEY: np.arange(rows) + 7_000_000,
            "units": rng.integers(1, 500, rows),
            "shop": rng.integers(1, 90, rows),
            "stock": pl.Series(rng.integers(0, 10**6, rows)).replace(7, None),
            "price": rng.integers(1, 90_000, rows) / 100,
            "amount": rng.integers(1, 9 * 10**6, rows) / 100,
            "margin": rng.random(rows),
            "region": pl.Series(["North", "South", "West"]).gather(rng.integers(0, 3, rows)),
            "customer": pl.Series(rng.integers(0, rows, rows)).cast(pl.String) + " & Sons Ltd",
            "day": days.gather(rng.integers(0, len(days), rows)),
        }
    )
    names = now.columns[1:]
    place = pl.int_range(pl.len())
    before, truth = now, {"added": MOVED, "removed": MOVED}
    for number, name in enumerate(names):
        edited = (place % EDITED == 0) & (place // EDITED % len(names) == number) & (place < rows - MOVED)
        truth[name] = int(now.select(edited.sum()).item())
        before = before.with_columns(
            pl.when(edited).then(_edited(name, now)).otherwise(pl.col(name)).alias(name)
        )
    gone = before[:MOVED].with_columns(pl.col(KEY) - 1_000_000)
    return now, pl.concat([before[:-MOVED], gone]).sample(fraction=1, shuffle=True, seed=3), truth


def _edited(name: str, now: pl.DataFrame) -> pl.Expr:
    if now.schema[name] == pl.String:
        return pl.col(name) + "?"
    return pl.col(name).dt.offset_by("1d") if now.schema[name] == pl.Date else pl.col(name).fill_null(0) + 1


def ours(now: Any, before: Any) -> Counts:
    found = compare_table("Data", Table(now, changes=Changes(before, key=KEY)), Preflight())
    if found is None:
        return {}
    rows = {"added": len(found.added), "removed": found.removed}
    return rows | {name: len(cells) for name, cells in found.changed.items()}


def by_merge(now: pd.DataFrame, before: pd.DataFrame) -> Counts:
    """As it is done by hand: an outer join, and each column beside the one of before."""
    both = now.merge(before, on=KEY, how="outer", suffixes=("", " before"), indicator=True)
    counts = both["_merge"].value_counts()
    kept = both[both["_merge"] == "both"]
    found = {"added": int(counts["left_only"]), "removed": int(counts["right_only"])}
    for name in now.columns.drop(KEY):
        one, other = kept[name], kept[f"{name} before"]
        found[str(name)] = int((~((one == other) | (one.isna() & other.isna()))).sum())
    return found


WAYS: dict[str, tuple[Callable[[Any, Any], Counts], str]] = {
    OURS: (ours, "polars"),
    OURS_PANDAS: (ours, "pandas"),
    MERGE: (by_merge, "pandas"),
}


def compared(way: str, rows: int) -> Figures:
    compare, form = WAYS[way]
    *given, truth = tables(rows)
    now, before = [table.to_pandas() if form == "pandas" else table for table in given]
    del given
    compare(now[:FIRST_ROWS], before[:FIRST_ROWS])
    found: Counts = {}
    figures = measured(lambda: found.update(compare(now, before)))
    if found != truth:
        raise PresstimeError(f"{way} found {found}, and the truth is {truth}")
    return figures


def written(way: str, rows: int) -> Figures:
    """A sheet of the same rows, with what changed and without."""
    now, before, _ = tables(rows)
    changes = Changes(before, key=KEY) if way == COMPARED else None
    with tempfile.TemporaryDirectory(prefix="presstime-bench-") as folder:
        path = Path(folder) / "written.xlsx"
        write_workbook(Workbook(Sheet("Data", now[:FIRST_ROWS])), path, created=CREATED)
        book = Workbook(Sheet("Data", now, changes=changes))
        figures = measured(partial(write_workbook, book, path, created=CREATED))
        return figures | {"file_mb": path.stat().st_size / 1_000_000}


def main() -> None:
    way, rows = sys.argv[1:]
    print(json.dumps((compared if way in WAYS else written)(way, int(rows))))


if __name__ == "__main__":
    main()

"""Random edits of a frame are found, every one of them and no other."""

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.workbooks.comparing import compared

EXAMPLES = 60
COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "whole": st.none() | st.integers(-3, 3),
    "part": st.none() | st.sampled_from([0.1, 0.25, -0.0, 1e300, 3.0]),
    "text": st.none() | st.sampled_from(["", "a", "A", " a", "ä"]),
}
KEYS = st.tuples(st.integers(0, 12), st.sampled_from("xy"))
ROWS = st.dictionaries(KEYS, st.fixed_dictionaries(COLUMNS), max_size=14)
Rows = dict[tuple[int, str], dict[str, Any]]


@settings(max_examples=EXAMPLES)
@given(st.data(), ROWS, st.sampled_from(["pandas", "polars", "pyarrow"]))
def test_what_was_edited_is_what_is_found(data: st.DataObject, before: Rows, library: str) -> None:
    now = {key: dict(row) for key, row in before.items() if data.draw(st.booleans())}
    for key in data.draw(st.lists(st.sampled_from(sorted(now)), max_size=5) if now else st.just([])):
        column = data.draw(st.sampled_from(sorted(COLUMNS)))
        now[key][column] = data.draw(COLUMNS[column])
    now |= {key: row for key, row in data.draw(ROWS).items() if key not in before}
    order = data.draw(st.permutations(sorted(now)))

    found = compared(
        frame({key: now[key] for key in order}, library), frame(before, "pyarrow"), key=["n", "s"]
    )

    kept = [key for key in order if key in before]
    cells = {
        (key, column)
        for key in kept
        for column in COLUMNS
        if blank(now[key][column]) != blank(before[key][column])
    }
    assert {(cell.key, cell.column) for cell in found.cells} == cells
    assert [order[row] for row in found.added.tolist()] == [key for key in order if key not in before]
    assert {row[:2] for row in found.first_removed} == set(before) - set(now)
    assert found.removed == len(set(before) - set(now))
    assert found.changed_rows == len({key for key, _ in cells})
    assert found.unchanged == len(kept) - found.changed_rows
    assert all(blank(cell.before) == blank(before[cell.key][cell.column]) for cell in found.cells)  # type: ignore[index] # a key of two


def blank(value: Any) -> Any:
    return None if value == "" else value


def frame(rows: Rows, library: str) -> Any:
    columns = {
        "n": pa.array([key[0] for key in rows], pa.int64()),
        "s": pa.array([key[1] for key in rows], pa.string()),
        "whole": pa.array([row["whole"] for row in rows.values()], pa.int64()),
        "part": pa.array([row["part"] for row in rows.values()], pa.float64()),
        "text": pa.array([row["text"] for row in rows.values()], pa.string()),
    }
    table = pa.table(columns)
    if library == "pandas":
        return pd.DataFrame(table.to_pandas())  # whole numbers become floats where one is missing
    return pl.from_arrow(table) if library == "polars" else table

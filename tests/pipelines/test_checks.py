import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from pipelines import Finding, fail, warn
from pipelines.checks import findings


def test_warn_and_fail_make_findings_that_differ_in_their_outcome() -> None:
    assert warn("late") == Finding("warn", "late")
    assert fail("late") == Finding("fail", "late")


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        (None, None),
        (3, 3),
        (pd.DataFrame({"a": [1, 2]}), 2),
        (pl.DataFrame({"a": [1, 2]}), 2),
        (pa.table({"a": [1, 2]}), 2),
    ],
    ids=["none", "number", "pandas", "polars", "arrow"],
)
def test_a_finding_says_how_many_rows_it_is_about(rows: object, count: int | None) -> None:
    assert warn("late", rows).row_count == count


def test_a_check_may_return_nothing_one_finding_or_several() -> None:
    assert findings(None) == ()
    assert findings(warn("late")) == (warn("late"),)
    assert findings([warn("late"), fail("empty")]) == (warn("late"), fail("empty"))

"""Whatever fits into a cell comes back equal."""

from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from reports.excel.values import MAX_INTEGER
from tests.reports.excel.reading import column_values, written_sheet

EXAMPLES = 40  # of up to 20 cells each
TEXT = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r=_x0041"),
    min_size=1,
)
MOMENTS = st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31, 23))  # noqa: DTZ001 # as Excel's are
CASES: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT,
    "integers": st.integers(-MAX_INTEGER, MAX_INTEGER),
    "floats": st.floats(allow_nan=False, allow_infinity=False),
    "booleans": st.booleans(),
    "dates": st.dates(date(1900, 3, 1)),
    "datetimes": MOMENTS.map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)),
}


@pytest.mark.parametrize("kind", CASES)
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(data=st.data())
def test_values_written_come_back_equal(kind: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(CASES[kind], min_size=1, max_size=20))
    with TemporaryDirectory() as folder:
        ws = written_sheet(Path(folder) / "a.xlsx", pl.DataFrame({"a": values}))
        back = column_values(ws)
    assert [as_given(value, kind) for value in back] == values


def as_given(value: Any, kind: str) -> Any:
    if kind == "dates":
        return value.date()
    return unescape(value) if kind == "text" else value

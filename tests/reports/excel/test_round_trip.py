"""Whatever fits into a sheet comes back equal, from frames of every library and by both ways of writing rows."""
# ruff: noqa: DTZ001 # Excel's datetimes are naive

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from reports import Sheet
from reports.excel.values import MAX_INTEGER
from reports.frames import Frame
from tests.support.workbooks.raw import raw_cells
from tests.support.workbooks.reading import write

EXAMPLES = 12  # frames of up to 5 columns and 12 rows
ROW_PATHS: tuple[Any, ...] = ("columnar", "openpyxl")
EPOCH = datetime(1899, 12, 30)  # day 0 of Excel's calendar, as it is from 1900-03-01 on
DAY = timedelta(days=1)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999_000)  # what is later is written so
MICROSECONDS = 86_400 * 10**6  # of a day
LARGEST_EXACT = 2**53  # microseconds that a double counts one by one
TO_THE_MICROSECOND = 2**16  # days: below, half of a double's last digit is less than half a microsecond
TEXT = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r =_x0041&<>")
)
KINDS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "text": (pa.string(), TEXT),
    "integer": (pa.int64(), st.integers(-MAX_INTEGER, MAX_INTEGER)),
    "float": (pa.float64(), st.floats(allow_infinity=False)),
    "decimal": (pa.decimal128(15, 4), st.decimals(-(10**10), 10**10, places=4)),
    "date": (pa.date32(), st.dates(date(1900, 3, 1))),
    "datetime": (pa.timestamp("us"), st.datetimes(datetime(1900, 3, 1))),
    "time": (pa.time64("us"), st.times()),
    "duration": (pa.duration("us"), st.timedeltas(timedelta(0), timedelta(2_958_465))),
    "boolean": (pa.bool_(), st.booleans()),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=5))
    rows = draw(st.integers(0, 12))
    columns = {}
    for place, kind in enumerate(kinds):
        of_type, values = KINDS[kind]
        drawn = draw(st.lists(values | st.none(), min_size=rows, max_size=rows))
        columns[f"{kind} {place}"] = pa.array(drawn, of_type, from_pandas=False)
    return pa.table(columns)


@pytest.mark.parametrize("library", ["arrow", "polars", "pandas", "objects", "stream"])
@settings(max_examples=EXAMPLES, derandomize=True)
@given(table=tables())
def test_a_frame_written_comes_back_equal(library: str, table: pa.Table) -> None:
    with TemporaryDirectory() as folder:
        for row_path in ROW_PATHS:
            path = Path(folder) / f"{row_path}.xlsx"
            write(path, Sheet("Data", frame_of(library, table)), row_path=row_path)
            back = columns_of(path, table.num_columns)
            for (name, given_values), texts in zip(table.to_pydict().items(), back, strict=True):
                kind = name.partition(" ")[0]
                assert texts[0] == name
                for value, text in zip(given_values, texts[1:], strict=True):
                    check(kind, value, text)


def frame_of(library: str, table: pa.Table) -> Frame:
    makers: Mapping[str, Any] = {
        "arrow": lambda: table,
        "polars": lambda: pl.from_arrow(table),
        "pandas": lambda: table.to_pandas(types_mapper=pd.ArrowDtype),
        "objects": lambda: pd.DataFrame(table.to_pydict(), dtype=object),
        "stream": lambda: iter(table.to_batches(max_chunksize=5) or [table]),
    }
    frame: Frame = makers[library]()
    return frame


def columns_of(path: Path, columns: int) -> list[list[str]]:
    """The texts of each column, header first; every cell is there, a blank too."""
    texts = [unescape(cell.text) if cell.t == "inlineStr" else cell.text for cell in raw_cells(path, 1)]
    return [texts[place::columns] for place in range(columns)]


def check(kind: str, value: Any, text: str) -> None:
    """By the text in the file, which holds more than readers show."""
    if value is None or value == "" or (isinstance(value, float | Decimal) and math.isnan(value)):
        assert text == ""
    elif kind == "text":
        assert text == value
    elif kind in {"datetime", "duration", "time"}:
        stored, passed = Fraction(float(text)), Fraction(microseconds_of(value), MICROSECONDS)
        digits = 1 if passed * MICROSECONDS > LARGEST_EXACT else Fraction(51, 100)  # of the last, at most
        assert abs(stored - passed) <= digits * Fraction(math.ulp(float(passed)))
        if passed < TO_THE_MICROSECOND:
            assert round(stored * MICROSECONDS) == passed * MICROSECONDS
    elif kind == "date":
        assert EPOCH + int(text) * DAY == datetime.combine(value, time())
    else:
        assert Decimal(text) == Decimal(value) if kind != "float" else same_float(float(text), value)


def microseconds_of(value: Any) -> int:
    if isinstance(value, datetime):
        value = min(value, LAST) - EPOCH
    elif isinstance(value, time):
        value = datetime.combine(EPOCH, value) - EPOCH
    return int(value // timedelta(microseconds=1))


def same_float(one: float, other: float) -> bool:
    return one == other and math.copysign(1, one) == math.copysign(1, other)

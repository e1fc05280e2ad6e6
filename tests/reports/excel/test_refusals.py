"""What Excel cannot hold is one clear error that names the cell, and leaves the old file alone."""
# ruff: noqa: DTZ001 # naive datetimes are what these columns hold

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from reports import Column, Sheet, Workbook
from reports.errors import MAX_ROWS, BadCell, BadColumnName, BadColumnType, BadFrame, SheetTooLong
from reports.excel.writer import write_workbook
from reports.frames import Frame
from reports.written import NaiveCreated
from tests.support.workbooks.reading import write


def refused(folder: Path, frame: Frame, error: type[Exception], match: str) -> Any:
    path = folder / "week.xlsx"
    path.write_bytes(b"last week")
    with pytest.raises(error, match=match) as caught:
        write(path, Sheet("Good", pl.DataFrame({"a": [1]})), Sheet("Sales", frame))
    assert path.read_bytes() == b"last week"
    assert list(folder.iterdir()) == [path]
    return caught.value


@pytest.mark.parametrize(
    ("good", "bad", "reason"),
    [
        ("a", "x" * 32_768, "32,768 characters"),
        ("a", "\N{BUS}" * 16_384, "32,768 characters"),
        ("a", "be\x07ll", "control character '.x07' at position 2"),
        ("a", "\ufffe", "control character"),
        ("a", "\ud800", "control character"),
        (1.5, float("inf"), "no infinity"),
        (1.5, float("-inf"), "no infinity"),
        (Decimal(1), Decimal("Infinity"), "no infinity"),
        (1, 10**15, "more than 15 digits"),
        (1, -(10**15), "more than 15 digits"),
        (Decimal(1), Decimal("0.1234567890123456"), "more than 15 digits"),
        (date(1900, 3, 1), date(1900, 2, 28), "before 1900-03-01"),
        (datetime(1900, 3, 1), datetime(1899, 12, 31, 23), "before 1900-03-01"),
        (timedelta(1), timedelta(-1), "negative duration"),
        (timedelta(1), timedelta(days=2_958_466), "2,958,466 days as #####"),
        (timedelta(1), timedelta.max, "999,999,999 days"),
        ("a", [1], "no cell for list"),
        ("a", {"b": 1}, "no cell for dict"),
        ("a", b"bytes", "no cell for bytes"),
        ("a", UUID(int=1), "no cell for UUID"),
        (1, 1j, "no cell for complex"),
    ],
)
def test_a_value_excel_cannot_hold_names_sheet_column_and_row(
    good: object, bad: object, reason: str, tmp_path: Path
) -> None:
    frame = pd.DataFrame({"fine": 1, "amount": pd.Series([good, None, bad], dtype=object)})
    error = refused(tmp_path, frame, BadCell, reason)
    assert (error.sheet, error.column, error.row, error.cell) == ("Sales", "amount", 4, "B4")
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "values",
    [
        pa.array([0.5, float("inf")]),
        pa.array([1, 10**16]),
        pa.array([0, -1_000_000], type=pa.date32()),
        pa.array([0, 10**18], type=pa.timestamp("us")),
        pa.array([0, 10**18], type=pa.timestamp("us", tz="UTC")),
        pa.array([0, 5_000_000], type=pa.date32()),
    ],
)
def test_typed_columns_name_the_row_too(values: Any, tmp_path: Path) -> None:
    error = refused(tmp_path, pa.table({"amount": values}), BadCell, "cell A3")
    assert error.row == 3


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"amount": [[1, 2]]}),
        pl.DataFrame({"amount": [{"a": 1}]}),
        pa.table({"amount": [b"x"]}),
        pd.DataFrame({"amount": pd.period_range("2013-01", periods=1, freq="M")}),
        pd.DataFrame({"amount": np.array([1j])}),
    ],
    ids=["list", "struct", "binary", "period", "complex"],
)
def test_a_type_without_a_cell_names_its_column(frame: Frame, tmp_path: Path) -> None:
    assert refused(tmp_path, frame, BadColumnType, "'amount'").sheet == "Sales"


def test_half_aware_datetimes_are_refused(tmp_path: Path) -> None:
    values = pd.Series([datetime(2013, 1, 1), datetime(2013, 1, 1, tzinfo=UTC)], dtype=object)
    refused(tmp_path, pd.DataFrame({"amount": values}), BadColumnType, "only some have a time zone")


def test_a_table_too_long_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, pa.table({"a": pa.nulls(MAX_ROWS)}), SheetTooLong, "1,048,577 rows")
    assert error.rows == MAX_ROWS + 1


def test_an_index_that_carries_something_is_not_lost_in_silence(tmp_path: Path) -> None:
    grouped = pd.DataFrame({"carrier": ["UA"], "n": [1]}).groupby("carrier").sum()
    refused(tmp_path, grouped, BadFrame, r"index \(carrier\) would be lost.*reset_index")
    refused(tmp_path, pd.DataFrame({"n": [1]}, index=["UA"]), BadFrame, "would be lost")


def test_the_index_of_a_filtered_frame_carries_nothing(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [1, 2, 3]})
    assert write(tmp_path / "a.xlsx", Sheet("A", frame[frame.n > 1])).rows == {"A": 2}


def test_an_empty_header_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, pl.DataFrame({"": [1]}), BadColumnName, "header is empty")


def test_a_naive_time_of_creation_is_refused(tmp_path: Path) -> None:
    workbook = Workbook(Sheet("A", pl.DataFrame({"a": [1]}), columns={"a": Column("A")}))
    with pytest.raises(NaiveCreated):
        write_workbook(workbook, tmp_path / "a.xlsx", created=datetime(2013, 1, 1))


def test_a_write_that_fails_at_the_last_moment_leaves_no_draft(tmp_path: Path) -> None:
    taken = tmp_path / "a.xlsx"
    taken.mkdir()
    with pytest.raises(OSError, match="directory"):
        write(taken, Sheet("A", pl.DataFrame({"a": [1]})))
    assert list(tmp_path.iterdir()) == [taken]


def test_the_least_duration_below_nothing_is_refused_and_nothing_is_not(tmp_path: Path) -> None:
    """Excel shows a negative duration as ####, however short it is."""
    write(tmp_path / "a.xlsx", Sheet("Good", pl.DataFrame({"a": [timedelta(0)]})))

    folder = tmp_path / "refused"
    folder.mkdir()
    refused(folder, pl.DataFrame({"a": [timedelta(microseconds=-1)]}), BadCell, "negative duration")

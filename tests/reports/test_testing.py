"""What authors' tests read is what was written."""
# ruff: noqa: DTZ001 # Excel's datetimes are naive, so what comes back is

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pytest

from reports import Column, Figures, Formula, Sheet, Table, Text, Workbook
from reports.excel.writer import write_workbook
from reports.reading.errors import UnknownSheet
from reports.testing import (
    Difference,
    NotAWorkbook,
    assert_workbooks_equal,
    differences,
    read_cells,
    read_workbook,
)
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.reading import CREATED

Make = Callable[..., Path]
VALUES: dict[str, list[Any]] = {
    "text": ["a", None, " _x0041_ & b\n"],
    "whole": [1, None, -3],
    "number": [0.1 + 0.2, None, 2.5],
    "day": [date(2013, 1, 5), None, date(1900, 3, 1)],
    "moment": [datetime(2013, 1, 5, 13, 45), None, datetime(2013, 1, 6)],
    "time": [time(13, 45, 30), None, time(0)],
    "took": [timedelta(hours=30, minutes=5), None, timedelta(0)],
    "late": [True, None, False],
    "none": [None, None, None],
}


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes workbooks, each to a file of its own."""

    def one(*sheets: Sheet, **options: Any) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.xlsx"
        write_workbook(Workbook(*sheets), path, created=CREATED, **options)
        return path

    return one


@pytest.mark.parametrize("row_path", ["columnar", "openpyxl"])
def test_every_kind_of_value_comes_back_with_its_type(make: Make, row_path: str) -> None:
    path = make(Sheet("Data", pl.DataFrame(VALUES)), row_path=row_path, about=ABOUT)

    (frame,) = read_workbook(path).values()

    assert list(frame.columns) == list(VALUES)
    for name, values in VALUES.items():
        back = [None if pd.isna(value) else value for value in frame[name]]
        assert back == values, name
        kinds = {type(value) for value in values if value is not None}
        assert all(isinstance(value, tuple(kinds | {float})) for value in back if value is not None), name


def test_columns_without_gaps_have_the_dtypes_that_pandas_gives_such_values(make: Make) -> None:
    frame = pd.DataFrame({"n": [1, 2], "x": [0.5, 1.5], "b": [True, False], "s": ["a", "b"]})
    frame["at"] = pd.to_datetime(["2013-01-05 06:00", "2013-01-06 07:30"])

    back = read_workbook(make(Sheet("Data", frame)))["Data"]

    pd.testing.assert_frame_equal(back, frame.astype({"at": back["at"].dtype}))


def test_a_frame_without_rows_has_its_columns(make: Make) -> None:
    back = read_workbook(make(Sheet("Data", pl.DataFrame(schema={"a": pl.Int64, "b": pl.String}))))["Data"]

    assert (list(back.columns), len(back)) == (["a", "b"], 0)


def test_headers_are_those_of_the_sheet_even_twice(make: Make) -> None:
    frame = pd.DataFrame({"a": [1], "b": [2], "at": [pd.Timestamp("2013-07-01", tz="UTC")]})
    path = make(Sheet("Data", frame, columns={"a": Column("Same"), "b": Column("Same")}))

    assert list(read_workbook(path)["Data"].columns) == ["Same", "Same", "at (UTC)"]


def test_the_table_is_found_between_text_and_notes_without_its_totals(make: Make) -> None:
    table = Table(pd.DataFrame({"shop": ["a", "b"], "amount": [1.5, 2]}), totals={"amount": "sum"})
    path = make(Sheet("Data", Text("Title\nmore", "title"), Figures({"n": 1}), table, notes=["a note"]))

    back = read_workbook(path)["Data"]

    assert back.to_dict("list") == {"shop": ["a", "b"], "amount": [1.5, 2]}
    cells = read_cells(path)["Data"]
    assert (cells["A1"], cells["B4"], cells["B9"], cells["A11"]) == ("Title", 1, 3.5, "a note")


def test_a_blank_row_of_a_table_is_not_its_end(make: Make) -> None:
    frame = pd.DataFrame({"a": [1, None, 3], "b": ["x", None, "y"]})

    assert len(read_workbook(make(Sheet("Data", frame)))["Data"]) == 3


def test_the_second_table_of_a_sheet_is_read_by_the_number_of_its_header(make: Make) -> None:
    tables = [Table(pd.DataFrame({name: [1, 2]})) for name in "ab"]
    path = make(Sheet("Data", *tables))

    assert read_workbook(path)["Data"].to_dict("list") == {"a": [1, 2]}
    assert read_workbook(path, headers={"Data": 5})["Data"].to_dict("list") == {"b": [1, 2]}
    with pytest.raises(UnknownSheet, match="no sheet 'Dta'; did you mean 'Data'"):
        read_workbook(path, headers={"Dta": 5})


def test_a_workbook_that_openpyxl_saved_is_read_too(make: Make) -> None:
    path = make(Sheet("Data", pd.DataFrame({"a": ["x", "y"], "day": [date(2013, 1, 5)] * 2})))
    book = openpyxl.load_workbook(path)
    book.save(path)

    assert read_workbook(path)["Data"].to_dict("list") == {"a": ["x", "y"], "day": [date(2013, 1, 5)] * 2}


def test_equal_workbooks_have_no_differences_whatever_way_they_were_written(make: Make) -> None:
    frame = pl.DataFrame(VALUES)
    paths = [
        make(Sheet("Data", frame), row_path="columnar"),
        make(Sheet("Data", frame), row_path="openpyxl", deflate="fast"),
        make(Sheet("Data", frame), about=ABOUT),
    ]

    assert_workbooks_equal(paths[0], paths[1])
    assert_workbooks_equal(paths[0], paths[2])
    (found,) = differences(paths[0], paths[2], about=True)
    assert found == Difference("About", None, None, "a sheet")


def test_a_difference_names_sheet_cell_and_both_values(make: Make) -> None:
    one = make(Sheet("Data", pd.DataFrame({"a": [1, 2], "b": [True, "x"]})))
    other = make(Sheet("Data", pd.DataFrame({"a": [1, 3, 4], "b": [1, "x", None]})))

    assert differences(one, other) == [
        Difference("Data", "B2", True, 1),
        Difference("Data", "A3", 2, 3),
        Difference("Data", "A4", None, 4),
    ]
    with pytest.raises(AssertionError) as caught:
        assert_workbooks_equal(one, other)
    assert str(caught.value).splitlines() == [
        "3 differences:",
        "sheet 'Data', cell B2: True in the first, 1 in the second",
        "sheet 'Data', cell A3: 2 in the first, 3 in the second",
        "sheet 'Data', cell A4: None in the first, 4 in the second",
    ]


def test_sheets_that_are_missing_or_elsewhere_are_differences(make: Make) -> None:
    frame = pd.DataFrame({"a": [1]})
    a, b, c = (Sheet(name, frame) for name in "ABC")

    assert differences(make(a, b), make(a, c)) == [
        Difference("B", None, "a sheet", None),
        Difference("C", None, None, "a sheet"),
    ]
    assert differences(make(a, b), make(b, a)) == [Difference("A", None, "sheet 1", "sheet 2")]


def test_a_formula_and_its_value_are_not_the_same(make: Make) -> None:
    frame = pd.DataFrame({"a": pd.Series([Formula("1+1", 2)], dtype=object)})

    found = differences(make(Sheet("Data", frame)), make(Sheet("Data", pd.DataFrame({"a": [2]}))))

    assert found == [Difference("Data", "A2", "=1+1", 2)]


def test_many_differences_are_counted_and_not_all_listed(make: Make) -> None:
    one, other = (make(Sheet("Data", pd.DataFrame({"a": range(start, start + 100)}))) for start in (0, 100))

    with pytest.raises(AssertionError, match=r"100 differences:(?s:.*)\.\.\. and 80 more$"):
        assert_workbooks_equal(one, other)


def test_what_is_no_workbook_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("a,b\n1,2\n")

    with pytest.raises(NotAWorkbook, match=r"a\.xlsx cannot be read as \.xlsx: File is not a zip file"):
        read_workbook(tmp_path / "a.xlsx")


def test_instants_come_back_as_the_sheet_shows_them(make: Make) -> None:
    frame = pd.DataFrame({"at": [datetime(2013, 7, 1, 16, 30, 0, 500_000, tzinfo=UTC)]})

    assert read_cells(make(Sheet("Data", frame)))["Data"]["A2"] == datetime(2013, 7, 1, 16, 30, 0, 500_000)

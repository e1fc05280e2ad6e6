"""What is written is what was given, for frames of every library."""
# ruff: noqa: DTZ001 # Excel's datetimes are naive, so what comes back is

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from openpyxl import load_workbook

from reports import Column, Sheet, Workbook
from reports.excel.writer import write_workbook
from reports.frames import Frame
from tests.support.workbooks.raw import raw_cells
from tests.support.workbooks.reading import CREATED, column_values, sheet_of, write, written_sheet

NEW_YORK = ZoneInfo("America/New_York")


class Airport(StrEnum):
    JFK = "JFK"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([1, None, -3], "#,##0"),
        ([0.1 + 0.2, None, 1e-300], "#,##0.00"),
        ([Decimal("1.10"), None, Decimal("-2.5")], "#,##0.00"),
        ([date(2013, 1, 5), None, date(1900, 3, 1)], "yyyy-mm-dd"),
        ([datetime(2013, 1, 5, 13, 45), None, datetime(1900, 3, 1)], "yyyy-mm-dd hh:mm"),
        ([datetime(2013, 1, 5, 13, 45, 59, 123000)], "yyyy-mm-dd hh:mm:ss"),
        ([time(13, 45, 30), None], "hh:mm:ss"),
        ([timedelta(hours=30, minutes=5), None], "[h]:mm:ss"),
        ([True, None, False], '"TRUE";"TRUE";"FALSE"'),
        (["a", None, " b\n", "é\N{BUS}"], "General"),
    ],
)
@pytest.mark.parametrize("library", ["objects", "pandas", "arrow", "polars", "lazy"])
def test_values_come_back_typed_and_equal(library: str, values: list[Any], code: str, tmp_path: Path) -> None:
    ws = written_sheet(tmp_path / "a.xlsx", frame_of(library, values))
    back = column_values(ws)
    typed = [value.date() if type(values[0]) is date and value else value for value in back]
    assert typed == [float(v) if isinstance(v, Decimal) else v for v in values]
    as_numbers = {int: {int, float}, Decimal: {int, float}}  # a number in a file has no type of its own
    assert {type(v) for v in typed if v is not None} <= as_numbers.get(type(values[0]), {type(values[0])})
    assert ws["A2"].number_format == code


def frame_of(library: str, values: list[Any]) -> Frame:
    makers: dict[str, Any] = {
        "objects": lambda: pd.DataFrame({"a": pd.Series(values, dtype=object)}),
        "pandas": lambda: pd.DataFrame({"a": values}),
        "arrow": lambda: pa.table({"a": values}),
        "polars": lambda: pl.DataFrame({"a": values}),
        "lazy": lambda: pl.LazyFrame({"a": values}),
    }
    frame: Frame = makers[library]()
    return frame


@pytest.mark.parametrize("text", ["=1+1", "=", "+1", "#N/A", "#REF!", "007", "1e5", "TRUE", "a\r\nb"])
def test_text_stays_text_whatever_it_looks_like(text: str, tmp_path: Path) -> None:
    ws = written_sheet(tmp_path / "a.xlsx", pd.DataFrame({"a": [text]}), {"a": Column(header=text)})
    assert [(cell.value, cell.data_type) for cell in (ws["A1"], ws["A2"])] == [(text, "s"), (text, "s")]


def test_text_that_looks_like_an_escape_is_escaped_as_excel_does(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["_x0041_ and _x00zz_"]})
    ws = written_sheet(tmp_path / "a.xlsx", frame, {"a": Column("_x0041_")})
    assert ws["A1"].value == "_x005F_x0041_"  # openpyxl does not undo it in inline text, Excel does
    assert ws["A2"].value == "_x005F_x0041_ and _x00zz_"


def test_every_way_to_say_missing_is_a_blank_cell(tmp_path: Path) -> None:
    missing = [None, np.nan, pd.NaT, pd.NA, Decimal("NaN"), np.datetime64("NaT"), np.float32("nan"), ""]
    ws = written_sheet(tmp_path / "a.xlsx", pd.DataFrame({"a": pd.Series(missing, dtype=object), "b": 1}))
    assert column_values(ws) == [None] * len(missing)


def test_a_nan_that_its_library_tells_from_null_is_noted(tmp_path: Path) -> None:
    written = write_frame(tmp_path, pl.DataFrame({"a": [1.5, float("nan"), None]}))
    assert written.notes == ("sheet 'Data', column 'a': NaN, now blank cells: 1 (first in A3)",)
    assert write_frame(tmp_path, pd.DataFrame({"a": [1.5, None]})).notes == ()


def test_cut_nanoseconds_are_noted(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series([1], dtype="datetime64[ns]")})
    assert write_frame(tmp_path, frame).notes == (
        "sheet 'Data', column 'a': values with nanoseconds, cut to microseconds: 1",
    )


def write_frame(folder: Path, frame: Frame) -> Any:
    return write(folder / "a.xlsx", Sheet("Data", frame))


def test_numpy_scalars_and_enums_are_plain_values(tmp_path: Path) -> None:
    given = [
        np.int64(3),
        np.float32(0.5),
        np.bool_(True),
        np.str_("x"),
        Airport.JFK,
        np.datetime64("2013-01-05"),
    ]
    ws = written_sheet(tmp_path / "a.xlsx", pd.DataFrame({"a": pd.Series(given, dtype=object)}))
    assert column_values(ws) == [3, 0.5, True, "x", "JFK", datetime(2013, 1, 5)]


def test_a_mixed_column_types_each_cell_by_itself(tmp_path: Path) -> None:
    given = ["a", 1, None, date(2013, 1, 5), True, 2.5]
    ws = written_sheet(tmp_path / "a.xlsx", pd.DataFrame({"a": pd.Series(given, dtype=object)}))
    assert column_values(ws) == ["a", 1, None, datetime(2013, 1, 5), True, 2.5]
    assert [ws.cell(row, 1).data_type for row in (2, 3, 5, 6, 7)] == ["s", "n", "d", "b", "n"]
    assert ws["A5"].number_format == "yyyy-mm-dd"


def test_integers_floats_and_decimals_together_are_numbers(tmp_path: Path) -> None:
    given = [1, 2.5, Decimal("3.5")]
    ws = written_sheet(tmp_path / "a.xlsx", pd.DataFrame({"a": pd.Series(given, dtype=object)}))
    assert column_values(ws) == [1, 2.5, 3.5]


def test_a_category_is_written_as_what_it_stands_for(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Categorical(["x", None, "y"]), "b": pd.Categorical([3, 1, 3])})
    ws = written_sheet(tmp_path / "a.xlsx", frame)
    assert column_values(ws) == ["x", None, "y"]
    assert column_values(ws, 2) == [3, 1, 3]
    assert column_values(
        written_sheet(tmp_path / "b.xlsx", pl.DataFrame({"a": pl.Series(["x"], dtype=pl.Categorical)}))
    ) == ["x"]


def test_as_text_keeps_every_digit(tmp_path: Path) -> None:
    frame = pa.table({"a": [10**17 + 1], "b": [Decimal("0.12345678901234567890")], "c": [date(1850, 1, 1)]})
    columns = {name: Column(as_text=True) for name in "abc"}
    ws = written_sheet(tmp_path / "a.xlsx", frame, columns)
    row = next(ws.iter_rows(min_row=2, values_only=True))
    assert row == ("100000000000000001", "0.12345678901234567890", "1850-01-01")
    assert ws["A2"].number_format == "@"


@pytest.mark.parametrize("library", ["objects", "pandas", "arrow", "polars"])
def test_instants_are_shown_in_the_writers_zone_and_the_header_says_so(library: str, tmp_path: Path) -> None:
    frame = frame_of(library, [datetime(2013, 7, 1, 16, 30, tzinfo=UTC)])
    ws = written_sheet(tmp_path / "a.xlsx", frame, {"a": Column("Left")}, zone=NEW_YORK)
    assert (ws["A1"].value, ws["A2"].value) == ("Left (America/New_York)", datetime(2013, 7, 1, 12, 30))


@pytest.mark.parametrize("library", ["objects", "pandas", "polars"])
def test_without_a_zone_instants_keep_their_columns_own(library: str, tmp_path: Path) -> None:
    frame = frame_of(library, [datetime(2013, 7, 1, 12, 30, tzinfo=NEW_YORK)])
    if library == "polars":
        frame = pl.DataFrame(
            {
                "a": pl.Series([datetime(2013, 7, 1, 16, 30)])
                .dt.replace_time_zone("UTC")
                .dt.convert_time_zone("America/New_York")
            }
        )
    ws = written_sheet(tmp_path / "a.xlsx", frame)
    assert (ws["A1"].value, ws["A2"].value) == ("a (America/New_York)", datetime(2013, 7, 1, 12, 30))


def test_a_fixed_offset_is_shown_as_utc(tmp_path: Path) -> None:
    frame = pa.table({"a": pa.array([0], type=pa.timestamp("us", tz="+02:00"))})
    ws = written_sheet(tmp_path / "a.xlsx", frame)
    assert (ws["A1"].value, ws["A2"].value) == ("a (UTC)", datetime(1970, 1, 1))


def test_an_authors_format_and_header_win(tmp_path: Path) -> None:
    frame = pd.DataFrame({"share_on_time": [0.773]})
    for form in ("0.0%", "percent"):
        ws = written_sheet(tmp_path / "a.xlsx", frame, {"share_on_time": Column("On time", format=form)})
        assert (ws["A1"].value, ws["A2"].value, ws["A2"].number_format) == ("On time", 0.773, "0.0%")


def test_a_frame_without_rows_is_a_sheet_with_a_header(tmp_path: Path) -> None:
    ws = written_sheet(tmp_path / "a.xlsx", pl.DataFrame(schema={"a": pl.Int64, "b": pl.String}))
    assert [[cell.value for cell in row] for row in ws.iter_rows()] == [["a", "b"]]


def test_read_only_readers_see_every_row(tmp_path: Path) -> None:
    written_sheet(tmp_path / "a.xlsx", pl.DataFrame({"a": [1, 2], "b": [3, 4]}))
    book = load_workbook(tmp_path / "a.xlsx", read_only=True)
    assert list(book["Data"].iter_rows(values_only=True)) == [("a", "b"), (1, 3), (2, 4)]
    book.close()


def test_the_authors_example_is_a_workbook_of_two_sheets(tmp_path: Path) -> None:
    frame = pd.DataFrame({"carrier": ["UA"], "share_on_time": [0.773]})
    departures = pl.LazyFrame({"carrier": ["UA", "B6"], "delay": [2, None]})
    workbook = Workbook(
        Sheet("By carrier", frame, columns={"share_on_time": Column("On time", format="0.0%")}),
        Sheet("Departures", departures),
        title="Flight punctuality",
    )
    written = write_workbook(workbook, tmp_path / "a.xlsx", created=CREATED)
    book = load_workbook(tmp_path / "a.xlsx")
    assert (book.sheetnames, book.properties.title) == (["By carrier", "Departures"], "Flight punctuality")
    assert written.rows == {"By carrier": 1, "Departures": 2}
    assert column_values(sheet_of(book, "Departures"), 2) == [2, None]


@pytest.mark.parametrize("name", ["Bob's sheet", "P & L <2013>", "=A1", "\N{BUS}", 'say "so"'])
def test_any_name_that_excel_allows_keeps_its_print_titles_and_filter(name: str, tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet(name, pl.DataFrame({"a": [1]})))
    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), name)
    assert (ws.print_title_rows, ws.auto_filter.ref) == ("$1:$1", "A1:A2")


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        (["a", " b"], [False, True]),
        (["a", "b "], [False, True]),
        ([" a", " b"], [True, True]),
        (["a ", "b "], [True, True]),
        (["\ta", None, "b\n"], [True, True]),
        (["a", "b c"], [False, False]),
    ],
)
def test_outer_blanks_are_kept_wherever_they_stand(
    values: list[str | None], kept: list[bool], tmp_path: Path
) -> None:
    write(tmp_path / "a.xlsx", Sheet("Data", pa.table({"a": values})), row_path="columnar")
    texts = [cell for cell in raw_cells(tmp_path / "a.xlsx", 1) if cell.r != "A1" and cell.text]
    assert [cell.text for cell in texts] == [value for value in values if value]
    assert [cell.keeps for cell in texts] == kept  # without it, Excel drops them

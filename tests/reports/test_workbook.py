"""What an author may not ask for is refused where it is asked for."""

from dataclasses import FrozenInstanceError

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from reports import BadWorkbook, Column, Sheet, Workbook
from reports.errors import (
    MAX_COLUMNS,
    BadColumn,
    BadColumnName,
    BadFrame,
    BadSheetName,
    BadTitle,
    NoSheets,
    SheetTooWide,
    UnknownColumn,
)
from reports.frames import Frame

FRAME = pd.DataFrame({"carrier": ["UA"], "share_on_time": [0.77]})


def test_a_workbook_keeps_its_sheets_in_order() -> None:
    workbook = Workbook(Sheet("B", FRAME), Sheet("A", FRAME), title="Flights")
    assert [sheet.name for sheet in workbook.sheets] == ["B", "A"]
    assert workbook.title == "Flights"


def test_a_workbook_cannot_be_changed() -> None:
    workbook = Workbook(Sheet("A", FRAME))
    with pytest.raises(FrozenInstanceError):
        workbook.title = "other"  # type: ignore[misc] # the very thing that must fail


def test_a_workbook_without_sheets_is_refused() -> None:
    with pytest.raises(NoSheets):
        Workbook()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("x" * 32, "32 characters"),
        ("\N{BUS}" * 16, "32 characters"),
        ("a/b", "remove '/'"),
        ("a[b", "remove '['"),
        ("  ", "needs a name"),
        ("'quoted", "apostrophe"),
        ("bell\x07", "control character"),
        ("About", "rename yours"),
        ("about", "rename yours"),
        ("History", "Excel keeps this name"),
    ],
)
def test_a_sheet_name_that_excel_refuses_is_an_error(name: str, reason: str) -> None:
    with pytest.raises(BadSheetName, match=reason.replace("[", r"\[")) as caught:
        Workbook(Sheet(name, FRAME))
    assert caught.value.sheet == name


def test_a_sheet_name_of_31_characters_is_fine() -> None:
    assert Workbook(Sheet("x" * 31, FRAME)).sheets[0].name == "x" * 31


def test_sheet_names_that_differ_only_in_case_are_refused() -> None:
    with pytest.raises(BadSheetName, match="'Sales' already"):
        Workbook(Sheet("Sales", FRAME), Sheet("SALES", FRAME))


def test_a_misspelt_column_is_named_with_the_one_meant() -> None:
    with pytest.raises(UnknownColumn, match="did you mean 'share_on_time'") as caught:
        Sheet("By carrier", FRAME, columns={"share_on_tim": Column("On time")})
    assert (caught.value.sheet, caught.value.column) == ("By carrier", "share_on_tim")


@pytest.mark.parametrize(
    "frame",
    [FRAME, pa.Table.from_pandas(FRAME), pl.DataFrame({"carrier": []}), pl.LazyFrame({"carrier": []})],
)
def test_columns_are_checked_in_frames_of_every_library(frame: Frame) -> None:
    with pytest.raises(UnknownColumn, match="did you mean 'carrier'"):
        Sheet("A", frame, columns={"carier": Column("x")})


def test_a_frame_of_another_kind_is_refused() -> None:
    with pytest.raises(BadFrame, match="its frame is a list"):
        Sheet("A", [1, 2])


def test_a_repeated_column_name_is_refused() -> None:
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(BadColumnName, match="twice"):
        Workbook(Sheet("A", frame))


def test_column_names_that_are_no_text_are_refused_but_whole_numbers_are_taken() -> None:
    with pytest.raises(BadColumnName, match="must be text"):
        Sheet("A", pd.DataFrame({("a", "b"): [1]}))
    assert Sheet("A", pd.DataFrame({2013: [1]}), columns={"2013": Column("Year 2013")}).name == "A"


def test_a_frame_without_columns_is_refused() -> None:
    with pytest.raises(BadFrame, match="no columns"):
        Sheet("A", pd.DataFrame())


def test_a_frame_that_is_too_wide_is_refused() -> None:
    frame = pa.table({f"c{number}": pa.nulls(0) for number in range(MAX_COLUMNS + 1)})
    with pytest.raises(SheetTooWide, match="16,385 columns"):
        Sheet("A", frame)


def test_a_format_name_that_does_not_exist_is_named_with_the_one_meant() -> None:
    with pytest.raises(BadColumn, match="did you mean 'percent'"):
        Column(format="precent")


@pytest.mark.parametrize("code", ["", '0 "open', "[h:mm", "0\n", "0" * 256])
def test_a_format_code_that_excel_cannot_read_is_refused(code: str) -> None:
    with pytest.raises(BadColumn):
        Column(format=code)


@pytest.mark.parametrize("width", [0, -1, 256, float("nan")])
def test_a_width_that_excel_cannot_set_is_refused(width: float) -> None:
    with pytest.raises(BadColumn):
        Column(width=width)


@pytest.mark.parametrize("title", ["x" * 256, "bell\x07"])
def test_a_title_that_excel_cannot_store_is_refused(title: str) -> None:
    with pytest.raises(BadTitle):
        Workbook(Sheet("A", FRAME), title=title)


def test_every_refusal_is_a_bad_workbook() -> None:
    with pytest.raises(BadWorkbook):
        Column(header="\x00")


@pytest.mark.parametrize("width", [0.1, 1, 255])
def test_a_width_that_excel_can_set_is_taken(width: float) -> None:
    assert Column(width=width).width == width

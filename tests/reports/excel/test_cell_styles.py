"""A reader can read it: header, widths, alignment, print set-up."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from openpyxl import load_workbook

from reports import Column, Sheet, Workbook
from reports.excel.widths import WIDEST, header_lines, header_width
from reports.excel.writer import write_workbook
from reports.palette import SERIES
from tests.support.workbooks.package import xml
from tests.support.workbooks.reading import CREATED, sheet_of, write

FRAME = pd.DataFrame({"carrier": ["United"], "flights": [4637], "cancelled": [True]})


def test_the_header_is_bold_on_a_light_ground_with_a_rule_below(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME))
    cell = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")["A1"]
    assert (cell.font.b, cell.fill.fgColor.rgb, cell.border.bottom.style) == (True, "00F1EEE7", "thin")
    assert cell.alignment.wrap_text


def test_the_header_stays_in_view_and_filters(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME), Sheet("B", FRAME, freeze=False, filter=False))
    book = load_workbook(tmp_path / "a.xlsx")
    a, b = sheet_of(book, "A"), sheet_of(book, "B")
    assert (a.freeze_panes, a.auto_filter.ref) == ("A2", "A1:C2")
    assert (b.freeze_panes, b.auto_filter.ref) == (None, None)


def test_numbers_stand_right_and_text_left_with_their_headers(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME))
    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")
    assert [[ws.cell(r, c).alignment.horizontal for c in (1, 2)] for r in (1, 2)] == [["left", "right"]] * 2


def test_blank_cells_keep_their_columns_format(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", pl.DataFrame({"a": [1, None]})))
    assert sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")["A3"].number_format == "#,##0"


def test_a_sheet_prints_with_its_header_on_every_page_and_page_numbers(tmp_path: Path) -> None:
    wide = pl.DataFrame({f"column {number}": ["some text"] for number in range(12)})
    workbook = Workbook(Sheet("A", FRAME), Sheet("Wide", wide), title="Profit & loss")
    write_workbook(workbook, tmp_path / "a.xlsx", created=CREATED)
    book = load_workbook(tmp_path / "a.xlsx")
    ws = sheet_of(book, "A")
    assert ws.print_title_rows == "$1:$1"
    assert ws.oddFooter is not None
    assert (ws.oddFooter.left.text, ws.oddFooter.right.text) == ("Profit && loss", "&P / &N")
    assert (ws.page_setup.orientation, ws.page_setup.fitToHeight) == ("portrait", 0)
    assert sheet_of(book, "Wide").page_setup.orientation == "landscape"


def test_a_width_by_the_author_wins(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, columns={"carrier": Column(width=33)}))
    assert sheet_of(load_workbook(tmp_path / "a.xlsx"), "A").column_dimensions["A"].width == 33


@pytest.mark.parametrize(("text", "at_least"), [("x" * 30, 30), ("\u65e5" * 10, 20), ("ab\n" + "x" * 20, 20)])
def test_a_column_is_as_wide_as_its_text(text: str, at_least: int, tmp_path: Path) -> None:
    assert at_least < written_width(tmp_path, [text]) < at_least + 6


def test_a_column_of_long_text_stops_at_a_bound_and_wraps(tmp_path: Path) -> None:
    assert written_width(tmp_path, ["x" * 500]) == WIDEST
    cell = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")["A2"]
    assert (cell.alignment.wrap_text, cell.alignment.vertical) == (True, "center")


def test_one_large_number_far_down_is_not_shown_as_hashes(tmp_path: Path) -> None:
    numbers = [1] * 5_000 + [-123456789012345] + [1] * 5_000
    assert written_width(tmp_path, numbers) >= len("-123,456,789,012,345") + 1


def test_a_long_header_wraps_at_words() -> None:
    assert header_lines("Mean arrival delay (minutes)", header_width("Mean arrival delay (minutes)")) == 2
    assert header_lines("On time", header_width("On time")) == 1


def written_width(folder: Path, values: Sequence[object]) -> float:
    write(folder / "a.xlsx", Sheet("A", pl.DataFrame({"h": values})))
    return float(sheet_of(load_workbook(folder / "a.xlsx"), "A").column_dimensions["A"].width)


def test_the_first_sheet_alone_is_open(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME), Sheet("B", FRAME))
    book = load_workbook(tmp_path / "a.xlsx")
    assert [bool(sheet_of(book, name).sheet_view.tabSelected) for name in ("A", "B")] == [True, False]


def test_what_a_reader_adds_by_hand_gets_the_same_colours(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME))
    theme = xml(tmp_path / "a.xlsx", "xl/theme/theme1.xml")
    accents = [theme.xpath(f"string(//*[local-name()='accent{number}']/*/@val)") for number in range(1, 7)]
    assert accents == list(SERIES[:6])

"""Previews of workbooks: what a person would see in Excel, and no more of the file than that takes."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from reports import About, Sheet
from reports.reading.book import SheetInfo
from reports.reading.errors import UnknownSheet
from tests.support.real_data import real_data
from tests.support.workbooks.previews import by_hand, preview
from tests.support.workbooks.reading import write

WHEN = datetime(2013, 1, 31, 18, 51, 55)  # noqa: DTZ001 # a sheet's times have no zone

DIGITS = "12345678901234567890"  # more than a number keeps


def book(path: Path) -> tuple[openpyxl.Workbook, Worksheet]:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.title = "First"
    assert not path.exists()
    return made, sheet


def test_values_of_our_own_workbooks_come_back_as_they_were_given(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "whole": [1, 2],
            "part": [0.1, None],
            "text": ["_x0041_ plain", "=SUM(A1)"],
            "day": [date(2013, 1, 31), None],
            "at": [WHEN, WHEN + timedelta(milliseconds=250)],
            "hour": [time(6, 30), time(0)],
            "took": [timedelta(hours=30, minutes=15), timedelta(0)],
            "yes": [True, False],
            "wide": [DIGITS, None],
        }
    )
    write(tmp_path / "a.xlsx", Sheet("Data", frame), Sheet("Other", frame[["whole"]]))

    seen = preview(tmp_path / "a.xlsx")

    assert seen.rows == [
        list(frame.columns),
        [1, 0.1, "_x0041_ plain", "2013-01-31", "2013-01-31T18:51:55", "06:30:00", "PT30H15M", True, DIGITS],
        [2, None, "=SUM(A1)", None, "2013-01-31T18:51:55.250000", "00:00:00", "PT0S", False, None],
    ]
    assert seen.sheets == (SheetInfo("Data", 3), SheetInfo("Other", 3))
    assert (seen.sheet, seen.more_rows, seen.more_columns, seen.cut) == ("Data", False, False, ())


def test_the_about_sheet_is_shown_like_any_other(tmp_path: Path) -> None:
    about = About("daily-sales", "Sales", "1.0+abc", params={"origin": "JFK"})
    write(tmp_path / "a.xlsx", Sheet("Data", pd.DataFrame({"n": [1]})), about=about)

    seen = preview(tmp_path / "a.xlsx", "about")

    assert seen.sheet == "About"
    assert seen.rows[0][0] == "Sales"
    assert seen.rows[1] == [None] * len(seen.rows[0])
    assert ["Pipeline", "daily-sales"] in [row[:2] for row in seen.rows]


def test_merged_titles_blank_rows_and_gaps_stay_where_they_are(tmp_path: Path) -> None:
    made, sheet = book(tmp_path / "a.xlsx")
    sheet["B2"] = "A title"
    sheet.merge_cells("B2:E2")
    sheet["A5"], sheet["D5"] = "left", "right"
    made.save(tmp_path / "a.xlsx")

    assert preview(tmp_path / "a.xlsx").rows == [
        [None] * 4,
        [None, "A title", None, None],
        [None] * 4,
        [None] * 4,
        ["left", None, None, "right"],
    ]


def test_hidden_sheets_are_named_and_not_shown_first(tmp_path: Path) -> None:
    made, sheet = book(tmp_path / "a.xlsx")
    sheet.sheet_state = "hidden"
    made.create_sheet("Deep").sheet_state = "veryHidden"
    made.create_sheet("Shown").append(["x"])
    made.save(tmp_path / "a.xlsx")

    seen = preview(tmp_path / "a.xlsx")

    assert seen.sheet == "Shown"
    assert [(one.name, one.hidden) for one in seen.sheets] == [
        ("First", True),
        ("Deep", True),
        ("Shown", False),
    ]
    assert preview(tmp_path / "a.xlsx", "Deep").sheet == "Deep"


def test_rows_and_columns_behind_the_last_shown_are_told(tmp_path: Path) -> None:
    made, sheet = book(tmp_path / "a.xlsx")
    for number in range(60):
        sheet.append([number] * 250)
    made.save(tmp_path / "a.xlsx")

    some = preview(tmp_path / "a.xlsx")
    every = preview(tmp_path / "a.xlsx", rows=60)
    corner = preview(tmp_path / "a.xlsx", rows=2, columns=3)

    assert (len(some.rows), len(some.rows[0]), some.more_rows, some.more_columns) == (50, 200, True, True)
    assert (len(every.rows), every.more_rows, every.sheets[0].rows) == (60, False, 60)
    assert corner.rows == [[0, 0, 0], [1, 1, 1]]
    assert some.sheets[0].rows == 60


def test_a_wrong_length_is_not_believed(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 100))
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    text = f'{head}<dimension ref="A1:A7"/><sheetData>{rows}</sheetData></worksheet>'
    path = by_hand(tmp_path / "a.xlsx", "", **{"xl/worksheets/sheet1.xml": text})

    assert preview(path).sheets == (SheetInfo("S", None),)
    assert preview(path, rows=200).sheets == (SheetInfo("S", 99),)
    assert preview(path, rows=5).sheets == (SheetInfo("S", 7),)


def test_a_long_text_is_cut_and_the_cell_named(tmp_path: Path) -> None:
    made, sheet = book(tmp_path / "a.xlsx")
    sheet.append(["a", "b" * 3000])
    made.save(tmp_path / "a.xlsx")

    seen = preview(tmp_path / "a.xlsx")

    assert seen.rows == [["a", "b" * 2000]]
    assert [(one.row, one.column, one.length) for one in seen.cut] == [(1, 2, 3000)]


def test_formulas_show_the_value_that_was_stored(tmp_path: Path) -> None:
    cells = (
        '<c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"a"</f><v>a_x000D_b</v></c>'
        '<c r="C1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="D1" t="b"><f>TRUE()</f><v>1</v></c>'
        '<c r="E1"><f>never()</f></c><c r="F1"><v>1</v></c>'
    )
    path = by_hand(tmp_path / "a.xlsx", f'<row r="1">{cells}</row>')

    assert preview(path).rows == [[2, "a\rb", "#DIV/0!", True, None, 1]]


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("_x0041_", "A"),
        ("_x005F_x0041_", "_x0041_"),
        ("_x005F_x005F_", "_x005F_"),
        ("_x41_ and x0041_", "_x41_ and x0041_"),
        ("_xD83D__xDE00_", "\N{GRINNING FACE}"),
        ("_xD83D_", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_escapes_mean_the_same_in_texts_of_both_kinds(tmp_path: Path, spelled: str, meant: str) -> None:
    cells = f'<c t="inlineStr"><is><t>{spelled}</t></is></c><c t="s"><v>0</v></c>'
    path = by_hand(tmp_path / "a.xlsx", f"<row>{cells}</row>", f"<si><t>{spelled}</t></si>")

    assert preview(path).rows == [[meant, meant]]


def test_formatted_texts_are_joined_without_their_reading_aids(tmp_path: Path) -> None:
    text = '<r><rPr><b/></rPr><t xml:space="preserve">one </t></r><r><t>two</t></r><rPh><t>aid</t></rPh>'
    path = by_hand(tmp_path / "a.xlsx", f'<row><c t="inlineStr"><is>{text}</is></c></row>')

    assert preview(path).rows == [["one two"]]


def test_numbers_are_finite_or_text(tmp_path: Path) -> None:
    cells = "".join(f"<c><v>{text}</v></c>" for text in ("1E400", "1.5E+3", "-7", "12345678901234567890"))
    path = by_hand(tmp_path / "a.xlsx", f"<row>{cells}</row>")

    assert preview(path).rows == [["inf", 1500.0, -7, "12345678901234567890"]]


def test_dates_are_what_openpyxl_reads(tmp_path: Path) -> None:
    codes = ["yyyy-mm-dd", "d mmm", "dd/mm/yy hh:mm", "h:mm AM/PM", "[h]:mm:ss", '0.0 "days"', "[Red]General"]
    codes += ["[$-409]d\\-mmm\\-yy;@", "mm:ss.0", "mmmm", "General", "0.00E+00", "_-* #,##0.00 _d"]
    made, sheet = book(tmp_path / "a.xlsx")
    numbers = [0.25, 1.0, 59.5, 61.0, 41305.7860532407, 2958465.0]
    for number in numbers:
        sheet.append([number] * len(codes))
        for cell, code in zip(sheet[sheet.max_row], codes, strict=True):
            cell.number_format = code
    made.save(tmp_path / "a.xlsx")

    seen = preview(tmp_path / "a.xlsx").rows
    for row, theirs in zip(
        seen, openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0].values, strict=True
    ):
        for code, mine, other in zip(codes, row, theirs, strict=True):
            if isinstance(other, timedelta):
                assert str(mine).startswith("PT"), code
            elif isinstance(other, datetime):
                assert datetime.fromisoformat(str(mine)) == other, code
            elif isinstance(other, time):
                assert str(mine).rpartition("T")[2] == other.isoformat(), code
            else:
                assert mine == other, code


def test_a_workbook_that_counts_from_1904_shows_the_same_dates(tmp_path: Path) -> None:
    made, sheet = book(tmp_path / "a.xlsx")
    made.epoch = CALENDAR_MAC_1904
    sheet.append([WHEN, date(2013, 1, 31)])
    made.save(tmp_path / "a.xlsx")

    assert preview(tmp_path / "a.xlsx").rows == [["2013-01-31T18:51:55", "2013-01-31"]]


def test_an_unknown_sheet_is_answered_with_those_that_there_are(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("By carrier", pd.DataFrame({"n": [1]})))

    with pytest.raises(UnknownSheet, match="did you mean 'By carrier'"):
        preview(tmp_path / "a.xlsx", "By carier")


@pytest.mark.real_data
def test_a_sheet_that_is_a_chart_is_left_out() -> None:
    path = real_data("xlsx/chartsheet.xlsx")

    charts = [sheet.title for sheet in openpyxl.load_workbook(path).chartsheets]
    seen = preview(path)

    assert charts
    assert seen.sheets
    assert not {one.name for one in seen.sheets} & set(charts)
    assert seen.rows


@pytest.mark.real_data
@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_real_workbooks_read_as_openpyxl_reads_them() -> None:
    folder = real_data("xlsx")
    paths = sorted(folder.glob("*.xlsx"))
    assert paths
    for path in paths:
        for sheet in openpyxl.load_workbook(path, data_only=True).worksheets:
            seen = preview(path, sheet.title, rows=1000).rows
            theirs = [[as_seen(value) for value in row] for row in sheet.iter_rows(values_only=True)]
            for number, (row, other) in enumerate(zip(seen, theirs, strict=False), start=1):
                shown = row + [None] * (len(other) - len(row))
                assert shown[: len(other)] == other, f"{path.name}, {sheet.title}, row {number}"


def as_seen(value: object) -> object:
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if value == "":
        return None
    return value.isoformat() if isinstance(value, datetime | time) else value

"""What changed since last time is marked on the table's sheet and listed on one of its own."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from reports import Changes, Column, Formula, Link, Preflight, Sheet, Table, Text, Workbook
from reports.errors import BadSheetName
from reports.excel.writer import write_workbook
from reports.files.csv_file import write_csv
from reports.files.json_file import write_json
from reports.palette import HIGHLIGHTS
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.package import parts
from tests.support.workbooks.reading import CREATED, sheet_of, write

AMBER, GREEN = (f"00{HIGHLIGHTS[meaning][1]}" for meaning in ("late", "good"))
BEFORE = pl.DataFrame(
    {
        "carrier": ["AA", "DL", "EV", "GA"],
        "flights": [2724, 3690, 4171, 31],
        "share_on_time": [0.78, 0.8, 0.5, 0.9],
        "revenue_eur": [Decimal("1250.00")] * 4,
        "first": [date(2026, 10, 1)] * 4,
    }
)
NOW = pl.DataFrame(
    {
        "carrier": ["AA", "DL", "EV", "UA"],
        "flights": [2724, 3690, 5171, 1],
        "share_on_time": [0.78, None, 0.5, 0.25],
        "revenue_eur": [Decimal("1250.00")] * 2 + [Decimal("1300.50")] * 2,
        "first": [date(2026, 10, 11)] + [date(2026, 10, 1)] * 3,
    }
)
CHANGES = Changes(BEFORE, key="carrier", since="October 2026")


def written(path: Path, *sheets: Sheet, **options: Any) -> dict[str, Worksheet]:
    write(path, *sheets, about=ABOUT, **options)
    book = load_workbook(path)
    return {name: sheet_of(book, name) for name in book.sheetnames}


def grounds(ws: Worksheet) -> dict[str, str]:
    """The colour of each cell below the header that has a ground."""
    rows = ws.iter_rows(min_row=2)
    return {
        cell.coordinate: str(cell.fill.fgColor.rgb)
        for row in rows
        for cell in row
        if cell.fill.fill_type == "solid"
    }


def notes(ws: Worksheet) -> dict[str, str]:
    return {cell.coordinate: cell.comment.text for row in ws.iter_rows() for cell in row if cell.comment}


def lines(ws: Worksheet) -> list[list[Any]]:
    """The values of each row, without the empty ones at its end."""
    found = []
    for row in ws.iter_rows(values_only=True):
        values = list(row)
        while values and values[-1] is None:
            values.pop()
        found.append(values)
    return found


def test_new_rows_and_changed_cells_have_a_ground_and_changed_cells_a_note(tmp_path: Path) -> None:
    ws = written(tmp_path / "a.xlsx", Sheet("By carrier", NOW, changes=CHANGES))["By carrier"]
    new = {f"{letter}5": GREEN for letter in "ABCDE"}
    assert grounds(ws) == new | dict.fromkeys(["E2", "C3", "B4", "D4"], AMBER)
    assert notes(ws) == {
        "E2": "was 2026-10-01",
        "C3": "was 80.0%",
        "B4": "was 4,171",
        "D4": "was 1,250.00 EUR",
    }
    assert ws["B4"].number_format == ws["B3"].number_format == "#,##0"


def test_the_line_below_the_table_says_what_the_marks_mean(tmp_path: Path) -> None:
    ws = written(tmp_path / "a.xlsx", Sheet("By carrier", NOW, changes=CHANGES, notes=["A note."]))[
        "By carrier"
    ]
    assert lines(ws)[5:] == [
        [],
        [
            "Since October 2026: 1 row added, 1 removed, 3 changed, largest: EV flights +1,000. New rows are "
            "green; changed cells are amber, with a note of what they were; the list is on the sheet Changes."
        ],
        [],
        ["A note."],
    ]


def test_the_sheet_changes_stands_before_about_and_lists_each_kind(tmp_path: Path) -> None:
    sheets = written(tmp_path / "a.xlsx", Sheet("By carrier", NOW, changes=CHANGES))
    assert list(sheets) == ["By carrier", "Changes", "About"]
    found = [line for line in lines(sheets["Changes"]) if line]
    assert found[:7] == [
        ["Changes"],
        ["Since October 2026: 1 row added, 1 removed, 3 changed, largest: EV flights +1,000."],
        ["Rows added", 1],
        ["Rows removed", 1],
        ["Rows changed", 3],
        ["Rows unchanged", 0],
        ["Cells changed", 4],
    ]
    start = found.index(["Changed cells"])
    first, second = pd.Timestamp(2026, 10, 1).to_pydatetime(), pd.Timestamp(2026, 10, 11).to_pydatetime()
    assert found[start + 1 :] == [
        ["carrier", "Column", "Before", "Now", "Difference"],
        ["AA", "first", first, second],
        ["DL", "share_on_time", 0.8],
        ["EV", "flights", 4171, 5171, 1000],
        ["EV", "revenue_eur", 1250, 1300.5, 50.5],
        ["Rows added"],
        ["carrier", "flights", "share_on_time", "revenue_eur", "first"],
        ["UA", 1, 0.25, 1300.5, first],
        ["Rows removed"],
        ["carrier", "flights", "share_on_time", "revenue_eur", "first"],
        ["GA", 31, 0.9, 1250, first],
    ]


def test_listed_values_and_differences_look_like_their_columns(tmp_path: Path) -> None:
    ws = written(tmp_path / "a.xlsx", Sheet("By carrier", NOW, changes=CHANGES))["Changes"]
    formats = {
        (row[0].value, row[1].value): [cell.number_format for cell in row[2:5]] for row in ws.iter_rows()
    }
    assert formats["EV", "flights"] == ["#,##0", "#,##0", "+#,##0;-#,##0;#,##0"]
    assert formats["EV", "revenue_eur"][0] == "#,##0.00 [$EUR]"
    assert formats["DL", "share_on_time"][0] == "0.0%"
    assert formats["AA", "first"][:2] == ["yyyy-mm-dd"] * 2


@pytest.mark.parametrize(
    ("before", "said"),
    [(None, "No report to compare with."), (NOW, "No change since October 2026.")],
    ids=["the first", "the same"],
)
def test_a_first_report_and_one_without_a_change_say_so(before: Any, said: str, tmp_path: Path) -> None:
    changes = Changes(before, key="carrier", since="October 2026")
    sheets = written(tmp_path / "a.xlsx", Sheet("By carrier", NOW, changes=changes))
    assert lines(sheets["By carrier"])[-1] == [said]
    assert grounds(sheets["By carrier"]) == notes(sheets["By carrier"]) == {}
    assert lines(sheets["Changes"])[2] == [said]


def awkward(rows: int, edit: bool) -> pd.DataFrame:
    """Blanks, text that XML writes otherwise, outer blanks, several kinds in a column, formulas, repairs."""
    moved = int(edit)
    kinds: list[Any] = [1, "a & <b>", True, None, Formula("1+1", 2), " x ", date(2026, 1, 2), 10**17 + moved]
    frame = pd.DataFrame(
        {
            "key": [f"{number:06}" for number in range(moved, rows + moved)],
            "text": [(" a", "b & <c>", None, "_x0041_")[n % 4] for n in range(rows)],
            "number": [None if n % 7 == 0 else n / 4 for n in range(rows)],
            "long": [10**15 + n if n % 1000 == 3 else n for n in range(rows)],
            "mixed": pd.Series([kinds[n % 8] for n in range(rows)], dtype=object),
        }
    )
    if edit:
        frame.loc[::13, "text"] = " edited & <kept> "
        frame.loc[::17, "number"] = None
        frame.loc[::11, "mixed"] = None
        frame.loc[::500, "long"] = 10**15 + 5
    return frame


@pytest.mark.parametrize("rows", [40, 10_500], ids=["few", "over a slice's end"])
def test_both_ways_of_writing_rows_give_equal_parts(rows: int, tmp_path: Path) -> None:
    book = Workbook(
        Sheet(
            "Data",
            Text("Above", "title"),
            Table(awkward(rows, edit=True), changes=Changes(awkward(rows, edit=False), key="key")),
            Table(NOW, changes=CHANGES, totals={"flights": "sum"}),
        ),
        preflight=Preflight(digits="text"),
    )
    paths: tuple[Any, ...] = ("columnar", "openpyxl")
    for path in paths:
        write_workbook(book, tmp_path / path, created=CREATED, about=ABOUT, row_path=path)
    assert parts(tmp_path / "columnar") == parts(tmp_path / "openpyxl")


@pytest.mark.parametrize("path", ["columnar", "openpyxl"])
def test_marks_stand_where_the_changes_are_in_a_table_of_several_slices(path: Any, tmp_path: Path) -> None:
    rows = 10_500
    now = pl.DataFrame({"key": range(rows), "v": [0] * rows})
    before = now.with_columns(pl.when(pl.col("key") % 2500 == 9).then(7).otherwise("v").alias("v"))[:-1]
    sheet = Sheet("Data", Text("A line"), Table(now, changes=Changes(before, key="key")))
    ws = written(tmp_path / "a.xlsx", sheet, row_path=path)["Data"]
    marked = [n + 4 for n in range(rows) if n % 2500 == 9]  # a line, a gap, the header
    last = rows + 3
    assert notes(ws) == {f"B{row}": "was 7" for row in marked}
    body = {cell: colour for cell, colour in grounds(ws).items() if cell not in {"A3", "B3"}}
    assert body == {f"B{row}": AMBER for row in marked} | {f"A{last}": GREEN, f"B{last}": GREEN}


def test_all_changed_cells_are_marked_the_first_thousand_have_notes_and_a_finding_counts_the_rest(
    tmp_path: Path,
) -> None:
    now = pd.DataFrame({"key": range(1_200), "v": range(1_200)})
    result = write(
        tmp_path / "a.xlsx", Sheet("Data", now, changes=Changes(now.assign(v=-1), key="key", at_most=5))
    )
    book = load_workbook(tmp_path / "a.xlsx")
    ws = sheet_of(book, "Data")
    assert len(grounds(ws)) == 1_200
    assert len(notes(ws)) == 1_000
    assert [str(finding) for finding in result.findings] == [
        "sheet 'Data': changed cells beyond the first 1,000, marked but without a note of what they were: 200"
    ]
    found = lines(sheet_of(book, "Changes"))
    start = found.index(["Changed cells: the first 5 of 1,200"])
    assert len(found) == start + 2 + 5


def test_the_figures_are_the_same_whatever_they_are_compared_with(tmp_path: Path) -> None:
    contents = {
        write(tmp_path / "a.xlsx", Sheet("Data", NOW, changes=changes)).content_sha256
        for changes in (None, CHANGES, Changes(None, key="carrier"), Changes(NOW, key="carrier"))
    }
    assert len(contents) == 1


def test_a_sheet_may_be_called_changes_where_nothing_is_compared_and_linked_to_where_something_is(
    tmp_path: Path,
) -> None:
    assert list(written(tmp_path / "a.xlsx", Sheet("Changes", NOW))) == ["Changes", "About"]
    with pytest.raises(BadSheetName, match="listing what changed; rename yours"):
        Workbook(Sheet("changes", NOW), Sheet("Data", NOW, changes=CHANGES))
    linked = Sheet("Data", Link("What changed", to="Changes"), Table(NOW, changes=CHANGES))
    assert "Changes" in written(tmp_path / "a.xlsx", linked)


def test_several_tables_share_the_sheet_and_each_has_its_part(tmp_path: Path) -> None:
    sheets = [Sheet("One", NOW, changes=CHANGES), Sheet("Other", NOW, changes=Changes(NOW, key="carrier"))]
    found = [line for line in lines(written(tmp_path / "a.xlsx", *sheets)["Changes"]) if line]
    assert found[1] == [
        "One: 1 row added, 1 removed, 3 changed, largest: EV flights +1,000; Other: no change."
    ]
    assert ["One"] in found
    assert found[found.index(["Other"]) + 1] == ["No change."]


def test_headers_formats_and_values_that_no_cell_holds_are_listed_too(tmp_path: Path) -> None:
    before = pd.DataFrame({"key": ["a"], "n": [10**17], "gone": [float("inf")], "d": [1.25]})
    now = pd.DataFrame({"key": ["a"], "n": [5], "d": [3.0]})
    columns = {"n": Column("Number"), "d": Column("Day", format="0.000")}
    sheets = written(
        tmp_path / "a.xlsx", Sheet("Data", now, columns=columns, changes=Changes(before, key="key"))
    )
    found = lines(sheets["Changes"])
    assert ["a", "Number", "100000000000000000", 5, "-99999999999999995"] in found
    assert ["a", "Day", 1.25, 3, 1.75] in found
    assert ["Columns gone", "gone"] in found
    assert notes(sheets["Data"]) == {"B2": "was 100,000,000,000,000,000", "C2": "was 1.250"}


def test_what_no_cell_holds_as_it_is_is_spelled_out_wherever_it_is_told(tmp_path: Path) -> None:
    now = pd.DataFrame({"key": ["a\x1bb", "=c"], "n": [5, 1], "t": ["x", "=1+1"]})
    before = pd.DataFrame(
        {"key": ["a\x1bb", "=c", "\x00"], "n": [1, 1, 1], "t": ["\x1b", "=2", "g"], "\x07": 1}
    )
    sheet = Sheet("Data", now, changes=Changes(before, key="key"))
    write_workbook(
        Workbook(sheet, preflight=Preflight(control_characters="spell_out")),
        tmp_path / "a.xlsx",
        created=CREATED,
    )
    book = load_workbook(tmp_path / "a.xlsx")
    found = lines(sheet_of(book, "Changes"))
    assert ["1 row removed, 2 changed, column \\x07 gone, largest: a\\x1bb +4."] in found
    assert ["a\\x1bb", "t", "\\x1b", "x"] in found
    assert ["=c", "t", "=2", "=1+1"] in found
    assert notes(sheet_of(book, "Data")) == {"B2": "was 1", "C2": "was \\x1b", "C3": "was =2"}


def test_json_tells_the_sentence_and_the_counts_and_csv_that_it_has_no_place_for_them(tmp_path: Path) -> None:
    book = Workbook(Sheet("By carrier", NOW, changes=CHANGES))
    excel = write_workbook(book, tmp_path / "a.xlsx", created=CREATED)
    json = write_json(book, tmp_path / "a.json", created=CREATED)
    csv = write_csv(book, tmp_path / "a.csv", created=CREATED)
    assert excel.changes is not None
    assert excel.changes == json.changes
    assert excel.changes["sentence"] == "1 row added, 1 removed, 3 changed, largest: EV flights +1,000"
    assert '"changes": {"sentence": "1 row added, 1 removed' in (tmp_path / "a.json").read_text()
    assert csv.changes is None
    assert csv.notes == (
        "sheet 'By carrier': left out of the .csv file, which holds tables only: 1 comparison",
    )

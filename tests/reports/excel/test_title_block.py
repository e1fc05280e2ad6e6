"""The title block: what a report says, in one line, above everything else on the first sheet."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook

from reports import Changes, Sheet, Workbook
from reports.errors import BadBlock
from reports.excel.writer import write_workbook
from reports.files.csv_file import write_csv
from reports.files.json_file import write_json
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.reading import CREATED

FRAME = pl.DataFrame({"carrier": ["AA", "UA"], "flights": [2724, 4637]})
HEADLINE = "7,361 departures, most of them of UA."


def book(*sheets: Sheet, headline: str | None = HEADLINE) -> Workbook:
    return Workbook(*(sheets or (Sheet("By carrier", FRAME),)), title="Departures", headline=headline)


def first_column(path: Path, workbook: Workbook, **options: Any) -> list[Any]:
    write_workbook(workbook, path, created=CREATED, **options)
    ws = load_workbook(path)[workbook.sheets[0].name]
    return [row[0] for row in ws.iter_rows(values_only=True)]


def test_title_period_and_headline_stand_above_the_first_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    found = first_column(path, book(Sheet("One", FRAME), Sheet("Two", FRAME)), about=ABOUT)

    assert found == ["Departures", "January 2013", HEADLINE, None, "carrier", "AA", "UA"]
    one, two = load_workbook(path)["One"], load_workbook(path)["Two"]
    assert (one.freeze_panes, two.freeze_panes) == ("A6", "A2")
    assert (one.print_title_rows, two.print_title_rows) == ("$5:$5", "$1:$1")
    assert (one.auto_filter.ref, two.auto_filter.ref) == ("A5:B7", "A1:B3")


def test_without_a_headline_the_table_begins_in_the_first_row(tmp_path: Path) -> None:
    assert first_column(tmp_path / "a.xlsx", book(headline=None), about=ABOUT)[0] == "carrier"


def test_a_report_without_a_period_has_none_in_its_head(tmp_path: Path) -> None:
    assert first_column(tmp_path / "a.xlsx", book())[:3] == ["Departures", HEADLINE, None]


@pytest.mark.parametrize(
    ("before", "line"),
    [
        (
            pl.DataFrame({"carrier": ["AA"], "flights": [2700]}),
            "Since May: 1 row added, 1 changed, largest: AA +24.",
        ),
        (FRAME, "No change since May."),
        (None, None),
    ],
    ids=["changed", "the same", "the first"],
)
def test_what_changed_is_said_in_the_head(before: Any, line: str | None, tmp_path: Path) -> None:
    changed = Sheet("By carrier", FRAME, changes=Changes(before, key="carrier", since="May", mark=False))
    found = first_column(tmp_path / "a.xlsx", book(changed))
    assert found[:5] == ["Departures", HEADLINE, line, None, "carrier"]


def test_changes_that_are_not_marked_leave_the_table_as_it_looks(tmp_path: Path) -> None:
    before = pl.DataFrame({"carrier": ["AA"], "flights": [2700]})
    for mark in (False, True):
        sheet = Sheet("By carrier", FRAME, changes=Changes(before, key="carrier", mark=mark))
        write_workbook(Workbook(sheet), tmp_path / "a.xlsx", created=CREATED)
        loaded = load_workbook(tmp_path / "a.xlsx")
        cells = [cell for row in loaded["By carrier"].iter_rows(min_row=2, max_row=3) for cell in row]
        assert any(cell.comment or cell.fill.fill_type for cell in cells) is mark
        assert "Changes" in loaded.sheetnames


def test_the_headline_is_content(tmp_path: Path) -> None:
    contents = {
        write_workbook(book(headline=said), tmp_path / "a.xlsx", created=CREATED).content_sha256
        for said in (None, HEADLINE, "Another.")
    }
    assert len(contents) == 3


def test_other_formats_keep_it_or_say_that_they_have_no_place(tmp_path: Path) -> None:
    write_json(book(), tmp_path / "a.json", created=CREATED)
    assert json.loads((tmp_path / "a.json").read_text())["headline"] == HEADLINE
    (finding,) = write_csv(book(), tmp_path / "a.csv", created=CREATED).findings
    assert "1 headline" in str(finding)


@pytest.mark.parametrize("headline", ["", "  ", "two\nlines", "x" * 251, "a\x00b"])
def test_a_headline_that_is_no_line_is_refused(headline: str) -> None:
    with pytest.raises(BadBlock, match=r"Workbook\(headline=\)"):
        book(headline=headline)

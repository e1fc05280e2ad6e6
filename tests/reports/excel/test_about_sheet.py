"""The sheet About says what determined the content, and nothing else."""
# ruff: noqa: DTZ001 # Excel's datetimes are naive

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from openpyxl import load_workbook

from reports import About, Sheet
from tests.support.workbooks.about_value import ABOUT, SOURCES
from tests.support.workbooks.reading import sheet_of, write


def about_rows(folder: Path, about: About) -> list[tuple[Any, ...]]:
    write(folder / "a.xlsx", Sheet("Data", pl.DataFrame({"a": [1]})), about=about)
    ws = sheet_of(load_workbook(folder / "a.xlsx"), "About")
    rows = [tuple(cell.value for cell in row) for row in ws.iter_rows()]
    return [tuple(value for value in row if value is not None) for row in rows]


def test_about_is_the_last_sheet(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("Data", pl.DataFrame({"a": [1]})), about=ABOUT)
    assert load_workbook(tmp_path / "a.xlsx").sheetnames == ["Data", "About"]


def test_about_names_the_pipeline_its_code_and_its_interval(tmp_path: Path) -> None:
    assert about_rows(tmp_path, ABOUT)[:8] == [
        ("Punctuality of flights",),
        (),
        ("Pipeline", "flight-punctuality"),
        ("Code version", "0.1.0 sha256:ab12"),
        ("Interval", "January 2013"),
        ("From", datetime(2013, 1, 1)),
        ("Up to, not including", datetime(2013, 2, 1)),
        ("Time zone", "America/New_York"),
    ]


def test_about_lists_parameters_by_name_as_they_read_best(tmp_path: Path) -> None:
    rows = about_rows(tmp_path, ABOUT)
    start = rows.index(("Parameters",))
    assert rows[start + 1 : start + 6] == [
        ("Name", "Value"),
        ("airports", '["JFK", "EWR"]'),
        ("greeting", "=hello"),
        ("limit", "3"),
        ("origin", "null"),
    ]


def test_about_lists_sources_sorted_by_step_item_and_address(tmp_path: Path) -> None:
    rows = about_rows(tmp_path, ABOUT)
    start = rows.index(("Sources",)) + 2
    found = [(row[0], row[-2], row[-1], row[-3]) for row in rows[start : start + len(SOURCES)]]
    fetched = datetime(2013, 2, 1, 11, 0, 3)
    assert found == [(source.step, source.url, source.sha256, fetched) for source in SOURCES]


def test_about_lists_steps_checks_and_notes(tmp_path: Path) -> None:
    rows = about_rows(tmp_path, ABOUT)
    for expected in [
        ("departures", 27_004),
        ("punctuality", 27_004, 16),
        ("every_carrier_is_known", "passed", ""),
        ("full_month", "warned", "=thin \\x1b[1m"),
        ("2013-01-04 could not be fetched",),
    ]:
        assert tuple(value for value in expected if value != "") in rows


def test_text_in_about_is_never_a_formula(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("Data", pl.DataFrame({"a": [1]})), about=ABOUT)
    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), "About")
    assert not [cell.coordinate for row in ws.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_message_too_long_for_a_cell_says_that_it_was_cut(tmp_path: Path) -> None:
    rows = about_rows(tmp_path, About("p", "P", "1", notes=("x" * 40_000,)))
    assert rows[-1][0].endswith("(40,000 characters in all)")


def test_parts_with_nothing_in_them_are_left_out(tmp_path: Path) -> None:
    rows = about_rows(tmp_path, About("p", "P", "1"))
    assert rows == [("P",), (), ("Pipeline", "p"), ("Code version", "1")]


def test_equal_facts_in_another_order_are_equal() -> None:
    one = About("p", "P", "1", params={"a": 1, "b": 2}, sources=SOURCES)
    other = About("p", "P", "1", params={"b": 2, "a": 1}, sources=tuple(reversed(SOURCES)))
    assert one == other
    assert list(one.params) == list(other.params)

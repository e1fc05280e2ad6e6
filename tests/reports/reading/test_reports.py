"""Previews of what the writers of other formats than .xlsx have written."""

import io
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from reports import Sheet, Table, Text, Workbook
from reports.file_formats import Format
from reports.reading.preview import Preview, read_preview
from tests.support.workbooks.documents import KINDS, NEW_YORK, write

ONE = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
TWO = pl.DataFrame({"c": [2.5]})
BOOK = Workbook(
    Sheet("First", Text("Hi"), ONE), Sheet("None", Text("Hi")), Sheet("Two", Table(TWO), Table(ONE))
)
NAMES = ["First", "Two 1", "Two 2"]


def seen(path: Path, format_: str, sheet: str | None = None, rows: int = 50) -> Preview:
    return read_preview(io.BytesIO(path.read_bytes()), format_, sheet, rows=rows)


@pytest.mark.parametrize("format_", ["csv", "parquet", "json"])
def test_each_table_of_a_report_is_a_sheet(tmp_path: Path, format_: Format) -> None:
    write(tmp_path / "a", BOOK, format_)

    pages = [seen(tmp_path / "a", str(format_), name) for name in NAMES]

    assert [[one.name for one in page.sheets] for page in pages] == [NAMES] * 3
    ones = ["1", "2"] if format_ == "csv" else [1, 2]
    first = [["a", "b"], [ones[0], "x"], [ones[1], None]]
    assert [pages[0].rows, pages[2].rows] == [first, first]
    assert pages[1].rows == [["c"], ["2.5" if format_ == "csv" else 2.5]]


def test_the_only_table_of_a_json_report_has_its_sheets_name_and_headers(tmp_path: Path) -> None:
    write(tmp_path / "a", KINDS, "json", zone=NEW_YORK)

    page = seen(tmp_path / "a", "json")

    assert (page.sheet, len(page.rows), page.more_rows) == ("Data", 5, False)
    assert page.rows[0][5] == "at (America/New_York)"
    assert page.rows[1][5] == "2013-07-01T12:30:00-04:00"


def test_of_a_long_json_report_the_first_rows_are_shown(tmp_path: Path) -> None:
    write(tmp_path / "a", pa.table({"a": list(range(100_000))}), "json")

    page = seen(tmp_path / "a", "json", rows=3)

    assert (page.rows, page.more_rows) == ([["a"], [0], [1]], True)

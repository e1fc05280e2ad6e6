"""How many rows a sheet has room for beside what else stands on it, and what its entry in the archive must say."""

import zipfile
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from reports import Changes, Preflight, Sheet, Workbook
from reports.excel.writer import write_workbook
from tests.support.workbooks.reading import CREATED, column_values, sheet_of, write

ZIP64 = 1  # the id of the extra field by which an entry says that it may pass 4 GB


def test_the_legend_of_changes_has_its_rows_on_the_first_of_several_sheets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.excel.layout.MAX_ROWS", 8)
    sheet = Sheet("Data", pl.DataFrame({"key": range(12)}), changes=Changes(None, key="key"))
    path = tmp_path / "a.xlsx"
    write_workbook(Workbook(sheet, preflight=Preflight(rows="split")), path, created=CREATED)

    book = load_workbook(path)
    first, second, third = (list(column_values(sheet_of(book, name))) for name in book.sheetnames[:3])
    assert first == [0, 1, 2, 3, 4, None, "No report to compare with."]
    assert [second, third] == [[5, 6, 7, 8, 9], [10, 11]]


@pytest.mark.parametrize(("rows", "may_be_huge"), [(3, False), (100_000, True)])
def test_only_a_sheet_that_may_pass_two_gigabytes_says_so(
    tmp_path: Path, rows: int, may_be_huge: bool
) -> None:
    """A reader that does not know such entries opens all other reports."""
    texts = pl.DataFrame({"a": ["x" * 30_000, *["y"] * (rows - 1)]})
    write(tmp_path / "a.xlsx", Sheet("Data", texts))
    assert says_zip64(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml") is may_be_huge


def says_zip64(path: Path, name: str) -> bool:
    """Whether the first bytes of the entry have room for a size of 64 bits."""
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo(name).header_offset
    head = path.read_bytes()[start:][: 30 + len(name) + 4]
    extra = int.from_bytes(head[28:30], "little")
    return extra > 0 and int.from_bytes(head[30 + len(name) :][:2], "little") == ZIP64

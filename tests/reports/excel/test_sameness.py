"""The same value gives the same bytes, and `content_sha256` tells whether the figures changed."""

import hashlib
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from openpyxl import load_workbook

from reports import Column, Sheet, Workbook
from reports.errors import BadCell
from reports.excel.writer import write_workbook
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.reading import CREATED, write

SCRIPT = """
import sys, time
from pathlib import Path
from tests.support.workbooks.about_value import ABOUT
from tests.reports.excel.test_sameness import CREATED, workbook
from reports.errors import BadCell
from reports.excel.writer import write_workbook
print(write_workbook(workbook(), Path(sys.argv[1]), about=ABOUT, created=CREATED).sha256)
"""


def workbook(**changes: Any) -> Workbook:
    frame = pd.DataFrame({"carrier": ["UA", None, "=x"], "share": [0.5, 0.25, None], "n": [1, 2, 3]})
    options = {
        "name": "A",
        "share": "0.0%",
        "header": "On time",
        "title": "Flights",
        "frame": frame,
    } | changes
    columns = {"share": Column(options["header"], format=options["share"])}
    mixed = pd.DataFrame({"m": pd.Series([1, "a", True, 2.5], dtype=object)})
    return Workbook(
        Sheet(options["name"], options["frame"], columns=columns), Sheet("M", mixed), title=options["title"]
    )


def test_two_processes_at_different_times_write_the_same_bytes(tmp_path: Path) -> None:
    for number, (seed, zone) in enumerate([("1", "UTC"), ("2", "Asia/Tokyo")]):
        path = tmp_path / f"{number}.xlsx"
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
        subprocess.run([sys.executable, "-c", SCRIPT, str(path)], check=True, env=environment)
    first, second = (path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert first == second


def test_no_entry_carries_a_time(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", *workbook().sheets, about=ABOUT)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None


def test_created_and_modified_are_what_was_given(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", *workbook().sheets)
    properties = load_workbook(tmp_path / "a.xlsx").properties
    assert properties.created == properties.modified == CREATED.replace(tzinfo=None)
    assert properties.creator == "Presstime"


def test_the_result_describes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    written = write_workbook(workbook(), path, created=CREATED)
    assert written.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert written.bytes == path.stat().st_size
    assert written.rows == {"A": 3, "M": 4}


def test_the_content_is_the_same_when_only_about_differs(tmp_path: Path) -> None:
    other = replace(ABOUT, notes=("a departure was late",))
    kinds = [
        write_workbook(workbook(), tmp_path / "a.xlsx", created=CREATED, about=a)
        for a in (ABOUT, other, None)
    ]
    assert len({written.content_sha256 for written in kinds}) == 1
    assert len({written.sha256 for written in kinds}) == 3


def test_a_later_creation_changes_the_file_but_not_the_content(tmp_path: Path) -> None:
    first = write_workbook(workbook(), tmp_path / "a.xlsx", created=CREATED)
    later = write_workbook(workbook(), tmp_path / "a.xlsx", created=CREATED + timedelta(days=1))
    assert first.content_sha256 == later.content_sha256
    assert first.sha256 != later.sha256


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "B"},
        {"header": "Punctual"},
        {"share": "0%"},
        {"frame": pd.DataFrame({"carrier": ["UA", None, "=x"], "share": [0.5, 0.25, None], "n": [1, 2, 4]})},
        {"frame": pd.DataFrame({"carrier": ["UA", "", "="], "share": [0.5, 0.25, None], "n": [1, 2, 3]})},
        {"frame": pd.DataFrame({"carrier": ["UA", None, "=x"], "share": [0.5, None, 0.25], "n": [1, 2, 3]})},
        {
            "frame": pd.DataFrame(
                {"carrier": ["UA", None, "=x"], "share": [0.5, 0.25, None], "n": ["1", "2", "3"]}
            )
        },
    ],
)
def test_the_content_differs_when_any_cell_header_or_format_does(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    first = write_workbook(workbook(), tmp_path / "a.xlsx", created=CREATED)
    other = write_workbook(workbook(**changes), tmp_path / "a.xlsx", created=CREATED)
    assert first.content_sha256 != other.content_sha256


@pytest.mark.parametrize("deflate", ["small", "fast", "plain"])
def test_sheets_written_side_by_side_are_the_same_bytes(
    deflate: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pl.DataFrame({"n": range(60_000), "x": [number / 7 for number in range(60_000)]})
    sheets = [
        Sheet(name, frame, table_name=name, totals={"n": "sum"}, columns={"x": Column(format=code)})
        for name, code in (("One", "0.0"), ("Two", "0.00"), ("Three", "0.000"))
    ]
    made = []
    for workers in (1, 2, 3):
        monkeypatch.setattr("reports.excel.package.sheets_at_a_time", lambda workers=workers: workers)
        path = tmp_path / f"{workers}.xlsx"
        write_workbook(Workbook(*sheets), path, created=CREATED, deflate=deflate, about=ABOUT)
        made.append(path.read_bytes())
    assert made[0] == made[1] == made[2]
    assert load_workbook(tmp_path / "2.xlsx", read_only=True)["Three"].max_row == 60_002


def test_a_fault_on_a_sheet_that_is_written_beside_others_is_the_same_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.excel.package.sheets_at_a_time", lambda: 2)
    good = pa.table({"n": range(60_000), "m": range(60_000)})
    bad = pa.table({"n": [*range(59_999), 10**15], "m": range(60_000)})
    sheets = [
        Sheet(name, iter(table.to_batches(7_000))) for name, table in (("A", good), ("B", bad), ("C", good))
    ]
    with pytest.raises(BadCell, match="sheet 'B', column 'n', row 60001"):
        write(tmp_path / "a.xlsx", *sheets)
    assert list(tmp_path.iterdir()) == []

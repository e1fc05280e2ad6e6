"""Importing the floor costs nothing, and authors' annotations resolve."""

import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

from reports import Sheet, Table, Workbook

HEAVY = ("pandas", "openpyxl", "pyarrow", "polars", "numpy")


def test_importing_reports_loads_no_table_and_no_excel_library() -> None:
    code = f"import sys, reports; print(sorted(set({HEAVY}) & set(sys.modules)))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


def test_writing_a_table_with_nulls_loads_no_pandas(tmp_path: Path) -> None:
    code = """
import sys, polars as pl
from datetime import UTC, datetime
from pathlib import Path
from reports import Sheet, Workbook
from reports.excel.writer import write_workbook
frame = pl.DataFrame({"n": [1, None, 3], "t": ["a", None, "b"], "f": [0.5, None, 1.5], "b": [True, None, False]})
write_workbook(Workbook(Sheet("A", frame)), Path(sys.argv[1]), created=datetime(2013, 1, 1, tzinfo=UTC))
print("pandas" in sys.modules)
"""
    path = str(tmp_path / "a.xlsx")
    printed = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "False"


def test_an_authors_annotations_resolve_without_the_libraries() -> None:
    def report(sheet: Sheet) -> Workbook:
        return Workbook(sheet)

    assert get_type_hints(report) == {"sheet": Sheet, "return": Workbook}
    assert "frame" in get_type_hints(Table)

"""Importing the floor costs nothing, and authors' annotations resolve."""

import subprocess
import sys
from typing import get_type_hints

from reports import Sheet, Table, Workbook

HEAVY = ("pandas", "openpyxl", "pyarrow", "polars", "numpy")


def test_importing_reports_loads_no_table_and_no_excel_library() -> None:
    code = f"import sys, reports; print(sorted(set({HEAVY}) & set(sys.modules)))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


def test_an_authors_annotations_resolve_without_the_libraries() -> None:
    def report(sheet: Sheet) -> Workbook:
        return Workbook(sheet)

    assert get_type_hints(report) == {"sheet": Sheet, "return": Workbook}
    assert "frame" in get_type_hints(Table)

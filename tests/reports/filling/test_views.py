"""Where a sheet's pages break, what is selected and what stands at the top follow its rows, and never grow."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.workbooks.package import parts, repacked, xml
from tests.support.workbooks.templates import drawn, fill, refs, template

SHEET = "xl/worksheets/sheet1.xml"
ROWS = [{"n": 1}, {"n": 2}, {"n": 3}]


def test_pages_break_after_the_same_rows_and_at_the_same_columns(tmp_path: Path) -> None:
    def build(book: Any) -> None:
        ws = book.add_worksheet("S")
        ws.write("A2", "{{ item.n }}")
        ws.write("A6", "end")
        ws.set_h_pagebreaks([1, 2, 4])
        ws.set_v_pagebreaks([4])
        book.define_name("Rows", "=S!$A$2:$A$2")

    fill(tmp_path / "a.xlsx", drawn(build), {"Rows": ROWS})
    root = xml(tmp_path / "a.xlsx", SHEET)
    assert refs(root.find("{*}rowBreaks"), "brk", "id") == [
        "1",
        "4",
        "6",
    ]  # the second: after the last record
    assert refs(root.find("{*}colBreaks"), "brk", "id") == ["4"]


@pytest.mark.parametrize(
    ("records", "selected", "expected"),
    [
        (3, "A5:B6", "A7:B8"),  # below the filled rows
        (3, "A2:B2", "A2:B2"),  # on them: it does not grow
        (3, "A1:B5", "A1:B7"),  # around them
        (3, "A1 A5", "A1 A7"),
        (0, "A2:B2", "A2:B2"),
        (0, "A2:B4", "A2:B4"),
    ],
)
def test_what_is_selected_moves_and_does_not_grow(
    tmp_path: Path, records: int, selected: str, expected: str
) -> None:
    source = selecting(
        template({"A1": "n", "A2": "{{ item.n }}", "A6": "end"}, {"Rows": "S!$A$2:$A$2"}), selected
    )
    fill(tmp_path / "a.xlsx", source, {"Rows": ROWS[:records]})

    (selection,) = xml(tmp_path / "a.xlsx", SHEET).iter("{*}selection")
    assert selection.get("sqref") == expected
    assert selection.get("activeCell") == expected.replace(":", " ").split(" ", maxsplit=1)[0]


def selecting(source: bytes, cells: str) -> bytes:
    """The template, saved with these cells selected."""
    sheet = parts(source)[SHEET].decode()
    first = cells.replace(":", " ").split(" ", maxsplit=1)[0]
    old = '<selection activeCell="A1" sqref="A1"/>'
    assert old in sheet
    return repacked(
        source, {SHEET: sheet.replace(old, f'<selection activeCell="{first}" sqref="{cells}"/>').encode()}
    )

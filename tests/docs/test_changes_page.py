"""docs/how-to/changes.md: its pipeline compares with what the page gives it, and says what the page says."""

import runpy
from pathlib import Path

from openpyxl import load_workbook

from presstime.settings import PROJECT
from reports.changes import LISTED
from reports.comparing.compare import NOTED
from reports.files.pages.parts import MOST_ROWS
from tests.support.doc_blocks import blocks_of

PATH = PROJECT / "docs" / "how-to" / "changes.md"
PAGE = blocks_of(PATH)
KEEP = "    made = path.read_bytes()\n"  # what is in the folder goes with the end of the block


def test_the_code_of_the_page_says_what_the_page_says(tmp_path: Path) -> None:
    pipeline, trial = (block.text for block in PAGE if block.language == "python")
    (said,) = (block.text.strip() for block in PAGE if block.language == "text")
    file = tmp_path / "punctuality.py"
    file.write_text(f"{pipeline}\n{trial}{KEEP}")
    made = runpy.run_path(str(file))["made"]
    (tmp_path / "made.xlsx").write_bytes(made)

    book = load_workbook(tmp_path / "made.xlsx")
    cells = {name: [cell for row in book[name].iter_rows() for cell in row] for name in book.sheetnames}
    assert list(cells) == ["By carrier", "Changes", "About"]
    assert said in {cell.value for cell in cells["Changes"]}
    assert any(str(cell.value).startswith(said) for cell in cells["By carrier"])
    assert "was 4,180" in {cell.comment.text for cell in cells["By carrier"] if cell.comment}


def test_the_limits_that_the_page_names_are_those_of_the_code() -> None:
    text = " ".join(PATH.read_text().split())
    assert f"on the first {NOTED:,} changed cells" in text
    assert f"({LISTED:,} unless you say otherwise)" in text
    assert f"at most {MOST_ROWS:,} lines of each kind" in text

"""docs/how-to/templates.md: its template, filled by its pipeline, gives what the page says."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipelines.loading.registry import Registry
from pipelines.testing import run_in_process
from presstime.settings import PROJECT
from reports.filling.tags import OPTIONS
from tests.support.doc_blocks import blocks_of

PATH = PROJECT / "docs" / "how-to" / "templates.md"


def test_the_pipeline_of_the_page_fills_the_template_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, pipeline = [block.text for block in blocks_of(PATH) if block.language == "python"]
    monkeypatch.chdir(tmp_path)
    exec(made, {})  # the page's own code
    (tmp_path / "offers.py").write_text(pipeline)
    registry = Registry.load(tmp_path, catalog=False, entry_points=False)

    with run_in_process(registry.get("offers").pipeline, as_of=datetime(2026, 11, 3, 9, tzinfo=UTC)) as run:
        book = load_workbook(run.reports["Offer.xlsx"])

    assert book.sheetnames == ["Offer", "About"]
    rows = [[cell.value for cell in row] for row in book["Offer"]["A4:D8"]]
    assert rows == [
        ["Lamp", 40, 2, "=B4*C4"],
        ["Desk", 250, 1, "=B5*C5"],
        ["Total", None, "=SUBTOTAL(9,C4:C5)", None],
        [None, None, None, None],
        ["To pay", None, None, "=SUM(D4:D5)"],
    ]
    assert book["Offer"]["A1"].value == "Offer for Harbour Ltd"


def test_the_page_names_every_tag() -> None:
    assert set(re.findall(r"<<(\w+)", PATH.read_text())) >= OPTIONS.keys() - {"avg", "pivot"}

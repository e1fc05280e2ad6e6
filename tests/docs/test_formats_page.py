"""docs/how-to/formats.md: its pipeline makes the files that the page says, and its JSON is what is made."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.loading.registry import Registry
from pipelines.testing import run_in_process
from presstime.settings import PROJECT
from reports.extras import EXTRAS
from reports.files.pages.parts import MOST_ROWS
from reports.pictures.table import MAX_POINTS
from tests.support.doc_blocks import blocks_of

PAGE = blocks_of(PROJECT / "docs" / "how-to" / "formats.md")


def test_the_chart_of_the_page_is_drawn() -> None:
    known: dict[str, Any] = {}
    exec(next(block.text for block in PAGE if "chart_svg" in block.text), known)  # the page's own code

    assert "Harbour has 311 receipts, Market 240." in known["svg"]
    assert known["png"].startswith(b"\x89PNG")


def test_what_the_page_says_of_limits_is_what_holds() -> None:
    text = (PROJECT / "docs" / "how-to" / "formats.md").read_text()

    assert f"the first {MOST_ROWS:,} rows are shown, of a chart the first {MAX_POINTS:,} points" in text
    assert all(f"presstime[{extra}]" in text for extra in EXTRAS.values())


def test_the_pipeline_of_the_page_makes_the_files_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "sales.py").write_text(next(block.text for block in PAGE if block.language == "python"))
    registry = Registry.load(tmp_path, catalog=False, entry_points=False)
    (shown,) = [json.loads(block.text) for block in PAGE if block.language == "json"]

    with run_in_process(
        registry.get("sales-files").pipeline, as_of=datetime(2026, 11, 3, 9, tzinfo=UTC)
    ) as run:
        assert sorted(run.reports) == ["Sales.csv", "Sales.json", "Sales.parquet", "Sales.xlsx"]
        made = json.loads(run.reports["Sales.json"].read_text())

    made["about"] = {"pipeline": made["about"]["pipeline"]}
    assert made == shown

"""docs/how-to/formats.md: its pipeline makes the files that the page says, and its JSON is what is made."""

import json
from datetime import UTC, datetime
from pathlib import Path

from pipelines.registry import Registry
from pipelines.testing import run_in_process
from presstime.settings import PROJECT
from tests.docs.blocks import blocks_of

PAGE = blocks_of(PROJECT / "docs" / "how-to" / "formats.md")


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

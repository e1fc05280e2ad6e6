"""docs/pipelines.md: each pipeline on it loads and runs, each mistake gives the message shown below it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest

from pipelines.loading.registry import Registry
from pipelines.testing import Finished, run_in_process
from presstime.settings import PROJECT
from tests.support.doc_blocks import Block, blocks_of
from tests.support.servers.demo_site import demo_process

PAGE = blocks_of(PROJECT / "docs" / "pipelines.md")
REFUSED = "# refused\n"
DEMO = "http://127.0.0.1:8643"  # as the page has it; the test's own site has a port of its own
NAME = re.compile(r'Pipeline\(\s*"([a-z-]+)"')
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)


def good() -> dict[str, str]:
    """The pipelines of the page by name."""
    texts = [b.text for b in PAGE if b.language == "python" and not b.text.startswith(REFUSED)]
    return {found.group(1): text for text in texts if (found := NAME.search(text))}


def refused() -> list[tuple[str, str]]:
    """Each faulty file of the page, and the block behind it."""
    pairs = pairwise(PAGE)
    return [(block.text, _messages(after)) for block, after in pairs if block.text.startswith(REFUSED)]


def _messages(block: Block) -> str:
    if block.language != "text":
        raise ValueError(f"a refused block is followed by {block.language}, not by its messages")
    return block.text


def load(folder: Path, name: str, text: str) -> Registry:
    (folder / f"{name}.py").write_text(text)
    return Registry.load(folder, catalog=False, entry_points=False)


@contextmanager
def finished(folder: Path, name: str, text: str) -> Iterator[Finished]:
    registry = load(folder, name, text)
    assert registry.problems == ()
    with run_in_process(registry.get(name).pipeline, as_of=NOW) as run:
        yield run


@contextmanager
def only_book(run: Finished) -> Iterator[openpyxl.Workbook]:
    (path,) = run.reports.values()
    with closing(openpyxl.load_workbook(path)) as book:
        yield book


def test_the_page_has_what_the_other_tests_look_for() -> None:
    assert {"sales", "stock", "prices", "weather", "audit", "forms", "kinds", "airlines", "clock"} == set(
        good()
    )
    assert len(refused()) == 2


@pytest.mark.parametrize("name", sorted(good().keys() - {"airlines"}))
def test_a_pipeline_of_the_page_loads_runs_and_reports(name: str, tmp_path: Path) -> None:
    with finished(tmp_path, name, good()[name]) as run:
        assert run.state == "succeeded"
        assert run.reports


def test_the_web_pipeline_of_the_page_reads_the_demo_site(tmp_path: Path) -> None:
    with demo_process() as (_, url):
        text = good()["airlines"].replace(DEMO, url)
        assert url in text
        with finished(tmp_path, "airlines", text) as run, only_book(run) as book:
            assert book["Airlines"].max_row == 1 + 16
            assert len(run.result("flights")) == 720  # departures of 2013-01-05


@pytest.mark.parametrize(("text", "messages"), refused(), ids=["six mistakes", "a missing module"])
def test_a_mistake_gives_the_message_that_the_page_shows(text: str, messages: str, tmp_path: Path) -> None:
    registry = load(tmp_path, "orders", text)

    found = "\n".join(str(problem) for problem in registry.problems)
    assert registry.pipelines == {}
    assert found.replace(str(tmp_path), "my-pipelines") + "\n" == messages


def test_skipped_items_leave_no_report_and_files_are_named_by_item(tmp_path: Path) -> None:
    with finished(tmp_path, "prices", good()["prices"]) as run:
        assert sorted(run.reports) == ["Prices Lisbon PT.xlsx", "Prices Oslo NO.xlsx"]
        assert run.tasks["quotes"] == ["succeeded", "succeeded", "skipped"]
        assert run.result("spread") == 0.5


def test_what_may_fail_is_blank_and_named_on_about(tmp_path: Path) -> None:
    with finished(tmp_path, "weather", good()["weather"]) as run, only_book(run) as book:
        rows = list(book["Weather"].iter_rows(min_row=2, values_only=True))
        about = [str(cell) for row in book["About"].iter_rows(values_only=True) for cell in row]
    assert rows == [("A1", 20.5, "none"), ("B2", None, "none"), ("C3", 20.5, "none")]
    assert any("B2" in cell and "the station is asleep" in cell for cell in about)


def test_a_check_that_guards_one_report_warns_on_that_one_alone(tmp_path: Path) -> None:
    with finished(tmp_path, "audit", good()["audit"]) as run:
        warned = {}
        for filename, path in run.reports.items():
            with closing(openpyxl.load_workbook(path)) as book:
                about = [str(cell) for row in book["About"].iter_rows(values_only=True) for cell in row]
            warned[filename] = any("amounts below zero" in cell for cell in about)
    assert warned == {"Audit everything.xlsx": True, "Audit outgoing.xlsx": False}


def test_columns_look_as_the_page_says(tmp_path: Path) -> None:
    with finished(tmp_path, "kinds", good()["kinds"]) as run, only_book(run) as book:
        header, row = book["Kinds"].iter_rows()
        shown = dict(zip([cell.value for cell in header], row, strict=True))
        assert list(run.reports) == ["Kinds of today.xlsx"]
        assert shown["Last seen (Asia/Tokyo)"].value == datetime(2026, 11, 2, 15, 30)  # noqa: DTZ001 # a cell has no zone
        assert (shown["Share"].value, shown["Share"].number_format) == (0.125, "0.0%")
        assert (shown["Year"].value, shown["Year"].number_format) == (2026, "0")
        assert shown["Account"].value == "1234567890123456789"
        assert (shown["formula"].value, shown["formula"].data_type) == ("=1+1", "s")


def test_the_test_of_the_page_passes(tmp_path: Path) -> None:
    (text,) = [block.text for block in PAGE if block.text.startswith("# test_sales.py\n")]
    folder = tmp_path / "my-pipelines"
    folder.mkdir()
    (folder / "sales.py").write_text(good()["sales"])
    (tmp_path / "test_sales.py").write_text(text)

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_sales.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout

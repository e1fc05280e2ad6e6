"""docs/workbooks.md: its code runs and gives what it says, its table of policies is the code's."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from presstime.settings import PROJECT
from reports import Column, Preflight
from reports.blocks import TOTALS
from reports.errors import MAX_ROWS
from reports.excel.writer import write_workbook
from reports.preflight import CHOICES
from tests.docs.blocks import blocks_of
from tests.reports.excel.reading import CREATED, sheet_of

PATH = PROJECT / "docs" / "workbooks.md"
PAGE = PATH.read_text()


def test_the_code_of_the_page_makes_the_workbook_that_it_describes(tmp_path: Path) -> None:
    known: dict[str, Any] = {}
    for block in blocks_of(PATH):
        exec(block.text, known)  # the page's own code, in its order
    write_workbook(known["workbook"], tmp_path / "a.xlsx", created=CREATED)
    book = load_workbook(tmp_path / "a.xlsx", data_only=True)
    assert book.sheetnames == ["Summary", "By shop"]
    by_shop = sheet_of(book, "By shop")
    assert [cell.value for cell in by_shop[4]] == ["Total", 2230.5, None, 551]
    assert [cell.number_format for cell in by_shop[2]] == ["General", "#,##0.00 [$EUR]", "0.0%", "#,##0"]
    assert sheet_of(book, "Summary")["B4"].value == 2


def test_every_policy_is_on_the_page_with_its_choices_the_default_first() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)
    said = {name: tuple(re.findall(r"`(\w+)`", choices)) for name, choices in rows}
    assert said.keys() == CHOICES.keys()
    assert {name: set(choices) for name, choices in said.items()} == {
        name: set(choices) for name, choices in CHOICES.items()
    }
    assert {name: choices[0] for name, choices in said.items()} == {
        field.name: field.default for field in fields(Preflight)
    }


def test_every_option_of_a_column_and_every_total_is_on_the_page() -> None:
    for option in fields(Column):
        assert f"{option.name}=" in PAGE
    for total in TOTALS:
        assert f"`{total}`" in PAGE
    assert f"{MAX_ROWS:,}" in PAGE

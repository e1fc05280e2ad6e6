"""docs/workbooks.md: its code runs and gives what it says, its table of policies is the code's."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from presstime.settings import PROJECT
from reports import (
    AreaChart,
    BarChart,
    Column,
    ColumnChart,
    ComboChart,
    LineChart,
    PieChart,
    Preflight,
    ScatterChart,
    Sparkline,
    Workbook,
)
from reports.blocks import TOTALS
from reports.errors import MAX_ROWS
from reports.excel.writer import write_workbook
from reports.marks import ALONE, ICONS, OPERATORS, RANKS, TEXT_OPERATORS
from reports.preflight import CHOICES
from reports.sparklines import KINDS, POINTS
from reports.sparklines import MAX_ROWS as MAX_DRAWN
from tests.support.doc_blocks import blocks_of
from tests.support.workbooks.reading import CREATED, sheet_of

PATH = PROJECT / "docs" / "workbooks.md"
PAGE = PATH.read_text()
FIRST_BLOCKS = 4  # that make one workbook together; charts and marks come after


def test_the_code_of_the_page_makes_the_workbook_that_it_describes(tmp_path: Path) -> None:
    known: dict[str, Any] = {}
    for block in blocks_of(PATH)[:FIRST_BLOCKS]:
        exec(block.text, known)  # the page's own code, in its order
    write_workbook(known["workbook"], tmp_path / "a.xlsx", created=CREATED)
    book = load_workbook(tmp_path / "a.xlsx", data_only=True)
    assert book.sheetnames == ["Summary", "By shop"]
    by_shop = sheet_of(book, "By shop")
    assert [cell.value for cell in by_shop[4]] == ["Total", 2230.5, None, 551]
    assert [cell.number_format for cell in by_shop[2]] == ["General", "#,##0.00 [$EUR]", "0.0%", "#,##0"]
    assert sheet_of(book, "Summary")["B4"].value == 2


def test_its_charts_and_marks_are_there(tmp_path: Path) -> None:
    known: dict[str, Any] = {}
    for block in blocks_of(PATH):
        exec(block.text, known)
    sheets = (*known["workbook"].sheets, known["marked"], known["grouped"], known["by_month"], known["trend"])
    write_workbook(Workbook(*sheets), tmp_path / "a.xlsx", created=CREATED)
    book = load_workbook(tmp_path / "a.xlsx")
    charts = {ws.title: len(ws._charts) for ws in book.worksheets}  # type: ignore[attr-defined]
    assert charts == {
        "Overview": 1,
        "Revenue by shop": 2,
        "Marks": 0,
        "By region": 0,
        "By month": 0,
        "Trend": 0,
    }
    assert len(sheet_of(book, "Marks").conditional_formatting) == 4
    assert [cell.value for cell in sheet_of(book, "Trend")[1]] == ["shop", "Trend", "Aug", "Sep", "Oct"]


def test_every_kind_of_chart_and_every_rule_is_on_the_page_with_its_options() -> None:
    for kind in (AreaChart, BarChart, ColumnChart, ComboChart, LineChart, PieChart, ScatterChart):
        assert f"`{kind.__name__}`" in PAGE
        for option in fields(kind):
            assert option.name in {"x", "y", "of"} or f"{option.name}=" in PAGE, option.name
    for rule in (*OPERATORS, *TEXT_OPERATORS, *RANKS, *ALONE, "between", "outside", "formula"):
        assert f"`{rule}`" in PAGE
    for icons in ICONS:
        assert f"`{icons}`" in PAGE


def test_every_option_of_sparklines_is_on_the_page_with_their_limit() -> None:
    for option in fields(Sparkline):
        assert option.name == "header" or f"{option.name}=" in PAGE, option.name
    for word in (*KINDS, *POINTS):
        assert f"`{word}`" in PAGE
    assert f"more than {MAX_DRAWN:,} rows is refused" in PAGE


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

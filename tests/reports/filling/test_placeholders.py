"""What becomes of `{{ ... }}` in a cell."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from reports import Formula
from reports.errors import BadCell, BadWorkbook
from reports.template import BadTemplate
from tests.support.workbooks.package import xml
from tests.support.workbooks.templates import built, fill, filled, shown, template


def test_a_placeholder_alone_gives_a_value_of_its_own_type(tmp_path: Path) -> None:
    cells = {"A1": "{{ n }}", "A2": "{{ share }}", "A3": "{{ ok }}", "A4": "{{ text }}", "A5": "{{ none }}"}
    ws = filled(
        tmp_path / "a.xlsx",
        template(cells),
        {"n": 3, "share": Decimal("0.125"), "ok": True, "text": " <a&b>\n", "none": None},
    )

    assert shown(ws) == {"A1": 3, "A2": 0.125, "A3": True, "A4": " <a&b>\n"}


def test_a_placeholder_within_text_gives_text(tmp_path: Path) -> None:
    cells = {"A1": "{{ n }} of {{who.name}}, {{ day }}, {{ whole }}{{ none }}"}
    values = {"n": 3, "who": {"name": "Ann"}, "day": date(2026, 11, 2), "whole": 2.0, "none": None}

    assert filled(tmp_path / "a.xlsx", template(cells), values)["A1"].value == "3 of Ann, 2026-11-02, 2"


def test_an_expression_is_calculated_and_a_key_comes_before_a_method(tmp_path: Path) -> None:
    cells = {
        "A1": "{{ a.price * (100 - a['off %']) / 100 }}",
        "A2": "{{ a.items }}",
        "A3": "{{ rows|length }}",
    }
    values = {"a": {"price": 80, "off %": 25, "items": 7}, "rows": [{"x": 1}, {"x": 2}]}

    assert shown(filled(tmp_path / "a.xlsx", template(cells), values)) == {"A1": 60, "A2": 7, "A3": 2}


def test_a_cell_keeps_its_format_and_a_date_in_a_cell_without_one_is_shown_as_a_date(tmp_path: Path) -> None:
    def build(book: openpyxl.Workbook) -> None:
        ws = book.worksheets[0]
        ws["A1"], ws["A2"] = "{{ day }}", "{{ day }}"
        ws["A1"].number_format = "dd.mm.yy"

    ws = filled(tmp_path / "a.xlsx", built(build), {"day": date(2026, 11, 2)})

    assert [ws[cell].number_format for cell in ("A1", "A2")] == ["dd.mm.yy", "yyyy-mm-dd"]
    assert ws["A1"].value == ws["A2"].value == datetime(2026, 11, 2)  # noqa: DTZ001


def test_an_instant_is_shown_in_the_zone_and_a_wall_clock_as_it_is(tmp_path: Path) -> None:
    moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
    values = {"a": moment, "b": moment.replace(tzinfo=None)}
    ws = filled(
        tmp_path / "a.xlsx",
        template({"A1": "{{ a }}", "A2": "{{ b }}"}),
        values,
        zone=ZoneInfo("Europe/Berlin"),
    )

    assert [ws["A1"].value.hour, ws["A2"].value.hour] == [14, 12]


def test_formatted_text_keeps_its_pieces(tmp_path: Path) -> None:
    def build(book: openpyxl.Workbook) -> None:
        bold = TextBlock(InlineFont(b=True), "{{ name }}")
        book.worksheets[0]["A1"] = CellRichText(
            "Dear ", bold, TextBlock(InlineFont(i=True), ", {{ na"), "me }}!"
        )

    fill(tmp_path / "a.xlsx", built(build), {"name": "Ann"})
    text = openpyxl.load_workbook(tmp_path / "a.xlsx", rich_text=True).worksheets[0]["A1"].value

    assert str(text) == "Dear Ann, Ann!"
    assert next((part.text, part.font.b) for part in text if isinstance(part, TextBlock)) == ("Ann", True)


def test_text_becomes_a_formula_where_the_template_says_so_and_nowhere_else(tmp_path: Path) -> None:
    cells = {"A1": '&="{{ a }}"&" "&{{ n }}', "A2": "{{ a }}", "A3": "{{ b }}", "A4": "&={{ a }}"}
    ws = filled(tmp_path / "a.xlsx", template(cells), {"a": 'x"&1', "n": 2, "b": "&=1+1"})

    assert shown(ws) == {"A1": '="x""&1"&" "&2', "A2": 'x"&1', "A3": "&=1+1", "A4": '="x""&1"'}


def test_text_that_begins_like_a_formula_stays_text(tmp_path: Path) -> None:
    fill(tmp_path / "a.xlsx", template({"A1": "{{ a }}"}), {"a": "=1+1"})

    (cell,) = xml(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml").iter("{*}c")
    assert cell.get("t") == "inlineStr"
    assert cell.find("{*}f") is None


def test_a_formula_of_the_template_is_filled_and_one_that_is_given_is_written(tmp_path: Path) -> None:
    cells = {"A1": '="{{ a }}"&B1', "A2": "{{ f }}"}
    ws = filled(tmp_path / "a.xlsx", template(cells), {"a": 'say "hi"', "f": Formula("1+1", 2)})

    assert shown(ws) == {"A1": '="say ""hi"""&B1', "A2": "=1+1"}


def test_nan_becomes_a_blank_cell_and_is_noted(tmp_path: Path) -> None:
    written = fill(tmp_path / "a.xlsx", template({"A1": "{{ x }}"}), {"x": float("nan")})

    assert written.notes == ("sheet 'S', column 'x': NaN, now blank cells: 1 (first in A1)",)


def test_a_value_that_nothing_mentions_is_noted(tmp_path: Path) -> None:
    written = fill(tmp_path / "a.xlsx", template({"A1": "{{ x }}"}), {"x": 1, "y": 2})

    assert written.notes == ("sheet 'S': the template does not mention the value 'y'",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ compny }}", "there is no 'compny'; did you mean 'company'?"),
        ("{{ company.nam }}", "there is no 'nam'; did you mean 'name'?"),
        ("{{ compny|upper }}", "'compny' is undefined; did you mean 'company'?"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ 1 + }}", "is no expression"),
        ("{{ company.__class__.__mro__ }}", "there is no '__class__'"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ company }}", "a cell holds a single value"),
        ("of {{ company }}", "a cell holds a single value"),
        ("&={{ company }}", "a cell holds a single value"),
    ],
)
def test_a_wrong_placeholder_is_refused_with_its_cell(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadWorkbook) as caught:
        fill(tmp_path / "a.xlsx", template({"B3": text}), {"company": {"name": "X"}})

    assert says in str(caught.value)
    assert "sheet 'S'" in str(caught.value)
    assert "B3" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "a.xlsx").exists()


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("x" * 32_768, "32,768 characters"),
        ("a\x00b", "control character"),
        (10**15, "more than 15 digits"),
        (float("inf"), "no infinity"),
        (date(1900, 1, 1), "before 1900-03-01"),
        (b"x", "no cell for bytes"),
    ],
)
def test_a_value_that_no_cell_holds_is_refused_with_its_cell(
    tmp_path: Path, value: object, says: str
) -> None:
    with pytest.raises(BadCell) as caught:
        fill(tmp_path / "a.xlsx", template({"C2": "{{ x }}"}), {"x": value})

    assert says in str(caught.value)
    assert caught.value.cell == "C2"


def test_a_quoted_text_longer_than_excel_takes_in_a_formula_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        BadTemplate, match="cell A1: a quoted text in the formula has more than 255 characters"
    ):
        fill(tmp_path / "a.xlsx", template({"A1": '&="{{ x }}"&"."'}), {"x": "y" * 256})

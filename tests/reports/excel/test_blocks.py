"""Several tables, text, key figures and links stand one below the other, each where it belongs."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from reports import Column, Figure, Figures, Formula, Link, Properties, Sheet, Table, Text, Workbook
from reports.errors import BadBlock, BadColumnName, UnknownColumn
from reports.excel.writer import write_workbook
from reports.sheet import Page
from tests.support.workbooks.reading import CREATED, sheet_of, write

AIRPORTS = pl.DataFrame({"airport": ["EWR", "JFK"], "flights": [9893, 9161]})
WRONG: Any = "total"  # no function, no style, no paper
CARRIERS = pd.DataFrame({"carrier": ["UA"], "share_on_time": [0.77], "flights": [4637]})


def values(ws: Worksheet) -> list[tuple[Any, ...]]:
    return [tuple(cell.value for cell in row if cell.value is not None) for row in ws.iter_rows()]


def test_blocks_follow_each_other_with_an_empty_row_between(tmp_path: Path) -> None:
    sheet = Sheet("A", Text("Flights", "title"), Table(AIRPORTS), CARRIERS, notes=["Cancelled ones too."])
    write(tmp_path / "a.xlsx", sheet)
    assert values(sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")) == [
        ("Flights",),
        (),
        ("airport", "flights"),
        ("EWR", 9893),
        ("JFK", 9161),
        (),
        ("carrier", "share_on_time", "flights"),
        ("UA", 0.77, 4637),
        (),
        ("Cancelled ones too.",),
    ]


def test_a_sheet_of_several_tables_has_no_filter_and_freezes_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", AIRPORTS, CARRIERS), Sheet("B", Text("One"), AIRPORTS))
    book = load_workbook(tmp_path / "a.xlsx")
    a, b = sheet_of(book, "A"), sheet_of(book, "B")
    assert (a.auto_filter.ref, a.freeze_panes, a.print_title_rows) == (None, None, None)
    assert (b.auto_filter.ref, b.freeze_panes, b.print_title_rows) == ("A3:B5", "A4", "$3:$3")


def test_key_figures_show_what_they_are_and_their_value(tmp_path: Path) -> None:
    figures = Figures(
        {
            "Flights": 27004,
            "On time": Figure(0.773, format="percent"),
            "Revenue": Figure(Decimal("1.5"), currency="EUR"),
            "First day": date(2013, 1, 1),
            "Carriers": Formula("=COUNTA(A1:A9)", 9),
            "=not a formula": "=1+1",
        }
    )
    write(tmp_path / "a.xlsx", Sheet("A", figures))
    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")
    assert [(ws.cell(row, 1).value, ws.cell(row, 2).number_format) for row in range(1, 6)] == [
        ("Flights", "#,##0"),
        ("On time", "0.0%"),
        ("Revenue", "#,##0.00 [$EUR]"),
        ("First day", "yyyy-mm-dd"),
        ("Carriers", "#,##0"),
    ]
    assert ws["B5"].value == "=COUNTA(A1:A9)"
    assert (ws["A6"].data_type, ws["B6"].data_type) == ("s", "s")
    shown = sheet_of(load_workbook(tmp_path / "a.xlsx", data_only=True), "A")
    assert [shown.cell(row, 2).value for row in (1, 5)] == [27004, 9]


def test_links_lead_to_sheets_and_addresses(tmp_path: Path) -> None:
    links = [
        Link("Every flight", to="Bob's flights", cell="B2"),
        Link("Source", to="https://example.org/?a=1&b=2"),
    ]
    write(tmp_path / "a.xlsx", Sheet("A", *links), Sheet("Bob's flights", AIRPORTS))
    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")
    inside, outside = ws["A1"].hyperlink, ws["A3"].hyperlink
    assert inside is not None
    assert outside is not None
    assert (ws["A1"].value, inside.location) == ("Every flight", "'Bob''s flights'!B2")
    assert (ws["A3"].value, outside.target) == ("Source", "https://example.org/?a=1&b=2")


def test_a_column_of_addresses_is_clickable_unless_told_not_to_be(tmp_path: Path) -> None:
    frame = pl.DataFrame({"site": ["https://a.example", None, "https://b.example"], "code": ["x", "y", "z"]})
    write(tmp_path / "a.xlsx", Sheet("A", frame), Sheet("B", frame, columns={"site": Column(link=False)}))
    book = load_workbook(tmp_path / "a.xlsx")
    found = [sheet_of(book, "A").cell(row, 1).hyperlink for row in (2, 3, 4)]
    assert [link.target if link else None for link in found] == [
        "https://a.example",
        None,
        "https://b.example",
    ]
    assert sheet_of(book, "B")["A2"].hyperlink is None


def test_an_excel_table_has_its_name_its_columns_and_its_totals(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", AIRPORTS, excel_table="Airports", totals={"flights": "sum"}))
    table = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A").tables["Airports"]
    assert (table.ref, table.autoFilter.ref, table.totalsRowCount) == ("A1:B4", "A1:B3", 1)
    assert [(column.name, column.totalsRowFunction) for column in table.tableColumns] == [
        ("airport", None),
        ("flights", "sum"),
    ]


def test_an_excel_table_refuses_headers_that_are_the_same(tmp_path: Path) -> None:
    sheet = Sheet("A", AIRPORTS, excel_table="T", columns={"airport": Column("Flights")})
    with pytest.raises(BadColumnName, match="headers that differ"):
        write(tmp_path / "a.xlsx", sheet)


def test_names_stand_for_ranges_and_for_tables(tmp_path: Path) -> None:
    workbook = Workbook(
        Sheet("By day", AIRPORTS, table_name="airports"),
        names={"first": "'By day'!a2", "both": "By day!A2:B3"},
    )
    write_workbook(workbook, tmp_path / "a.xlsx", created=CREATED)
    names = load_workbook(tmp_path / "a.xlsx").defined_names
    assert {name: names[name].attr_text for name in names} == {
        "first": "'By day'!$A$2",
        "both": "'By day'!$A$2:$B$3",
        "airports": "'By day'!$A$1:$B$3",
    }


def test_a_note_of_a_column_rests_on_its_header(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", AIRPORTS, columns={"flights": Column(note="Cancelled ones too")}))
    comment = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")["B1"].comment
    assert comment is not None
    assert comment.text == "Cancelled ones too"


def test_widths_page_and_properties_are_what_the_author_says(tmp_path: Path) -> None:
    page = Page(orientation="landscape", paper="letter", fit_width=False, repeat_header=False)
    workbook = Workbook(
        Sheet("A", AIRPORTS, widths={"B": 40, "AA": 5}, page=page),
        properties=Properties(author="Finance", subject="Flights", keywords="air", description="All"),
    )
    write_workbook(workbook, tmp_path / "a.xlsx", created=CREATED)
    book = load_workbook(tmp_path / "a.xlsx")
    ws = sheet_of(book, "A")
    assert (ws.column_dimensions["B"].width, ws.column_dimensions["AA"].width) == (40, 5)
    assert (ws.page_setup.orientation, ws.page_setup.paperSize, ws.print_title_rows) == ("landscape", 1, None)
    assert (book.properties.creator, book.properties.subject) == ("Finance", "Flights")


def test_formulas_in_a_column_are_live_and_keep_their_values(tmp_path: Path) -> None:
    cells = [
        Formula("B2*2", 4.5),
        "=B2*2",
        Formula('IF(B2>1,"a","b")', "a"),
        Formula("NOW()"),
        Formula("1<2", True),
    ]
    frame = pd.DataFrame({"twice": pd.Series(cells, dtype=object), "n": range(5)})
    for path in ("columnar", "openpyxl"):
        write_workbook(Workbook(Sheet("A", frame)), tmp_path / "a.xlsx", created=CREATED, row_path=path)
        live = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")
        shown = sheet_of(load_workbook(tmp_path / "a.xlsx", data_only=True), "A")
        types = [(live.cell(row, 1).data_type, live.cell(row, 1).value) for row in range(2, 7)]
        assert types == [
            ("f", "=B2*2"),
            ("s", "=B2*2"),
            ("f", '=IF(B2>1,"a","b")'),
            ("f", "=NOW()"),
            ("f", "=1<2"),
        ]
        assert [shown.cell(row, 1).value for row in range(2, 7)] == [4.5, "=B2*2", "a", None, True]


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Sheet("A"), "the sheet is empty"),
        (lambda: Sheet("A", AIRPORTS, CARRIERS, totals={"flights": "sum"}), "totals belong to one frame"),
        (lambda: Sheet("A", Table(AIRPORTS), filter=False), "filter belong to one frame"),
        (lambda: Sheet("A", AIRPORTS, totals={"flights": WRONG}), "a total is one of"),
        (lambda: Sheet("A", AIRPORTS, widths={"b": 3}), "named by their letters"),
        (lambda: Sheet("A", AIRPORTS, widths={"B": 0}), "more than 0"),
        (lambda: Sheet("A", AIRPORTS, notes=["\x00"]), "control character"),
        (lambda: Sheet("A", AIRPORTS, excel_table="A1"), "no cell such as A1"),
        (lambda: Sheet("A", AIRPORTS, table_name="two words"), "letters, digits"),
        (lambda: Formula("="), "1 to 8,192"),
        (lambda: Formula("A\x01"), "control character"),
        (lambda: Text("a", style=WRONG), "title, heading"),
        (lambda: Figures({}), "at least one"),
        (lambda: Link("", to="https://a.example"), "a text and a target"),
        (lambda: Page(paper=WRONG), "A4, A3"),
        (
            lambda: Workbook(Sheet("A", Link("Go", to="Salse")), Sheet("Sales", AIRPORTS)),
            "did you mean 'Sales'",
        ),
        (lambda: Workbook(Sheet("A", AIRPORTS), names={"x y": "A!A1"}), "letters, digits"),
        (lambda: Workbook(Sheet("A", AIRPORTS), names={"x": "A1"}), "write it as Sheet!A1"),
        (lambda: Workbook(Sheet("A", AIRPORTS), names={"x": "B!A1"}), "no sheet 'B'"),
        (lambda: Workbook(Sheet("A", AIRPORTS, table_name="x"), names={"X": "A!A1"}), "ignores case"),
    ],
)
def test_what_has_no_meaning_is_refused_where_it_is_said(make: Any, match: str) -> None:
    with pytest.raises(BadBlock, match=match) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_a_total_of_a_column_that_is_not_there_names_the_one_meant() -> None:
    with pytest.raises(UnknownColumn, match="did you mean 'flights'"):
        Sheet("A", AIRPORTS, totals={"flight": "sum"})

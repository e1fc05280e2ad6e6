"""What a page is given of a workbook: the texts of cells, totals, figures, and what was left out."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from reports import Column, Figure, Figures, Formula, Highlight, LineChart, Link, Sheet, Table, Text, Workbook
from reports.frames import Frame
from reports.preflight import Findings
from reports.views.book import ShownBook, ShownFigures, ShownLink, ShownRows, ShownText
from reports.views.build import shown_book
from reports.views.table import ShownTable
from tests.support.workbooks.documents import KINDS, NEW_YORK


def book_of(*content: Any, most: int = 100, zone: ZoneInfo | None = None) -> tuple[ShownBook, Findings]:
    findings = Findings()
    sheet = content[0] if isinstance(content[0], Sheet) else Sheet("S", *content)
    return shown_book(
        Workbook(sheet, *content[1:]) if sheet is content[0] else Workbook(sheet), findings, zone, most
    ), findings


def table_of(content: Table | Frame, **options: Any) -> ShownTable:
    book, _ = book_of(content, **options)
    return next(part.table for part in book.sheets[0].parts if isinstance(part, ShownRows))


def texts(table: ShownTable) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def test_every_kind_of_value_is_shown_as_its_column_is_in_a_workbook() -> None:
    table = table_of(KINDS, zone=NEW_YORK)

    assert [column.header for column in table.columns][5] == "at (America/New_York)"
    assert texts(table)[0] == [
        'a, "b"',
        "1",
        "0.30",
        "1.100000",
        "2013-01-05",
        "2013-07-01 12:30:00",
        "13:45:00",
        "30:05:00",
        "TRUE",
    ]
    assert texts(table)[1] == [""] * 9
    assert texts(table)[2][1] == "1,152,921,504,606,846,977"
    assert [column.at_left for column in table.columns][:3] == [True, False, False]


def test_formats_follow_from_names_and_from_what_the_author_says() -> None:
    frame = pl.DataFrame({"revenue_eur": [1250.0], "share": [0.56], "n": [1234], "id": [10**17 + 1]})
    table = table_of(Table(frame, columns={"n": Column(format="0.0"), "id": Column(as_text=True)}))

    assert texts(table) == [["1,250.00 EUR", "56.0%", "1234.0", "100000000000000001"]]
    assert table.columns[3].at_left


def test_totals_stand_in_their_columns_and_the_first_without_one_is_their_label() -> None:
    frame = pl.DataFrame({"shop": ["a", "b"], "n": [1, 2], "eur": [Decimal("1.50"), Decimal("2.25")]})
    table = table_of(Table(frame, totals={"n": "count", "eur": "sum"}), most=1)

    assert [column.total for column in table.columns] == ["Total", "2", "3.75"]


def test_long_tables_are_cut_and_both_the_page_and_the_findings_say_so() -> None:
    book, findings = book_of(pl.DataFrame({"n": range(2_500)}), most=10)

    (part,) = book.sheets[0].parts
    assert isinstance(part, ShownRows)
    assert (len(part.table.rows), part.table.all_rows, book.rows) == (10, 2_500, {"S": 2_500})
    assert part.told == "the first 10 of 2,500 rows are shown; the workbook has all"
    assert [str(one) for one in findings.all()] == [f"sheet 'S': {part.told}"]


def test_a_stream_is_read_once_for_table_totals_marks_and_charts() -> None:
    whole = pa.table({"n": list(range(300)), "m": [0.5] * 300})

    def shown_of(frame: Frame) -> Any:
        table = Table(
            frame,
            totals={"n": "sum"},
            columns={"n": Column(marks=Highlight("top", 1, row=True))},
            charts=[LineChart("n", "m")],
        )
        book, _ = book_of(table, most=5)
        chart, rows = book.sheets[0].parts
        assert isinstance(rows, ShownRows)
        return rows, getattr(chart, "table").columns["m"].values  # noqa: B009 # a chart, whatever mypy knows

    streamed = shown_of(iter(whole.to_batches(max_chunksize=7)))
    assert streamed[0].table == shown_of(whole)[0].table
    assert streamed[0].table.columns[0].total == "44,850"
    assert len(streamed[1]) == 300


def test_a_highlight_of_a_row_is_seen_in_every_cell_of_it() -> None:
    frame = pl.DataFrame({"a": ["x", "y"], "n": [1, 9]})
    table = table_of(Table(frame, columns={"n": Column(marks=Highlight(">", 5, row=True))}))

    assert [[cell.style.ground is not None for cell in row] for row in table.rows] == [
        [False] * 2,
        [True] * 2,
    ]


def test_what_only_a_workbook_can_do_is_left_out_with_a_finding() -> None:
    marks = Column(marks=Highlight("formula", "[n] > 1"))
    frame = pl.DataFrame({"n": [1], "f": [1.5]})
    _, findings = book_of(Table(frame, columns={"n": marks, "f": Column(format="0.0.0")}))

    assert [str(one) for one in findings.all()] == [
        "sheet 'S', column 'n': highlights by a formula, which only a workbook works out, left out: 1",
        "sheet 'S', column 'f': its format '0.0.0' means something only a workbook shows; "
        "its numbers are shown plainly",
    ]


def test_mixed_columns_show_each_value_by_its_kind() -> None:
    values = [
        "a",
        1234,
        None,
        datetime(2013, 7, 1, 16, 30, tzinfo=UTC),
        True,
        Decimal("1.20"),
        Formula("A1", 7),
    ]
    frame = pd.DataFrame({"m": pd.Series(values, dtype=object), "n": 1})

    assert [row[0] for row in texts(table_of(frame, zone=NEW_YORK))] == [
        "a",
        "1,234",
        "",
        "2013-07-01 12:30",
        "TRUE",
        "1.20",
        "7",
    ]


def test_texts_figures_and_links_keep_their_order() -> None:
    figures = Figures(
        {"Revenue": Figure(Decimal("2230.50"), currency="EUR"), "Shops": Formula("A1", 2), "x": None}
    )
    book, findings = book_of(
        Text("T", "title"), figures, Link("Here", "S"), Link("About", "About"), Text("end")
    )

    kinds = [type(part) for part in book.sheets[0].parts]
    assert kinds == [ShownText, ShownFigures, ShownLink, ShownLink, ShownText]
    assert book.sheets[0].parts[1] == ShownFigures([("Revenue", "2,230.50 EUR"), ("Shops", "2"), ("x", "")])
    assert [getattr(part, "sheet", None) for part in book.sheets[0].parts][2:4] == [0, 1]
    assert [one.kind for one in findings.all()] == ["formulas"]


@pytest.mark.parametrize(
    "wide", [pa.array([2**64 - 1], pa.uint64()), pa.array([Decimal("1" * 50)], pa.decimal256(60, 0))]
)
def test_numbers_longer_than_a_cell_holds_keep_their_digits(wide: Any) -> None:
    table = table_of(pa.table({"n": wide}))

    assert texts(table)[0][0].replace(",", "") == str(wide[0].as_py())

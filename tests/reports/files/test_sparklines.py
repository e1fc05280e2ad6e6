"""Sparklines on pages: small pictures with words for those who do not see them; elsewhere said to be left out."""

import re
from pathlib import Path
from typing import Any

import polars as pl
import pypdf
import pytest

from reports import BadWorkbook, Changes, Column, Highlight, Sheet, Sparkline, Workbook
from reports.file_formats import Format
from reports.pictures.sparks import spark_svg
from tests.support.workbooks.documents import write
from tests.support.workbooks.html import page_of, text_of

MONTHS = ["Jan", "Feb", "Mar"]
FRAME = pl.DataFrame({"shop": ["<b>", "Market"], "Jan": [1, 4], "Feb": [2.5, None], "Mar": [3, -6]})
TREND = Sparkline("Trend", of=MONTHS, after="shop", highlight="high")
TOTALS: dict[str, Any] = dict.fromkeys(MONTHS, "sum")
BOOK = Workbook(Sheet("A", FRAME, sparklines=TREND, totals=TOTALS), title="Sparks")


def svg_of(numbers: list[float | None], ends: tuple[float, float] | None = None, **options: Any) -> str:
    return spark_svg(Sparkline("T", of=MONTHS, **options), numbers, ends, "said")


def test_a_page_draws_each_row_and_the_totals_where_the_column_stands(tmp_path: Path) -> None:
    table = next(page_of(tmp_path / "a.html", BOOK).iter("table"))

    assert [text_of(one) for one in table.iter("th")] == ["shop", "Trend", *MONTHS]
    rows = [[text_of(cell) for cell in row.iter("td")] for row in table.iter("tr")][1:]
    assert [row[1] for row in rows] == [
        "Jan 1 to Mar 3, lowest 1 (Jan), highest 3 (Mar)",
        "Jan 4 to Mar -6, lowest -6 (Mar), highest 4 (Jan)",
        "Jan 5 to Mar -3, lowest -3 (Mar), highest 5 (Jan)",
    ]
    assert len(list(table.iter("{*}svg"))) == 3
    assert rows[0][2:] == ["1", "2.50", "3"]


def test_the_words_of_a_picture_are_escaped(tmp_path: Path) -> None:
    frame = pl.DataFrame({"<i>": [1], '"&': [2]})
    page = page_of(
        tmp_path / "a.html", Workbook(Sheet("A", frame, sparklines=Sparkline("<T>", of=frame.columns)))
    )
    assert [text_of(one) for one in page.iter("{*}title")][1:] == [
        '<i> 1 to "& 2, lowest 1 (<i>), highest 2 ("&)'
    ]


def test_a_row_of_one_colour_stays_so(tmp_path: Path) -> None:
    columns = {"Jan": Column(marks=Highlight(">", 2, row=True))}
    page = page_of(tmp_path / "a.html", Workbook(Sheet("A", FRAME, columns=columns, sparklines=TREND)))
    grounds = [[cell.get("style") or cell.get("class") for cell in row] for row in next(page.iter("tbody"))]
    assert [len({"look-bad" in one for one in row}) for row in grounds] == [1, 1]


def test_a_pdf_draws_them_with_words_and_the_same_bytes(tmp_path: Path) -> None:
    pages = []
    for name in "ab":
        write(tmp_path / f"{name}.pdf", BOOK, "pdf")
        pages.append((tmp_path / f"{name}.pdf").read_bytes())
    plain = write(tmp_path / "c.pdf", Workbook(Sheet("A", FRAME, totals=TOTALS), title="Sparks"), "pdf")

    assert pages[0] == pages[1]
    assert len(pages[0]) > plain.bytes
    text = " ".join(pypdf.PdfReader(tmp_path / "a.pdf").pages[0].extract_text().split())
    assert "shop Trend Jan Feb Mar" in text


@pytest.mark.parametrize("format_", ["csv", "json", "parquet"])
def test_files_of_tables_alone_say_that_they_are_left_out(format_: Format, tmp_path: Path) -> None:
    written = write(tmp_path / f"a.{format_}", Workbook(Sheet("A", FRAME, sparklines=TREND)), format_)
    assert len(written.notes) == 1
    assert f"left out of the .{format_} file" in written.notes[0]
    assert "1 sparkline" in written.notes[0]


def test_rows_share_a_scale_only_where_they_are_asked_to(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [0, 0], "b": [1, 100]})
    shapes = {}
    for shared in (False, True):
        drawn = Sparkline("T", of=["a", "b"], same_scale=shared)
        page = page_of(tmp_path / "a.html", Workbook(Sheet("A", frame, sparklines=drawn)))
        shapes[shared] = [one.get("points") for one in page.iter("{*}polyline")]
    assert shapes[False] == ["3,21 117,3"] * 2
    assert shapes[True] == ["3,21 117,20.82", "3,21 117,3"]


def test_text_and_too_many_rows_are_refused_as_in_a_workbook(tmp_path: Path) -> None:
    drawn = Sparkline("T", of=["a", "b"])
    for frame, said in (
        (pl.DataFrame({"a": [1], "b": ["x"]}), "column 'b' holds text values"),
        (pl.DataFrame({"a": range(10_001), "b": range(10_001)}), "10,001 rows"),
    ):
        with pytest.raises(BadWorkbook, match=said):
            write(tmp_path / "a.html", Workbook(Sheet("A", frame, sparklines=drawn)), "html")


def test_a_line_is_broken_where_numbers_are_missing_and_one_alone_is_a_dot() -> None:
    svg = svg_of([1, 2, None, 3])
    assert svg.count("<polyline") == 1
    assert svg.count("<circle") == 1


def test_equal_numbers_are_a_line_in_the_middle_and_none_draw_nothing() -> None:
    assert 'points="3,12 60,12 117,12"' in svg_of([5, 5, 5])
    assert svg_of([None, None, None]).endswith("</title></svg>")


def test_columns_stand_on_zero_and_hang_from_it() -> None:
    svg = svg_of([2, 0, -2], kind="column")
    assert re.findall(r'<rect x="[^"]*" y="([^"]*)" width="30" height="([^"]*)"', svg) == [
        ("3", "9"),
        ("11", "1"),
        ("12", "9"),
    ]


def test_columns_begin_at_zero_though_all_are_far_from_it() -> None:
    assert re.findall(r'height="([\d.]+)" fill', svg_of([90, 100, 99], kind="column")) == [
        "16.2",
        "18",
        "17.82",
    ]


def test_wins_and_losses_are_all_of_one_height_and_a_draw_is_a_gap() -> None:
    svg = svg_of([1, -50, 0, 9], kind="win_loss")
    assert re.findall(r'height="(9)" fill="#(\w+)"', svg) == [
        ("9", "1F4E79"),
        ("9", "A3221B"),
        ("9", "1F4E79"),
    ]


def test_points_are_coloured_as_asked() -> None:
    svg = svg_of([3, 1, 4, -1], highlight=("high", "negative"), markers=True, colour="4899d9")
    assert re.findall(r'<circle[^>]*fill="#(\w+)"', svg) == ["4899D9", "4899D9", "D07A12", "A3221B"]


def test_the_words_of_a_count_show_no_currency(tmp_path: Path) -> None:
    columns = dict.fromkeys(MONTHS, Column(currency="EUR"))
    totals: dict[str, Any] = dict.fromkeys(MONTHS, "count")
    book = Workbook(Sheet("A", FRAME, columns=columns, totals=totals, sparklines=TREND))
    foot = next(page_of(tmp_path / "a.html", book).iter("tfoot"))
    assert text_of(foot).startswith("TotalJan 2 to Mar 2, lowest 1 (Feb), highest 2 (Jan)")


def test_totals_of_groups_stay_below_their_columns_and_draw_nothing(tmp_path: Path) -> None:
    frame = pl.concat([FRAME, FRAME]).with_columns(shop=pl.Series(["x", "y", "x", "y"]))
    book = Workbook(Sheet("A", frame, totals=TOTALS, sparklines=TREND, group_by="shop"))
    bodies = list(page_of(tmp_path / "a.html", book).iter("tbody"))
    assert [[text_of(cell) for cell in body[-1]] for body in bodies] == [
        ["Total x", "", "2", "5.00", "6"],
        ["Total y", "", "8", "0.00", "-12"],
    ]
    assert [len(list(body.iter("{*}svg"))) for body in bodies] == [2, 2]


def test_a_new_row_is_marked_from_end_to_end(tmp_path: Path) -> None:
    changes = Changes(FRAME.tail(1), key="shop")
    page = page_of(tmp_path / "a.html", Workbook(Sheet("A", FRAME, changes=changes, sparklines=TREND)))
    rows = next(page.iter("tbody"))
    assert [["look-good" in (cell.get("class") or "") for cell in row] for row in rows] == [
        [True] * 5,
        [False] * 5,
    ]

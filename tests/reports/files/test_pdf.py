"""A workbook as PDF: text that can be selected, pages that fit, and text of others that stays text."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pypdf import PdfReader

from reports import (
    Changes,
    Column,
    ColumnChart,
    Figures,
    Link,
    Page,
    Properties,
    Sheet,
    Table,
    Text,
    Workbook,
)
from reports.errors import BadWorkbook
from reports.extras import MissingExtra
from reports.files import pdf_file
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.documents import CREATED, KINDS, NEW_YORK, write

HOSTILE = ['#import "x"', "$ x $", "*bold* _it_", "\\ <a> @b [c]", "= head", "// no comment", "#panic()"]
FRAME = pl.DataFrame({"shop": ["Harbour", "Market"], "n": [311, 240]})


def pages_of(path: Path, book: Any, **options: Any) -> list[Any]:
    write(path, book, "pdf", **options)
    return list(PdfReader(path).pages)


def text_of(page: Any) -> str:
    return " ".join(page.extract_text().replace("\N{NO-BREAK SPACE}", " ").split())


def test_the_pages_have_everything_that_the_workbook_has(tmp_path: Path) -> None:
    table = Table(FRAME, totals={"n": "sum"}, charts=[ColumnChart("shop", "n", title="Receipts")])
    sheet = Sheet("Sum", Text("Good"), Figures({"Shops": 1234}), table, Link("Rest", "Rest"), notes=["Net."])
    book = Workbook(
        sheet, Sheet("Rest", FRAME), title="Sales", properties=Properties(author="Us", keywords="k")
    )

    first, second, *about = pages_of(tmp_path / "a.pdf", book, about=ABOUT)

    assert text_of(first).startswith("Sales January 2013 Sum Good Shops 1,234 ")
    assert " Receipts " in text_of(first)
    assert "shop n Harbour 311 Market 240 Total 551" in text_of(first)
    assert text_of(first).endswith("Net. Sales Sum 1 / 4")
    assert "Market 240" in text_of(second)
    assert "flight-punctuality" in text_of(about[0])
    told = PdfReader(tmp_path / "a.pdf")
    assert told.metadata is not None
    assert (told.metadata.title, told.metadata.author, told.metadata.creation_date) == (
        "Sales",
        "Us",
        CREATED,
    )
    assert "/Marked" in str(told.root_object["/MarkInfo"])
    assert [getattr(one, "title", None) for one in told.outline] == ["Sum", "Rest", "About"]


def test_text_of_others_is_never_markup(tmp_path: Path) -> None:
    table = Table(
        pl.DataFrame({HOSTILE[0]: HOSTILE, "n": range(7)}),
        charts=[ColumnChart(HOSTILE[0], "n", title=HOSTILE[1])],
    )
    sheet = Sheet(
        "#S", *(Text(one) for one in HOSTILE), Figures({HOSTILE[2]: HOSTILE[3]}), table, notes=HOSTILE
    )
    book = Workbook(sheet, title=HOSTILE[0], properties=Properties(author=HOSTILE[6], description=HOSTILE[1]))

    text = text_of(pages_of(tmp_path / "a.pdf", book, about=ABOUT)[0])

    assert [one for one in HOSTILE if text.count(" ".join(one.split())) < 3] == []


def test_every_kind_of_value_is_set(tmp_path: Path) -> None:
    (page,) = pages_of(tmp_path / "a.pdf", KINDS, zone=NEW_YORK)

    assert "1,152,921,504,606,846,977" in text_of(page)
    assert "2013-07-01 12:30:00" in text_of(page)


def test_a_wide_table_lies_and_a_header_comes_again_on_each_page(tmp_path: Path) -> None:
    wide = pl.DataFrame({f"column {number}": range(100) for number in range(12)})

    pages = pages_of(tmp_path / "a.pdf", wide)

    assert pages[0].mediabox.width > pages[0].mediabox.height
    assert [text_of(page).count("column 11") for page in pages] == [1] * len(pages)
    assert len(pages) > 1
    upright = pages_of(tmp_path / "b.pdf", Workbook(Sheet("S", wide, page=Page("portrait", "A3"))))
    assert round(upright[0].mediabox.width) == 842


def test_a_header_over_several_rows_comes_again_on_each_page_as_wide_as_its_texts(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": range(100), "a": range(100), "b": range(100)})
    above = "#above two narrow columns in one line"
    columns = {"a": Column("Jan", above=above), "b": Column("Feb", above=above)}

    pages = pages_of(tmp_path / "a.pdf", Workbook(Sheet("S", frame, columns=columns)))

    assert len(pages) > 1
    assert [page.extract_text().count(f"{above}\nn Jan Feb") for page in pages] == [1] * len(pages)


def test_groups_have_their_totals_below_them(tmp_path: Path) -> None:
    frame = pl.DataFrame({"region": ["#North", "South", "#North"], "shop": ["A", "B", "C"], "n": [1, 2, 3]})
    sheet = Sheet("S", frame, group_by=["region", "shop"], totals={"n": "sum"})

    (page,) = pages_of(tmp_path / "a.pdf", Workbook(sheet))

    assert (
        "#North A 1 Total A 1 #North C 3 Total C 3 Total #North 4 South B 2 Total B 2 Total South 2 Total 6"
    ) in text_of(page)


def test_what_changed_is_told_in_the_table_below_it_and_on_pages_of_its_own(tmp_path: Path) -> None:
    now = pl.DataFrame({"carrier": ["AA", "#DL", "UA"], "n": [2724, 3690, 1], "s": ["*a*", "*b*", "*c*"]})
    before = pl.DataFrame({"carrier": ["AA", "#DL"], "n": [2724, 4180], "s": ["$x$", "*b*"]})
    blocks = [Table(now, changes=Changes(before, key="carrier")), Link("All", "Changes"), Link("A", "About")]

    first, changes = pages_of(tmp_path / "a.pdf", Workbook(Sheet("S", *blocks)))

    assert "AA 2,724 *a* was $x$ #DL 3,690 was 4,180 *b* UA new 1 *c*" in text_of(first)
    assert "changed cells are amber, with what they were; the list is under Changes." in text_of(first)
    assert text_of(changes).startswith("Changes 1 row added, 2 changed, largest: #DL -490. Rows added 1 ")
    assert "#DL n 4,180 3,690 -490" in text_of(changes)
    assert [getattr(one, "title", None) for one in PdfReader(tmp_path / "a.pdf").outline] == ["S", "Changes"]


def test_a_table_wider_than_paper_gets_a_wider_page_and_says_so(tmp_path: Path) -> None:
    wide = pl.DataFrame({f"column {number}": ["some text here"] for number in range(60)})

    written = write(tmp_path / "a.pdf", wide, "pdf")

    (page,) = PdfReader(tmp_path / "a.pdf").pages
    assert page.mediabox.width > 1000
    assert text_of(page).count("some text here") == 60
    assert written.notes == (
        "sheet 'Data': its page is wider than the paper, so that all columns stand on it",
    )


def test_characters_beyond_its_own_fonts_are_noted(tmp_path: Path) -> None:
    plain = write(tmp_path / "a.pdf", pl.DataFrame({"a": ["Żółć ñ Ж λ € → ≤"]}), "pdf")
    other = write(tmp_path / "b.pdf", Workbook(Sheet("S", pl.DataFrame({"a": ["中文"]}))), "pdf")

    assert plain.notes == ()
    assert other.notes == (
        "sheet 'S': its text has characters that the PDF's own fonts lack; they are set in fonts of this machine",
    )


def test_without_its_library_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.extras.find_spec", lambda _: None)

    with pytest.raises(
        MissingExtra, match=r"PDF needs a library that is not installed; .*'presstime\[pdf\]'"
    ):
        write(tmp_path / "a.pdf", FRAME, "pdf")
    chart = ColumnChart("shop", "n")
    with pytest.raises(BadWorkbook, match=r"charts as pictures need .*'presstime\[pictures\]'"):
        write(tmp_path / "a.html", Workbook(Sheet("S", FRAME, charts=chart)), "html")
    write(tmp_path / "b.html", FRAME, "html")
    assert [path.name for path in tmp_path.iterdir()] == ["b.html"]


def test_a_column_width_in_characters_is_kept_by_long_words(tmp_path: Path) -> None:
    long = "https://example.org/" + "a" * 200
    (page,) = pages_of(
        tmp_path / "a.pdf", Workbook(Sheet("S", pl.DataFrame({"u": [long]}), columns={"u": Column("U")}))
    )

    assert "a" * 200 in page.extract_text().replace("\n", "").replace("\N{ZERO WIDTH SPACE}", "")
    assert pdf_file.TEMPLATE.exists()


def test_the_head_says_the_period_the_headline_and_what_changed(tmp_path: Path) -> None:
    before = FRAME.head(1)
    sheet = Sheet("Shops", FRAME, changes=Changes(before, key="shop", since="May"))
    first, *_ = pages_of(tmp_path / "a.pdf", Workbook(sheet, headline="#Up & away"), about=ABOUT)
    assert "January 2013 #Up & away Since May: 1 row added." in text_of(first)

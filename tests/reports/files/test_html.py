"""A workbook as an HTML page: whole, valid, by itself, and safe whatever is in the cells."""

import re
from pathlib import Path

import polars as pl
import pytest

from reports import (
    Changes,
    Column,
    ColumnChart,
    DataBar,
    Figures,
    Highlight,
    IconSet,
    LineChart,
    Link,
    Properties,
    Sheet,
    Table,
    Text,
    Workbook,
)
from reports.pictures.colours import contrast
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.documents import KINDS, NEW_YORK, write
from tests.support.workbooks.html import HOSTILE, page_of, text_of

FRAME = pl.DataFrame({"shop": ["Harbour", "Market"], "n": [311, 240], "share": [0.56, 0.44]})
TABLE = Table(
    FRAME,
    columns={
        "shop": Column("Shop", note="Those that are open"),
        "n": Column("Receipts", marks=[DataBar(), Highlight("<", 300, look="late")]),
        "share": Column(marks=IconSet("arrows")),
    },
    totals={"n": "sum"},
    charts=[ColumnChart("shop", "n", title="Receipts"), LineChart("shop", "share")],
)
BOOK = Workbook(
    Sheet(
        "Sum <1>", Text("Good", "title"), Figures({"Shops": 2}), TABLE, Link("Rest", "Rest"), notes=["Net."]
    ),
    Sheet("Rest", FRAME),
    title="Sales & more",
    properties=Properties(description="All shops"),
)


def test_the_page_has_everything_that_the_workbook_has(tmp_path: Path) -> None:
    page = page_of(tmp_path / "a.html", BOOK, about=ABOUT)

    assert next(text_of(one) for one in page.iter("title")) == "Sales & more"
    assert [text_of(one) for one in page.iter("h1", "h2")] == ["Sales & more", "Sum <1>", "Rest"]
    assert [one.get("href") for one in page.iter("a")] == ["#sheet-1", "#sheet-2", "#sheet-2"]
    assert [text_of(one) for one in page.iter("dt", "dd")] == ["Shops", "2"]
    table = next(page.iter("table"))
    assert [text_of(one) for one in table.iter("th")] == ["Shop", "Receipts", "share"]
    assert [[text_of(cell) for cell in row.iter("td")] for row in table.iter("tr")][1:] == [
        ["Harbour", "311", "▲high 56.0%"],
        ["Market", "240", "▼low 44.0%"],
        ["Total", "551", ""],
    ]
    assert next(table.iter("th")).get("title") == "Those that are open"
    assert len(list(page.iter("{*}svg"))) == 2
    assert "flight-punctuality" in text_of(next(page.iter("details")))


def test_marks_are_seen(tmp_path: Path) -> None:
    page = page_of(tmp_path / "a.html", BOOK)

    cells = [one for one in next(page.iter("table")).iter("td") if text_of(one) in {"311", "240"}]
    assert [(one.get("class"), one.get("style")) for one in cells] == [
        ("n bar", "--from:0.00%;--to:100.00%;--bar:#9DB8D2"),
        ("n look-late bar", "--from:0.00%;--to:77.17%;--bar:#9DB8D2"),
    ]


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    frame = pl.DataFrame({HOSTILE[0]: HOSTILE, "n": range(len(HOSTILE))})
    table = Table(
        frame,
        columns={"n": Column(HOSTILE[1], note=HOSTILE[1])},
        charts=[ColumnChart(HOSTILE[0], "n", title=HOSTILE[0], alt=HOSTILE[1])],
    )
    link = Link(HOSTILE[0], 'https://example.org/"><script>')
    book = Workbook(
        Sheet("<b>&", Text(HOSTILE[0]), Figures({HOSTILE[1]: HOSTILE[0]}), table, link, notes=[HOSTILE[3]]),
        title=HOSTILE[0],
        properties=Properties(author=HOSTILE[1]),
    )
    page = page_of(tmp_path / "a.html", book, about=ABOUT)

    tags = {one.tag for one in page.iter() if isinstance(one.tag, str)}
    assert not tags & {"script", "img", "iframe", "object"}
    assert not [name for one in page.iter() for name in one.attrib if name.startswith("on")]
    assert [text_of(row[0]) for row in next(page.iter("tbody"))] == [*HOSTILE[:5], "a\\x00b"]
    assert next(page.iter("h1")).text == HOSTILE[0]


def test_the_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    page = page_of(tmp_path / "a.html", BOOK, about=ABOUT)
    text = (tmp_path / "a.html").read_text()

    assert not list(page.iter("link", "script", "base", "{*}image", "{*}use"))
    assert not re.search(r"url\(|@import|src=", text)
    assert not [one.get("id") for one in page.iter() if (one.get("id") or "").startswith("clip")]


def test_every_kind_of_value_and_a_zone_are_valid(tmp_path: Path) -> None:
    page = page_of(tmp_path / "a.html", KINDS, zone=NEW_YORK)

    assert "at (America/New_York)" in [text_of(one) for one in page.iter("th")]
    assert not list(page.iter("nav"))  # of a single sheet


def test_a_long_table_says_that_it_is_cut(tmp_path: Path) -> None:
    written = write(tmp_path / "a.html", pl.DataFrame({"n": range(2_100)}), "html")

    text = (tmp_path / "a.html").read_text()
    assert text.count("<tr>") == 2_001
    assert "The first 2,000 of 2,100 rows are shown; the workbook has all." in text
    assert written.rows == {"Data": 2_100}
    assert written.notes == ("sheet 'Data': the first 2,000 of 2,100 rows are shown; the workbook has all",)
    page_of(tmp_path / "b.html", pl.DataFrame({"n": []}, schema={"n": pl.Int64}))
    assert "No rows." in (tmp_path / "b.html").read_text()


def test_addresses_are_links_and_nothing_else_is(tmp_path: Path) -> None:
    frame = pl.DataFrame({"url": ["https://example.org/?a=1&b=<2>", "javascript:alert(1)"]})
    page = page_of(tmp_path / "a.html", Workbook(Sheet("S", frame, columns={"url": Column(link=True)})))

    assert [one.get("href") for one in page.iter("a")] == ["https://example.org/?a=1&b=<2>"]


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_text_can_be_read_on_its_ground(tmp_path: Path, ground: str) -> None:
    write(tmp_path / "a.html", BOOK, "html")
    style = (tmp_path / "a.html").read_text().partition("<style>")[2].partition("</style>")[0]
    light, _, dark = style.partition("@media screen and (prefers-color-scheme: dark)")
    colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light if ground == "light" else dark))

    pairs = [("ink", "paper"), ("ink", "card"), ("soft", "paper"), ("soft", "card"), ("accent", "card")]
    pairs += [(look, f"pale-{look}") for look in ("good", "late", "bad")]
    assert [pair for pair in pairs if contrast(colour[pair[0]], colour[pair[1]]) < 4.5] == []


def test_the_head_says_the_period_the_headline_and_what_changed(tmp_path: Path) -> None:
    before = pl.DataFrame({"shop": ["Harbour"], "n": [300]})
    changes = Changes(before, key="shop", since="December 2012")
    book = Workbook(Sheet("Shops", before.with_columns(n=pl.lit(311)), changes=changes), headline="Up & away")
    assert [text_of(line) for line in page_of(tmp_path / "a.html", book, about=ABOUT).find(".//header")] == [
        "Punctuality of flights",
        "January 2013",
        "Up & away",
        "Since December 2012: 1 row changed, largest: Harbour +11.",
    ]
    plain = page_of(tmp_path / "a.html", Workbook(Sheet("Shops", before)))
    assert [text_of(line) for line in plain.find(".//header")] == ["Shops"]


def test_numbers_about_the_run_stand_at_the_right_and_names_do_not(tmp_path: Path) -> None:
    page = page_of(tmp_path / "a.html", BOOK, about=ABOUT)

    heads = {text_of(head): head.get("class") for head in page.iterfind(".//th")}
    assert [heads[name] for name in ("Rows in", "Rows out")] == ["n", "n"]
    assert [heads[name] for name in ("Step", "Outcome", "Address")] == [None] * 3

"""Tables on an HTML page: headers over several rows, groups that fold, and what changed since last time."""

from pathlib import Path

import polars as pl

from reports import Changes, Column, DataBar, Link, Sheet, Table, Workbook
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.html import HOSTILE, page_of, text_of

CROSSED = Table(
    pl.DataFrame({"carrier": ["UA", "B6"], "a": [1, 2], "b": [3, 4], "c": [5, 6]}),
    columns={
        "a": Column("Jan", above=["2013", "<EWR>"], note="Cold"),
        "b": Column("Feb", above=["2013", "<EWR>"]),
        "c": Column("Jan", above=["2013", "JFK"]),
    },
)


def test_headers_over_several_rows_say_which_columns_they_are_of(tmp_path: Path) -> None:
    page = page_of(tmp_path / "a.html", Workbook(Sheet("S", CROSSED)))

    rows = [
        [(text_of(one), one.get("scope"), one.get("colspan"), one.get("rowspan")) for one in row]
        for row in next(page.iter("thead"))
    ]
    assert rows == [
        [("carrier", "col", None, "3"), ("2013", "colgroup", "3", None)],
        [("<EWR>", "col", "2", None), ("JFK", "col", None, None)],
        [("Jan", "col", None, None), ("Feb", "col", None, None), ("Jan", "col", None, None)],
    ]
    assert [one.get("span") for one in page.iter("colgroup")] == ["1", "3"]
    assert [text_of(one) for one in page.iter("th") if one.get("title") == "Cold"] == ["Jan"]


def test_a_narrow_first_column_of_names_stays_in_view(tmp_path: Path) -> None:
    long = pl.DataFrame({"text": ["x" * 60], "n": [1]})
    numbers = pl.DataFrame({"n": [1], "name": ["a"]})
    sheets = [Sheet("A", CROSSED), Sheet("B", long), Sheet("C", numbers)]
    page = page_of(tmp_path / "a.html", Workbook(*sheets))

    assert [one.get("class") for one in page.iter("table")] == ["keep", None, None]


def test_groups_are_bodies_that_can_be_folded_without_a_script_and_are_whole_on_paper(tmp_path: Path) -> None:
    frame = pl.DataFrame({"region": ["<North>", "South", "<North>"], "shop": ["A", "B", "C"], "n": [1, 2, 3]})
    table = Table(frame, group_by=["region", "shop"], totals={"n": "sum"})
    page = page_of(tmp_path / "a.html", Workbook(Sheet("S", table), Sheet("Plain", frame)))

    bodies = [
        [(row.get("class"), *(text_of(cell) for cell in row)) for row in body]
        for body in next(page.iter("table")).iter("tbody")
    ]
    assert bodies == [
        [
            (None, "<North>", "A", "1"),
            ("sum inner", "", "Total A", "1"),
            (None, "<North>", "C", "3"),
            ("sum inner", "", "Total C", "3"),
            ("sum outer", "Total <North>", "", "4"),
        ],
        [(None, "South", "B", "2"), ("sum inner", "", "Total B", "2"), ("sum outer", "Total South", "", "2")],
    ]
    labels = [text_of(one) for one in page.iter("label") if next(one.iter("input")).get("type") == "checkbox"]
    assert labels == ["Totals only", "Total <North>", "Total South"]
    style = (tmp_path / "a.html").read_text().partition("<style>")[2].partition("</style>")[0]
    folding = style[style.index("@media screen {") : style.index("@media screen and (min-width")]
    assert (
        style.count("tr:not(.sum) { display: none; }")
        == folding.count("tr:not(.sum) { display: none; }")
        == 1
    )


def test_a_group_that_is_cut_says_how_much_of_it_is_shown(tmp_path: Path) -> None:
    frame = pl.DataFrame({"g": ["a"] * 1_500 + ["b"] * 900 + ["c"], "v": range(2_401)})
    page = page_of(tmp_path / "a.html", Workbook(Sheet("S", frame, group_by="g", totals={"v": "sum"})))

    sums = [[text_of(cell) for cell in row] for row in page.iter("tr") if row.get("class")]
    assert sums == [
        ["Total a", f"{sum(range(1_500)):,}"],
        ["Total b 500 of 900 rows shown", f"{sum(range(1_500, 2_400)):,}"],
    ]
    assert "The first 2,000 of 2,401 rows are shown; totals count all" in text_of(next(page.iter("main")))


NOW = pl.DataFrame({"carrier": ["AA", "DL", "UA"], "flights": [2724, 3690, 1]})
CHANGES = Changes(
    pl.DataFrame({"carrier": ["AA", "DL", "GA"], "flights": [2724, 4180, 31]}), key="carrier", since="October"
)


def test_what_changed_is_marked_said_below_the_table_and_listed_before_about(tmp_path: Path) -> None:
    columns = {"flights": Column("Flights", marks=DataBar())}
    sheet = Sheet("By carrier", Table(NOW, columns=columns, changes=CHANGES), Link("All of it", "Changes"))
    page = page_of(tmp_path / "a.html", Workbook(sheet), about=ABOUT)

    first, *lists = page.iter("table")
    assert [[text_of(cell) for cell in row] for row in first.iter("tr")] == [
        ["carrier", "Flights"],
        ["AA", "2,724"],
        ["DL", "3,690was 4,180"],
        ["UA new", "1"],
    ]
    assert [one.get("class") for one in first.iter("td")][2:] == [
        "w",
        "n look-late bar",
        "w look-good",
        "n look-good bar",
    ]
    notes = [text_of(one) for one in page.iter("p") if one.get("class") == "note"]
    assert notes[0] == (
        "Since October: 1 row added, 1 removed, 1 changed, largest: DL -490. New rows are green; "
        "changed cells are amber, with what they were; the list is under Changes."
    )
    assert [text_of(one) for one in page.iter("h2")] == ["By carrier", "Changes"]
    assert [one.get("href") for one in page.iter("a")] == ["#sheet-1", "#sheet-2", "#sheet-2"]
    headings = ["Changed cells", "Rows added", "Rows removed"]
    assert [text_of(one) for one in page.iter("h3")][:3] == headings
    assert [[text_of(cell) for cell in row] for row in lists[0].iter("tr")] == [
        ["carrier", "Column", "Before", "Now", "Difference"],
        ["DL", "Flights", "4,180", "3,690", "-490"],
    ]


def test_hostile_values_before_and_their_names_stay_text(tmp_path: Path) -> None:
    before = pl.DataFrame({"key": range(7), "now": [*HOSTILE, ""], HOSTILE[0]: HOSTILE[1]})
    now = pl.DataFrame({"key": range(6), "now": ["x"] * 6})
    changes = Changes(before, key="key", since=HOSTILE[1])
    page = page_of(tmp_path / "a.html", Workbook(Sheet("S", now, changes=changes)))

    assert [text_of(one) for one in page.iter("small")] == [f"was {one}" for one in [*HOSTILE[:5], "a\\x00b"]]
    tags = {one.tag for one in page.iter() if isinstance(one.tag, str)}
    assert not tags & {"script", "img", "b"}

"""What changed is marked on a page's tables and listed beside them as in the workbook."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from openpyxl import load_workbook

from reports import Changes, Column, DataBar, Formula, Highlight, Link, Sheet, Table, Text, Workbook
from reports.errors import BadKey
from reports.excel.writer import write_workbook
from reports.palette import HIGHLIGHTS
from reports.preflight import Findings
from reports.views.book import ShownBook, ShownFigures, ShownLink, ShownRows, ShownText, without_changes
from reports.views.build import shown_book
from reports.views.table import ShownTable

CREATED = datetime(2026, 11, 3, tzinfo=UTC)
AMBER, GREEN = (HIGHLIGHTS[meaning][1] for meaning in ("late", "good"))
BEFORE = pl.DataFrame(
    {
        "carrier": ["AA", "DL", "EV", "GA"],
        "flights": [2724, 3690, 4180, 31],
        "share_on_time": [0.78, 0.8, 0.5, 0.9],
        "first": [date(2026, 10, 1)] * 4,
    }
)
NOW = pl.DataFrame(
    {
        "carrier": ["AA", "DL", "EV", "UA"],
        "flights": [2724, 3690, 5171, 1],
        "share_on_time": [0.78, None, 0.5, 0.25],
        "first": [date(2026, 10, 11)] + [date(2026, 10, 1)] * 3,
    }
)
CHANGES = Changes(BEFORE, key="carrier", since="October 2026")


def shown(
    *sheets: Sheet, most: int = 2_000, zone: ZoneInfo | None = None
) -> tuple[ShownBook, tuple[str, ...]]:
    findings = Findings()
    book = shown_book(Workbook(*sheets), findings, zone, most)
    return book, tuple(str(one) for one in findings.all())


def table_of(book: ShownBook) -> ShownTable:
    return next(part.table for part in book.sheets[0].parts if isinstance(part, ShownRows))


def marks(table: ShownTable) -> dict[tuple[int, int], tuple[str | None, str | None]]:
    """The ground and the words of each cell that a comparison marks."""
    return {
        (row, place): (cell.whole_style.ground, "new" if cell.change.new else cell.change.was)
        for row, cells in enumerate(table.rows)
        for place, cell in enumerate(cells)
        if cell.change
    }


def lines(book: ShownBook) -> list[list[str]]:
    """Of the page Changes, as rows of texts."""
    assert book.changes is not None
    found: list[list[str]] = []
    for part in book.changes.parts:
        if isinstance(part, ShownRows):
            found.append([column.header for column in part.table.columns])
            found += [[cell.text for cell in row] for row in part.table.rows]
        elif isinstance(part, ShownFigures):
            found += [list(figure) for figure in part.figures]
        elif isinstance(part, ShownText):
            found.append([part.text])
    return found


def test_new_rows_are_green_and_changed_cells_amber_each_with_a_word() -> None:
    book, findings = shown(Sheet("By carrier", NOW, changes=CHANGES))

    assert marks(table_of(book)) == {
        (0, 3): (AMBER, "was 2026-10-01"),
        (1, 2): (AMBER, "was 80.0%"),
        (2, 1): (AMBER, "was 4,180"),
        (3, 0): (GREEN, "new"),
        **{(3, place): (GREEN, None) for place in (1, 2, 3)},
    }
    (rows,) = book.sheets[0].parts
    assert isinstance(rows, ShownRows)
    assert rows.changes == (
        "Since October 2026: 1 row added, 1 removed, 3 changed, largest: EV +991. New rows are green; "
        "changed cells are amber, with what they were; the list is under Changes."
    )
    assert findings == ()


def test_the_page_changes_lists_what_the_sheet_changes_lists(tmp_path: Path) -> None:
    awkward = NOW.with_columns(note=pl.Series([" a", "b & <c>", None, "=x"]), n=pl.lit(10**14))
    changes = Changes(awkward[1:].with_columns(n=pl.col("n") + 1, note=pl.lit("")), key="carrier", at_most=2)
    sheets = [Sheet("One", awkward, changes=changes), Sheet("Two", NOW, changes=CHANGES)]
    write_workbook(Workbook(*sheets), tmp_path / "a.xlsx", created=CREATED)
    rows = load_workbook(tmp_path / "a.xlsx")["Changes"].iter_rows(min_row=2, values_only=True)

    listed = [[value for value in row if value is not None] for row in rows]
    on_page = lines(shown(*sheets)[0])
    assert [len([text for text in line if text]) for line in on_page] == [len(row) for row in listed if row]
    plain = [[str(value) for value in row] for row in listed if row]
    texts = [line for line in plain if all(isinstance(one, str) for one in line) and len(line) == 1]
    assert [line for line in on_page if len(line) == 1] == texts
    assert ["Changed cells: the first 2 of 5"] in texts
    assert ["DL", "n", "100,000,000,000,001", "100,000,000,000,000", "-1"] in on_page


def test_listed_values_and_differences_look_like_their_columns() -> None:
    before = NOW.with_columns(price_eur=pl.lit(Decimal("1.00")), flights=pl.col("flights") + 0.5)
    now = NOW.with_columns(price_eur=pl.lit(Decimal("2.50")))
    columns = {"price_eur": Column("Euro", above=["2026", "Net"]), "flights": Column("Flights")}
    book, _ = shown(Sheet("S", now[:1], columns=columns, changes=Changes(before[:1], key="carrier")))

    assert lines(book)[-3:] == [
        ["carrier", "Column", "Before", "Now", "Difference"],
        ["AA", "Flights", "2,724.50", "2,724", "-0.50"],
        ["AA", "2026 / Net / Euro", "1.00 EUR", "2.50 EUR", "+1.50 EUR"],
    ]


def test_conditional_formats_come_before_what_changed() -> None:
    columns = {"flights": Column(marks=[DataBar(), Highlight(">", 5_000, look="bad")])}
    book, _ = shown(Sheet("S", NOW, columns=columns, changes=CHANGES))

    cell = table_of(book).rows[2][1]
    assert cell.whole_style.ground == HIGHLIGHTS["bad"][1]
    assert cell.whole_style.bar is not None
    assert cell.change is not None
    assert cell.change.was == "was 4,180"


@pytest.mark.parametrize(
    ("before", "said"),
    [(None, "No report to compare with."), (NOW, "No change since October 2026.")],
    ids=["the first", "the same"],
)
def test_a_first_report_and_one_without_a_change_say_so(before: Any, said: str) -> None:
    book, _ = shown(Sheet("S", NOW, changes=Changes(before, key="carrier", since="October 2026")))

    (rows,) = book.sheets[0].parts
    assert isinstance(rows, ShownRows)
    assert (rows.changes, lines(book)[0], marks(rows.table)) == (said, [said], {})


def test_values_of_every_kind_say_what_they_were() -> None:
    zone = ZoneInfo("America/New_York")
    at = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)
    mixed: list[Any] = ["a\x1bb", Formula("B2*2", 4), 10**17]
    now = pd.DataFrame({"k": [1, 2, 3], "m": pd.Series(mixed, dtype=object)})
    now["at"], now["id"] = at, ["1", "2", "3"]
    before = pd.DataFrame({"k": [1, 2, 3], "m": pd.Series([None, Formula("B2*2", 5), 1.5], dtype=object)})
    before["at"], before["id"] = at.replace(day=2), ["x" * 400, "", "9"]
    columns = {"id": Column(as_text=True)}
    book, _ = shown(Sheet("S", now, columns=columns, changes=Changes(before, key="k")), zone=zone)

    said = {place: words for place, (_, words) in marks(table_of(book)).items()}
    assert said == {
        (0, 1): "was blank",
        (1, 1): "was =B2*2 (5)",
        (2, 1): "was 1.50",
        **{(row, 2): "was 2026-07-02 12:30" for row in range(3)},
        (0, 3): f"was {'x' * 300}...",
        (1, 3): "was blank",
        (2, 3): "was 9",
    }
    assert ["1", "m", "", "a\\x1bb", ""] in lines(book)


def test_nested_values_and_columns_that_are_gone_are_listed() -> None:
    now = pa.table({"k": [1], "tags": [["a", "b"]]})
    before = pa.table(
        {"k": [1, 2], "tags": [["a"], ["c"]], "gone": [datetime(2026, 1, 2, 3, tzinfo=UTC)] * 2}
    )
    book, _ = shown(Sheet("S", now, changes=Changes(before, key="k")))

    found = lines(book)
    assert ["Columns gone", "gone"] in found
    assert ["1", "tags", '["a"]', '["a", "b"]', ""] in [[c.replace('","', '", "') for c in r] for r in found]
    assert found[-1] == ["2", '["c"]', "2026-01-02 03:00"]


def test_what_is_beyond_the_limits_is_marked_and_counted() -> None:
    now = pd.DataFrame({"key": range(1_200), "v": range(1_200)})
    changes = Changes(now.assign(v=-1), key="key", at_most=100_000)
    book, findings = shown(Sheet("Data", now, changes=changes), most=1_100)

    found = marks(table_of(book)).values()
    assert [(None, "was -1") in found, len(found), list(found).count((AMBER, None))] == [False, 1_100, 100]
    assert findings == (
        "sheet 'Data': the first 1,100 of 1,200 rows are shown; the workbook has all",
        "sheet 'Data': changed cells beyond the first 1,000, marked but without what they were: 100",
        "sheet 'Changes': the first 1,100 of 1,200 rows are shown; the workbook has all",
    )


def test_a_key_that_is_there_twice_is_an_error_that_names_it() -> None:
    with pytest.raises(BadKey, match="'AA' is 2 times in the frame"):
        shown(Sheet("S", pl.concat([NOW, NOW[:1]]), changes=CHANGES))


def test_links_lead_to_the_changes_and_to_where_it_came_from() -> None:
    blocks = [Link("What changed", "Changes"), Link("Where from", "About"), Link("Here", "S")]
    book, _ = shown(Sheet("S", *blocks, Table(NOW, changes=CHANGES)))

    assert [part.sheet for part in book.sheets[0].parts if isinstance(part, ShownLink)] == [1, 2, 0]
    assert [page.name for page in book.pages] == ["S", "Changes"]


def test_one_table_on_two_sheets_is_told_of_twice() -> None:
    table = Table(NOW, changes=CHANGES)
    book, _ = shown(Sheet("One", table), Sheet("Two", table))

    assert [one.sheet for one in book.compared] == ["One", "Two"]
    assert [["One"] in lines(book), ["Two"] in lines(book)] == [True, True]


def test_without_what_changed_a_book_is_what_it_is_without_a_comparison() -> None:
    def bare(changes: Changes | None) -> Any:
        sheet = Sheet("S", Link("About", "About"), Text("T"), Table(NOW, changes=changes))
        book = without_changes(shown(sheet)[0])
        return [
            (part.table, part.told, part.changes) if isinstance(part, ShownRows) else part
            for part in book.pages[0].parts
        ]

    assert bare(None) == bare(CHANGES) == bare(Changes(None, key="carrier"))

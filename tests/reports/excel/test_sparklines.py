"""Sparklines: a column of pictures, each of its own row's numbers, in Excel's own extension."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from lxml import etree
from openpyxl import load_workbook

from reports import (
    BadWorkbook,
    Changes,
    Column,
    Formula,
    Highlight,
    Preflight,
    Sheet,
    Sparkline,
    Table,
    Text,
    Workbook,
    crosstab,
)
from reports import sparklines as rules
from reports.excel.writer import write_workbook
from tests.support.workbooks.libreoffice import opened_and_saved
from tests.support.workbooks.ooxml import X14
from tests.support.workbooks.package import xml
from tests.support.workbooks.reading import CREATED, sheet_of, write

MONTHS = ["Jan", "Feb", "Mar"]
FRAME = pl.DataFrame(
    {"shop": ["Harbour", "Market"], "Jan": [1, 4], "Feb": [2.5, None], "Mar": [3, -6], "goal": [9, 9]}
)
TREND = Sparkline("Trend", of=MONTHS)
TOTALS: dict[str, Any] = dict.fromkeys(MONTHS, "sum")
PATHS: tuple[Any, ...] = ("columnar", "openpyxl")


def groups_of(path: Path, sheet: int = 1) -> list[Any]:
    return list(xml(path, f"xl/worksheets/sheet{sheet}.xml").iter(f"{{{X14}}}sparklineGroup"))


def drawn(path: Path, sheet: int = 1) -> list[tuple[str, str]]:
    """The cell of each sparkline, and the cells that it draws."""
    return [
        (one.findtext("{*}sqref"), one.findtext("{*}f"))
        for group in groups_of(path, sheet)
        for one in group.iter(f"{{{X14}}}sparkline")
    ]


def rows_of(path: Path, sheet: str = "A") -> list[list[Any]]:
    ws = sheet_of(load_workbook(path, data_only=True), sheet)
    return [list(row) for row in ws.iter_rows(values_only=True)]


@pytest.mark.parametrize("path", PATHS)
def test_the_last_column_draws_the_numbers_of_its_own_row(path: Any, tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, sparklines=TREND), row_path=path)

    assert drawn(tmp_path / "a.xlsx") == [("F2", "'A'!B2:D2"), ("F3", "'A'!B3:D3")]
    assert rows_of(tmp_path / "a.xlsx") == [
        ["shop", "Jan", "Feb", "Mar", "goal", "Trend"],
        ["Harbour", 1, 2.5, 3, 9, None],
        ["Market", 4, None, -6, 9, None],
    ]


def test_it_stands_after_the_column_that_is_named_and_several_stand_in_their_order(tmp_path: Path) -> None:
    several = [replace(TREND, header=name, after="shop") for name in ("One", "Two")]
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, sparklines=[*several, TREND]))

    header = rows_of(tmp_path / "a.xlsx")[0]
    assert header == ["shop", "One", "Two", "Jan", "Feb", "Mar", "goal", "Trend"]
    cells = {"".join(filter(str.isalpha, place)): cells for place, cells in drawn(tmp_path / "a.xlsx")}
    assert cells == dict.fromkeys("BCH", "'A'!D3:F3")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"type": "line", "displayEmptyCellsAs": "gap", "lineWeight": "1.25", "displayXAxis": "1"}),
        ({"markers": True, "highlight": ("high", "low")}, {"markers": "1", "high": "1", "low": "1"}),
        (
            {"kind": "column", "same_scale": True},
            {"type": "column", "minAxisType": "group", "maxAxisType": "group"},
        ),
        ({"kind": "win_loss"}, {"type": "stacked", "negative": "1"}),
        ({"highlight": "first", "colour": "d07a12"}, {"first": "1"}),
    ],
)
def test_options_are_excels_own(options: dict[str, Any], expected: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, sparklines=replace(TREND, **options)))

    (group,) = groups_of(tmp_path / "a.xlsx")
    assert {name: group.get(name) for name in expected} == expected
    assert group.find("{*}colorSeries").get("rgb") == f"FF{options.get('colour', '1F4E79').upper()}"
    assert group.find("{*}colorHigh").get("rgb") != group.find("{*}colorSeries").get("rgb")


def test_columns_begin_at_0_unless_a_number_is_negative(tmp_path: Path) -> None:
    sheet = Sheet("A", FRAME.with_columns(pl.col("Mar").abs()), sparklines=replace(TREND, kind="column"))
    formula = pd.DataFrame({"a": [Formula("-1", -1)], "b": [2]})
    write(
        tmp_path / "a.xlsx",
        sheet,
        Sheet("B", FRAME, sparklines=replace(TREND, kind="column")),
        Sheet("C", formula, sparklines=Sparkline("Trend", of=["a", "b"], kind="column")),
    )

    starts = [groups_of(tmp_path / "a.xlsx", sheet)[0].get("manualMin") for sheet in (1, 2, 3)]
    assert starts == ["0", None, None]


@pytest.mark.parametrize("path", PATHS)
def test_totals_of_groups_have_none_and_the_last_row_draws_the_sums(path: Any, tmp_path: Path) -> None:
    frame = pl.concat([FRAME, FRAME]).with_columns(shop=pl.Series(["x", "y", "x", "y"]))
    options: dict[str, Any] = {"group_by": "shop", "totals": TOTALS, "sparklines": TREND}
    write(tmp_path / "a.xlsx", Sheet("A", Text("Above"), Table(frame, **options)), row_path=path)

    places = [place for place, _ in drawn(tmp_path / "a.xlsx")]
    assert places == ["F10", "F4", "F5", "F7", "F8"]
    assert [row[0] for row in rows_of(tmp_path / "a.xlsx")][5::3] == ["Total x", "Total y"]
    assert len(groups_of(tmp_path / "a.xlsx")) == 2  # sums would make the others flat


def test_a_row_of_several_functions_is_not_drawn(tmp_path: Path) -> None:
    totals: dict[str, Any] = TOTALS | {"Mar": "mean"}
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, sparklines=TREND, totals=totals))
    assert [place for place, _ in drawn(tmp_path / "a.xlsx")] == ["F2", "F3"]


def test_an_excel_table_has_the_column_and_never_labels_its_totals_there(tmp_path: Path) -> None:
    frame = FRAME.select(MONTHS)
    sheet = Sheet("A", frame, sparklines=TREND, totals=TOTALS, excel_table="T")
    write(tmp_path / "a.xlsx", sheet)

    table = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A").tables["T"]
    assert table.ref == "A1:D4"
    assert [column.name for column in table.tableColumns] == [*MONTHS, "Trend"]
    assert [column.totalsRowLabel for column in table.tableColumns] == [None] * 4
    assert rows_of(tmp_path / "a.xlsx")[-1] == [5, 2.5, -3, None]


def test_its_header_may_stand_below_others(tmp_path: Path) -> None:
    columns = {month: Column(above="2026") for month in MONTHS}
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, columns=columns, sparklines=replace(TREND, above=("2026",))))

    assert rows_of(tmp_path / "a.xlsx")[:2] == [
        [None, "2026", None, None, None, "2026"],
        ["shop", *MONTHS, "goal", "Trend"],
    ]
    assert drawn(tmp_path / "a.xlsx")[0] == ("F3", "'A'!B3:D3")


def test_a_cross_tab_is_drawn_beside_its_totals(tmp_path: Path) -> None:
    frame = pl.DataFrame({"shop": ["a", "b", "a"], "month": ["09", "09", "10"], "n": [1, 2, 3]})
    table = crosstab(frame, rows="shop", columns="month", values="n")
    write(
        tmp_path / "a.xlsx",
        Sheet("A", replace(table, sparklines=Sparkline("Trend", of=["09", "10"], after="shop"))),
    )

    assert rows_of(tmp_path / "a.xlsx") == [
        ["shop", "Trend", "09", "10", "Total"],
        ["a", None, 1, 3, 4],
        ["b", None, 2, None, 2],
        ["Total", None, 3, 3, 6],
    ]
    assert [place for place, _ in drawn(tmp_path / "a.xlsx")] == ["B4", "B2", "B3"]


def test_what_changed_is_marked_beside_it(tmp_path: Path) -> None:
    changes = Changes(FRAME.with_columns(Feb=pl.lit(7.0)), key="shop")
    written = write(
        tmp_path / "a.xlsx", Sheet("A", FRAME, changes=changes, sparklines=replace(TREND, after="shop"))
    )

    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")
    assert {cell.coordinate: cell.comment.text for row in ws.iter_rows() for cell in row if cell.comment} == {
        "D2": "was 7.00",
        "D3": "was 7.00",
    }
    assert written.changes is not None
    assert "column" not in written.changes["sentence"]


def test_a_stream_is_drawn_row_by_row(tmp_path: Path) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        for first in (0, 2, 4):
            yield pa.record_batch({"a": [first, first + 1], "b": [1, None]})

    write(tmp_path / "a.xlsx", Sheet("A", batches(), sparklines=Sparkline("Trend", of=["a", "b"])))
    assert [place for place, _ in drawn(tmp_path / "a.xlsx")] == [f"C{row}" for row in range(2, 8)]


def test_each_sheet_of_a_split_table_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("layout", "table_part"):
        monkeypatch.setattr(f"reports.excel.{module}.MAX_ROWS", 4)
    frame = pl.DataFrame({"a": range(5), "b": range(5)})
    book = Workbook(
        Sheet("A", frame, sparklines=Sparkline("Trend", of=["a", "b"])), preflight=Preflight(rows="split")
    )
    write_workbook(book, tmp_path / "a.xlsx", created=CREATED)

    assert [cells for _, cells in drawn(tmp_path / "a.xlsx", 1)] == [
        f"'A'!A{row}:B{row}" for row in (2, 3, 4)
    ]
    assert [cells for _, cells in drawn(tmp_path / "a.xlsx", 2)] == [
        f"'A (2)'!A{row}:B{row}" for row in (2, 3)
    ]


def test_a_row_whose_number_became_text_has_none_and_that_is_said(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, 10**17, 3], "b": [1, 2, 3]})
    sheet = Sheet("A", frame, sparklines=Sparkline("Trend", of=["a", "b"]))
    book = Workbook(sheet, preflight=Preflight(digits="text"))
    written = write_workbook(book, tmp_path / "a.xlsx", created=CREATED)

    assert [place for place, _ in drawn(tmp_path / "a.xlsx")] == ["C2", "C4"]
    assert "column 'Trend': rows with a number that became text" in written.notes[-1]


def test_a_table_without_rows_has_none(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME.head(0), sparklines=TREND))
    assert "extLst" not in etree.tostring(xml(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml")).decode()


def test_equal_tables_give_equal_bytes_and_other_sparklines_count_as_other_content(tmp_path: Path) -> None:
    first, second, other = (
        write(tmp_path / f"{name}.xlsx", Sheet("A", FRAME, sparklines=replace(TREND, markers=name == "c")))
        for name in "abc"
    )
    assert first.sha256 == second.sha256
    assert first.content_sha256 != other.content_sha256


def test_libreoffice_reads_all_of_them(tmp_path: Path) -> None:
    kinds: tuple[Any, ...] = ("line", "column", "win_loss")
    several = [Sparkline(kind, of=MONTHS, kind=kind) for kind in kinds]
    write(tmp_path / "a.xlsx", Sheet("It's A & B", FRAME, sparklines=several, totals=TOTALS))

    (saved,) = opened_and_saved([tmp_path / "a.xlsx"], tmp_path)
    found = list(etree.parse(saved).iter("{*}sparkline"))
    ranges = {value for one in found for name, value in one.attrib.items() if name.endswith("data-range")}
    assert len(found) == 9
    assert ranges == {f"'It''s A & B'.B{row}:'It''s A & B'.D{row}" for row in (2, 3, 4)}


@pytest.mark.parametrize(
    ("sparkline", "said"),
    [
        (Sparkline("T", of=["Jan", "Mar"]), "'Mar' does not stand right of 'Jan'"),
        (Sparkline("T", of=["Feb", "Jan"]), "'Jan' does not stand right of 'Feb'"),
        (Sparkline("T", of=MONTHS, after="Jan"), "'Feb' .* with the sparkline 'T' before it"),
        (
            Sparkline("T", of=["Jan", "Fe"]),
            r"Sparkline\('T'\): the frame has no column 'Fe'; did you mean 'Feb'",
        ),
        (Sparkline("T", of=MONTHS, after="shops"), "did you mean 'shop'"),
        (Sparkline("goal", of=MONTHS), "another column has this name"),
        ("Trend", "give Sparkline"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_once(sparkline: Any, said: str) -> None:
    with pytest.raises(BadWorkbook, match=said) as caught:
        Sheet("A", FRAME, sparklines=[sparkline])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"of": ["Jan"]}, "at least two columns"),
        ({"of": "Jan"}, "at least two columns"),
        ({"kind": "pie"}, "line, column, win_loss, and not 'pie'"),
        ({"highlight": "middle"}, "and not 'middle'"),
        ({"kind": "column", "markers": True}, "dots on a line"),
        ({"kind": "win_loss", "same_scale": True}, "has no scale"),
        ({"colour": "red"}, "six hexadecimal digits"),
        ({"width": 0}, "more than 0"),
        ({"header": " "}, "the header is empty"),
        ({"header": "a\x00"}, "control character"),
    ],
)
def test_a_wrong_word_is_refused_in_one_line(options: dict[str, Any], said: str) -> None:
    with pytest.raises(BadWorkbook, match=said) as caught:
        Sparkline(**{"header": "Trend", "of": MONTHS} | options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("frame", "columns", "said"),
    [
        (pl.DataFrame({"a": [1], "b": ["x"]}), {}, "column 'b' holds text values"),
        (pl.DataFrame({"a": [1], "b": [date(2026, 1, 1)]}), {}, "column 'b' holds date values"),
        (
            pd.DataFrame({"a": [1, 2], "b": pd.Series([1, "x"], dtype=object)}),
            {},
            "column 'b' holds text values",
        ),
        (pl.DataFrame({"a": [1], "b": [2]}), {"b": Column(as_text=True)}, r"written as text \(as_text=\)"),
        (
            pl.DataFrame({"a": range(10_001), "b": range(10_001)}),
            {},
            "the table has 10,001 rows, and sparklines are drawn for at most 10,000",
        ),
    ],
)
def test_columns_that_are_no_numbers_and_too_many_rows_are_refused(
    frame: Any, columns: dict[str, Column], said: str, tmp_path: Path
) -> None:
    with pytest.raises(BadWorkbook, match=f"^sheet 'A', Sparkline 'T': .*{said}"):
        write(
            tmp_path / "a.xlsx", Sheet("A", frame, columns=columns, sparklines=Sparkline("T", of=["a", "b"]))
        )
    assert not (tmp_path / "a.xlsx").exists()


def test_a_stream_of_too_many_rows_is_refused_when_they_come(tmp_path: Path) -> None:
    batch = pa.record_batch({"a": range(6_000), "b": range(6_000)})
    with pytest.raises(BadWorkbook, match="12,000 rows"):
        write(tmp_path / "a.xlsx", Sheet("A", iter([batch] * 3), sparklines=Sparkline("T", of=["a", "b"])))


def test_a_highlights_formula_cannot_mean_a_column_without_values(tmp_path: Path) -> None:
    columns = {"goal": Column(marks=Highlight("formula", "[Trend] > 1"))}
    with pytest.raises(BadWorkbook, match=r"\[Trend\] is no column of the table"):
        write(tmp_path / "a.xlsx", Sheet("A", FRAME, columns=columns, sparklines=TREND))


def test_a_column_of_nothing_is_drawn_as_nothing(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, 2], "b": [None, None]})
    write(tmp_path / "a.xlsx", Sheet("A", frame, sparklines=Sparkline("T", of=["a", "b"])))
    assert len(drawn(tmp_path / "a.xlsx")) == 2


def test_as_many_rows_as_may_be_are_drawn(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": range(rules.MAX_ROWS), "b": range(rules.MAX_ROWS)})
    write(tmp_path / "a.xlsx", Sheet("A", frame, sparklines=Sparkline("T", of=["a", "b"])))
    assert len(drawn(tmp_path / "a.xlsx")) == rules.MAX_ROWS


def test_a_table_without_sparklines_costs_no_memory_for_its_rows(tmp_path: Path) -> None:
    book = Workbook(Sheet("Long", pl.DataFrame({"n": range(400_000)})))
    write_workbook(book, tmp_path / "a.xlsx", created=CREATED)  # loads what is loaded on first use
    tracemalloc.start()
    write_workbook(book, tmp_path / "a.xlsx", created=CREATED)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000  # a list of the rows' numbers has 16 MB

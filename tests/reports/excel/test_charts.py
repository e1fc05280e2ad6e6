"""Charts are Excel's own, over the ranges where their tables stand."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from lxml import etree
from openpyxl import load_workbook

from reports import (
    AreaChart,
    BadWorkbook,
    BarChart,
    ColumnChart,
    ComboChart,
    LineChart,
    PieChart,
    Preflight,
    ScatterChart,
    Sheet,
    Table,
    Text,
    Workbook,
)
from reports.charts import Chart
from reports.excel.writer import write_workbook
from tests.support.workbooks.package import xml
from tests.support.workbooks.reading import CREATED, sheet_of, write

FRAME = pl.DataFrame(
    {
        "carrier": ["UA", "B6", "DL"],
        "flights": [4637, 4427, None],
        "share_late": [0.25, 0.125, 0.5],
    }
)
CHART = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}
KINDS: list[tuple[Chart, str, list[str]]] = [
    (LineChart("carrier", ["flights", "share_late"]), "lineChart", ["B", "C"]),
    (ColumnChart("carrier", ["flights", "share_late"]), "barChart", ["B", "C"]),
    (BarChart("carrier", "flights", stacking="stacked"), "barChart", ["B"]),
    (AreaChart("carrier", ["flights"]), "areaChart", ["B"]),
    (ScatterChart("flights", "share_late"), "scatterChart", ["C"]),
    (PieChart("carrier", "flights"), "pieChart", ["B"]),
    (PieChart("carrier", "flights", hole=True), "doughnutChart", ["B"]),
    (ComboChart("carrier", "flights", lines="share_late"), "barChart", ["B", "C"]),
]


def chart_part(path: Path, number: int = 1) -> Any:
    return xml(path, f"xl/charts/chart{number}.xml")


def texts(root: Any, where: str) -> list[str]:
    return [found.text for found in root.iterfind(where, CHART)]


@pytest.mark.parametrize(("chart", "kind", "letters"), KINDS, ids=lambda one: getattr(one, "kind", ""))
def test_each_kind_draws_its_columns_and_openpyxl_reads_it(
    chart: Chart, kind: str, letters: list[str], tmp_path: Path
) -> None:
    write(tmp_path / "a.xlsx", Sheet("Carriers' own", FRAME, charts=chart, totals={"flights": "sum"}))

    root = chart_part(tmp_path / "a.xlsx")
    assert root.find(f".//c:{kind}", CHART) is not None
    values = texts(root, ".//c:val/c:numRef/c:f") or texts(root, ".//c:yVal/c:numRef/c:f")
    assert values == [f"'Carriers'' own'!${letter}$2:${letter}$4" for letter in letters]
    assert texts(root, ".//c:tx/c:strRef/c:f") == [f"'Carriers'' own'!${letter}$1" for letter in letters]
    (read,) = sheet_of(load_workbook(tmp_path / "a.xlsx"), "Carriers' own")._charts  # type: ignore[attr-defined]
    drawn = [(series.yVal if kind == "scatterChart" else series.val).numRef.f for series in read.series]
    assert drawn  # of a combined chart it knows the first kind alone
    assert drawn == values[: len(drawn)]


def test_values_are_stored_for_programs_that_do_not_calculate(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, charts=LineChart("carrier", ["flights", "share_late"])))

    root = chart_part(tmp_path / "a.xlsx")
    assert texts(root, ".//c:ser[1]//c:val//c:v") == ["4637", "4427"]
    assert [one.get("idx") for one in root.iterfind(".//c:ser[1]//c:val//c:pt", CHART)] == ["0", "1"]
    assert texts(root, ".//c:ser[1]//c:cat//c:v") == ["UA", "B6", "DL"]
    assert texts(root, ".//c:val//c:formatCode") == ["#,##0", "0.0%"]
    assert texts(root, ".//c:ser[2]//c:tx//c:v") == ["share_late"]


@pytest.mark.parametrize("path", ["columnar", "openpyxl"])
def test_a_number_that_became_text_is_not_drawn(path: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"x": ["a\x07", "b", "c"], "n": [1.5, float("inf"), 2.5]})
    preflight = Preflight(infinity="text", control_characters="remove")
    book = Workbook(Sheet("A", frame, charts=LineChart("x", "n")), preflight=preflight)
    write_workbook(book, tmp_path / "a.xlsx", created=CREATED, row_path=path)  # type: ignore[arg-type]

    root = chart_part(tmp_path / "a.xlsx")
    assert texts(root, ".//c:val//c:v") == ["1.5", "2.5"]
    assert texts(root, ".//c:cat//c:v") == ["a", "b", "c"]


@pytest.mark.parametrize("path", ["columnar", "openpyxl"])
def test_a_chart_of_a_large_sheet_or_a_stream_covers_all_rows(path: str, tmp_path: Path) -> None:
    rows = 25_000

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, rows, 5_000):
            yield pa.record_batch({"n": list(range(start, start + 5_000)), "x": [0.5] * 5_000})

    table = pl.DataFrame({"n": range(rows), "x": [0.5] * rows})
    chart = LineChart("n", "x")
    sheets = (Sheet("Table", table, charts=chart), Sheet("Stream", batches(), charts=chart))
    write(tmp_path / "a.xlsx", *sheets, row_path=path)

    for number, sheet in enumerate(("Table", "Stream"), start=1):
        root = chart_part(tmp_path / "a.xlsx", number)
        assert texts(root, ".//c:val/c:numRef/c:f") == [f"'{sheet}'!$B$2:$B${rows + 1}"]
        assert root.find(".//c:val//c:pt", CHART) is None  # too many to store


def test_a_chart_alone_draws_the_table_that_it_names_wherever_that_stands(tmp_path: Path) -> None:
    blocks = [
        Text("Summary", "title"),
        LineChart("carrier", "flights", of="Later"),
        BarChart("carrier", "flights", of="second"),
    ]
    later = Sheet("Later", FRAME)
    two = Sheet("Two", Table(FRAME), Table(FRAME, name="second"))
    write(tmp_path / "a.xlsx", Sheet("Summary", *blocks), later, two)

    found = [texts(chart_part(tmp_path / "a.xlsx", n), ".//c:val/c:numRef/c:f") for n in (1, 2)]
    assert found == [["'Later'!$B$2:$B$4"], ["'Two'!$B$7:$B$9"]]


def test_only_the_first_rows_are_drawn_where_that_is_asked(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, charts=BarChart("carrier", "flights", first=2)))
    assert texts(chart_part(tmp_path / "a.xlsx"), ".//c:val/c:numRef/c:f") == ["'A'!$B$2:$B$3"]


def test_days_stand_on_an_axis_of_time_with_no_more_labels_than_fit(tmp_path: Path) -> None:
    days = pl.DataFrame({"day": pl.date_range(date(2013, 1, 1), date(2013, 3, 1), eager=True)})
    frame = days.with_columns(n=pl.int_range(pl.len()))
    write(tmp_path / "a.xlsx", Sheet("A", frame, charts=LineChart("day", "n")))

    axis = chart_part(tmp_path / "a.xlsx").find(".//c:dateAx", CHART)
    told = {
        name: axis.find(f"c:{name}", CHART).get("val") for name in ("majorUnit", "majorTimeUnit", "delete")
    }
    assert told == {"majorUnit": "7", "majorTimeUnit": "days", "delete": "0"}
    assert axis.find("c:numFmt", CHART).get("formatCode") == "d mmm"


def test_an_axis_counts_like_its_column_without_decimals(tmp_path: Path) -> None:
    frame = FRAME.with_columns(mean=pl.Series([0.5, -40.25, None]), low=pl.Series([0.5, 1.5, None]))
    charts = [
        LineChart("carrier", "share_late"),
        LineChart("carrier", "flights", format="0.00"),
        LineChart("carrier", "mean"),
        LineChart("carrier", "low"),
    ]
    write(tmp_path / "a.xlsx", Sheet("A", frame, charts=charts))

    codes = [
        chart_part(tmp_path / "a.xlsx", n).find(".//c:valAx/c:numFmt", CHART).get("formatCode")
        for n in (1, 2, 3, 4)
    ]
    assert codes == ["0%", "0.00", "#,##0", "#,##0.00"]


def test_a_chart_says_in_words_what_it_shows(tmp_path: Path) -> None:
    charts = [
        LineChart("carrier", "flights", title="Flights"),
        LineChart("carrier", "flights", alt="UA flies most"),
    ]
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, charts=charts))

    drawing = xml(tmp_path / "a.xlsx", "xl/drawings/drawing1.xml")
    told = [one.get("descr") for one in drawing.iter(etree.Element) if one.get("descr")]
    assert told == ["Flights: flights by carrier", "UA flies most"]
    without = chart_part(tmp_path / "a.xlsx", 2)
    assert without.find("c:chart/c:autoTitleDeleted", CHART).get("val") == "1"


def test_what_follows_stands_below_the_charts_beside_a_table(tmp_path: Path) -> None:
    chart = LineChart("carrier", "flights", height=8)
    write(tmp_path / "a.xlsx", Sheet("A", Table(FRAME, charts=[chart, chart]), Text("below")))

    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")
    spans = [(one.anchor._from.row + 1, one.anchor._from.col + 1) for one in ws._charts]  # type: ignore[attr-defined]
    assert spans == [(2, 5), (19, 5)]  # each 16 rows high, from the first row of the body on
    (below,) = [cell.row for row in ws.iter_rows() for cell in row if cell.value == "below"]
    assert below > 19 + 16


def test_charts_of_a_wide_table_stand_above_it_and_nothing_is_frozen(tmp_path: Path) -> None:
    wide = pl.DataFrame({f"c{number}": [1, 2] for number in range(12)})
    write(tmp_path / "a.xlsx", Sheet("A", wide, charts=LineChart("c0", "c1")))

    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")
    assert ws._charts[0].anchor._from.row == 0  # type: ignore[attr-defined]
    assert ws["A18"].value == "c0"
    assert (ws.freeze_panes, ws.auto_filter.ref) == (None, "A18:L20")
    assert texts(chart_part(tmp_path / "a.xlsx"), ".//c:val/c:numRef/c:f") == ["'A'!$B$19:$B$20"]


def test_no_page_ends_within_a_chart(tmp_path: Path) -> None:
    charts = [LineChart("carrier", "flights") for _ in range(4)]
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, charts=charts))

    ws = sheet_of(load_workbook(tmp_path / "a.xlsx"), "A")
    breaks = [one.id for one in ws.row_breaks.brk]
    assert breaks
    assert not any(first <= row < first + 15 for row in breaks for first in (2, 19, 36, 53))
    assert ws.page_setup.scale is not None
    setup: Any = ws.sheet_properties.pageSetUpPr
    assert not setup.fitToPage  # for Excel heeds no break where it fits the sheet itself


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (lambda: LineChart("carrier", ["flights", "flights"]), "a column is there twice"),
        (lambda: LineChart("carrier", []), "it shows 1 to 255 of them"),
        (lambda: PieChart("carrier", ["flights", "share_late"]), "it shows one column"),
        (lambda: ComboChart("carrier", "flights"), "it has columns (y) and lines="),
        (lambda: ColumnChart("carrier", "flights", stacking="up"), "none, stacked or percent"),  # type: ignore[arg-type]
        (lambda: LineChart("carrier", "flights", legend="top"), "legend= is bottom, right"),  # type: ignore[arg-type]
        (lambda: LineChart("carrier", "flights", width=0), "1 to 100 centimetres"),
        (lambda: LineChart("carrier", "flights", first=0), "at least one row"),
        (lambda: LineChart("carrier", "flights", title="\x00"), "LineChart"),
        (lambda: LineChart("carrier", "flights", format="0.0]"), "is not closed"),
    ],
)
def test_what_no_chart_can_be_is_refused_at_once(chart: Any, said: str) -> None:
    with pytest.raises(BadWorkbook) as caught:
        chart()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ([Sheet("A", FRAME), Sheet("B", LineChart("carrier", "flights"))], "says of which table it is"),
        (
            [Sheet("Data", FRAME), Sheet("B", LineChart("carrier", "flights", of="data"))],
            "did you mean 'Data'?",
        ),
        ([Sheet("A", FRAME), Sheet("B", LineChart("carrier", "flight", of="A"))], "did you mean 'flights'?"),
    ],
)
def test_a_chart_without_its_table_is_refused(sheets: list[Sheet], said: str) -> None:
    with pytest.raises(BadWorkbook) as caught:
        Workbook(*sheets)
    assert said in str(caught.value)


def test_a_chart_of_a_table_names_its_columns_and_no_other_table() -> None:
    with pytest.raises(BadWorkbook, match="did you mean 'flights'"):
        Sheet("A", FRAME, charts=LineChart("carrier", "flight"))
    with pytest.raises(BadWorkbook, match="this one has its table"):
        Table(FRAME, charts=[LineChart("carrier", "flights", of="B")])


def test_text_is_no_series(tmp_path: Path) -> None:
    with pytest.raises(
        BadWorkbook, match="LineChart 'carrier': the column is text, and a chart draws numbers"
    ):
        write(tmp_path / "a.xlsx", Sheet("A", FRAME, charts=LineChart("flights", "carrier")))
    with pytest.raises(BadWorkbook, match="ScatterChart 'carrier': the column is text"):
        write(tmp_path / "a.xlsx", Sheet("A", FRAME, charts=ScatterChart("carrier", "flights")))
    assert not list(tmp_path.iterdir())


def test_a_renamed_sheet_keeps_its_charts(tmp_path: Path) -> None:
    sheets = (Sheet("A/B", FRAME), Sheet("C", LineChart("carrier", "flights", of="A/B")))
    book = Workbook(*sheets, preflight=Preflight(sheet_names="repair"))
    assert book.sheets[1].charts[0].of == "A-B"


@pytest.mark.parametrize(
    ("stacking", "code"), [("none", "#,##0.0"), ("stacked", "#,##0.0"), ("percent", "0%")]
)
@pytest.mark.parametrize("kind", [ColumnChart, BarChart])
def test_the_axis_of_shares_is_in_percent_and_any_other_in_the_format_of_its_author(
    kind: Any, stacking: str, code: str, tmp_path: Path
) -> None:
    chart = kind("carrier", "flights", stacking=stacking, format="#,##0.0")
    write(tmp_path / "a.xlsx", Sheet("A", FRAME, charts=chart))

    (axis,) = chart_part(tmp_path / "a.xlsx").iterfind(".//c:valAx/c:numFmt", CHART)
    assert axis.get("formatCode") == code

"""A chart of a workbook as a picture: what it shows, that it can be read, and that it is the same each time."""

import math
import struct
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from lxml import etree

from reports import (
    AreaChart,
    BarChart,
    Column,
    ColumnChart,
    ComboChart,
    LineChart,
    PieChart,
    ScatterChart,
    Table,
)
from reports.charts import Chart
from reports.errors import BadBlock, UnknownColumn
from reports.files.chart_picture import chart_png, chart_svg
from reports.palette import SERIES
from reports.pictures.colours import DARK_PAPER, ON_DARK, colours, contrast

DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(100)]
CARRIERS = Table(
    pl.DataFrame(
        {
            "carrier": ["Endeavor", "JetBlue Airways Corporation", "<b>&"],
            "flights": [1573, 4427, 59],
            "late": [500, 1600, None],
            "share": [0.31, 0.36, 0.33],
            "revenue_eur": [Decimal("12.50"), Decimal("-3.00"), Decimal("7.25")],
        }
    ),
    columns={"flights": Column("Flights"), "late": Column("Late arrivals")},
)
BY_DAY = Table(
    pl.DataFrame(
        {
            "day": DAYS,
            "n": [800 + 100 * math.sin(number / 9) for number in range(100)],
            "m": [None if 40 <= number < 50 else float(number) for number in range(100)],
            "took": [timedelta(minutes=number) for number in range(100)],
        }
    )
)
KINDS: list[Chart] = [
    LineChart("carrier", ["flights", "late"], markers=True),
    ColumnChart("carrier", ["flights", "late"]),
    ColumnChart("carrier", ["flights", "late"], stacking="stacked"),
    ColumnChart("carrier", ["flights", "late"], stacking="percent", legend="right"),
    BarChart("carrier", ["flights", "late"], stacking="stacked"),
    AreaChart("carrier", ["flights", "late"]),
    AreaChart("carrier", ["flights", "late"], stacking="none"),
    ScatterChart("flights", ["late"], line=True),
    PieChart("carrier", "flights"),
    PieChart("carrier", "flights", hole=True),
    ComboChart("carrier", "flights", lines="share"),
    ComboChart("carrier", "flights", lines="late", second_axis=False),
]


def texts(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in etree.fromstring(svg.encode()).iter("{*}text")]


def fills(svg: str) -> set[str]:
    return {one.get(name, "") for one in etree.fromstring(svg.encode()).iter() for name in ("fill", "stroke")}


@pytest.mark.parametrize("chart", KINDS, ids=lambda chart: f"{chart.kind}-{getattr(chart, 'stacking', '')}")
def test_every_kind_draws_its_series_in_the_colours_of_the_workbook(chart: Chart) -> None:
    svg = chart_svg(chart, CARRIERS)

    assert f"#{SERIES[0]}" in fills(svg)
    shown = chart.kind == "PieChart" or len(chart.series) > 1
    assert (f"#{SERIES[1]}" in fills(svg)) is shown
    assert "Flights" in texts(svg) or chart.kind in {"PieChart", "ScatterChart"}


def test_the_same_chart_is_the_same_picture_in_another_process() -> None:
    code = (
        "import polars as pl\n"
        "from reports import ColumnChart, Table\n"
        "from reports.files.chart_picture import chart_png\n"
        "table = Table(pl.DataFrame({'k': ['a', 'b'], 'v': [1, 2], 'w': [3, 4]}))\n"
        "made = chart_png(ColumnChart('k', ['v', 'w'], title='T'), table)\n"
    )
    here: dict[str, Any] = {}
    exec(code, here)
    code += "import sys; sys.stdout.buffer.write(made)"

    assert (
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout == here["made"]
    )


def test_it_says_what_is_to_be_seen_to_those_who_cannot_see_it() -> None:
    chart = BarChart("carrier", "flights", title='A <b> & "c"', alt="JetBlue leads & <others> follow")
    root = etree.fromstring(chart_svg(chart, CARRIERS).encode())

    assert root.get("role") == "img"
    assert [(etree.QName(one).localname, one.text) for one in root[:2]] == [
        ("title", 'A <b> & "c"'),
        ("desc", "JetBlue leads & <others> follow"),
    ]
    assert {'A <b> & "c"', "<b>&"} <= set(texts(chart_svg(chart, CARRIERS)))


def test_a_png_is_as_large_as_the_chart_times_its_scale() -> None:
    chart = ColumnChart("carrier", "flights", width=10, height=5)
    sizes = [struct.unpack(">II", chart_png(chart, CARRIERS, scale=scale)[16:24]) for scale in (1, 2)]

    assert sizes == [(378, 189), (756, 378)]


@pytest.mark.parametrize(
    ("chart", "table", "labels"),
    [
        (ColumnChart("carrier", "share"), CARRIERS, {"0%", "10%", "40%"}),
        (ColumnChart("carrier", "flights"), CARRIERS, {"0", "2,000", "6,000"}),
        (ColumnChart("carrier", "flights", format='0.0,"k"'), CARRIERS, {"0.0k", "2.0k", "6.0k"}),
        (ColumnChart("carrier", "revenue_eur"), CARRIERS, {"-5 EUR", "0 EUR", "15 EUR"}),
        (ComboChart("carrier", "flights", lines="share"), CARRIERS, {"6,000", "30%", "36%"}),
        (LineChart("day", "n"), BY_DAY, {"1 Jan", "29 Jan", "26 Mar"}),
        (LineChart("day", "took"), BY_DAY, {"0:00:00", "2:00:00"}),
        (ColumnChart("carrier", ["flights", "late"], stacking="percent"), CARRIERS, {"0%", "100%"}),
    ],
)
def test_axes_count_in_the_format_of_their_column(chart: Chart, table: Table, labels: set[str]) -> None:
    assert labels <= set(texts(chart_svg(chart, table)))


def test_labels_of_an_axis_are_told_apart() -> None:
    table = Table(pl.DataFrame({"k": ["a", "b"], "v": [0.001, 0.0042]}))
    found = texts(chart_svg(ColumnChart("k", "v", format="decimal"), table))

    assert {"0.000", "0.002", "0.004"} <= set(found)


def test_a_gap_is_a_gap_and_a_lone_value_a_dot() -> None:
    table = Table(pl.DataFrame({"k": list("abcdef"), "v": [1.0, 2.0, None, 4.0, None, 6.0]}))
    svg = chart_svg(LineChart("k", "v"), table)

    paths = [one.get("d", "") for one in etree.fromstring(svg.encode()).iter("{*}path")]
    lines = [path for path in paths if path.count("M") >= 2 and "A" not in path]
    assert [path.count("L") for path in lines] == [1]
    assert sum("A" in path for path in paths) == 2


def test_a_chart_of_nothing_says_so() -> None:
    table = Table(pl.DataFrame({"k": [], "v": []}, schema={"k": pl.String, "v": pl.Float64}))
    for chart in (
        LineChart("k", "v", title="T"),
        PieChart("k", "v", title="T"),
        BarChart("k", "v", title="T"),
    ):
        assert set(texts(chart_svg(chart, table))) == {"T", "no data"}


def test_labels_have_the_decimals_of_their_ticks_and_counts_have_none() -> None:
    table = Table(pl.DataFrame({"k": ["a", "b"], "none": [0, 0], "half": [0.5, 0.9], "huge": [1e300, 2e300]}))

    assert {"0", "1", "a", "b"} == set(texts(chart_svg(ColumnChart("k", "none"), table)))
    assert {"0.25", "0.50", "1.00"} <= set(
        texts(chart_svg(ColumnChart("k", "half", format="decimal"), table))
    )
    assert "2E+300" in texts(chart_svg(ColumnChart("k", "huge"), table))
    assert set(texts(chart_svg(PieChart("k", "none"), table))) == {"no data"}


def test_one_row_is_drawn() -> None:
    table = Table(pl.DataFrame({"day": [DAYS[0]], "v": [3.5]}))
    for chart in (LineChart("day", "v"), ColumnChart("day", "v"), PieChart("day", "v")):
        assert f"#{SERIES[0]}" in fills(chart_svg(chart, table))


def test_first_rows_alone_are_drawn_where_the_chart_asks_for_them() -> None:
    found = texts(chart_svg(BarChart("carrier", "flights", first=1), CARRIERS))

    assert "Endeavor" in found
    assert "<b>&" not in found


def test_slices_that_cannot_be_told_apart_are_drawn_as_one() -> None:
    table = Table(pl.DataFrame({"k": [f"k{number}" for number in range(30)], "v": list(range(1, 31))}))
    found = texts(chart_svg(PieChart("k", "v"), table))

    assert {"k24", "k29", "24 others", "65%"} <= set(found)
    assert "k23" not in found


def test_names_that_are_there_twice_keep_their_own_bars_and_colours() -> None:
    table = Table(pl.DataFrame({"k": ["a", "a"], "v": [1, 2], "w": [3, 4]}), columns={"w": Column("v")})
    svg = chart_svg(ColumnChart("k", ["v", "w"]), table)

    assert texts(svg).count("a") == 2
    assert texts(svg).count("v") == 2
    assert {f"#{SERIES[0]}", f"#{SERIES[1]}"} <= fills(svg)


def test_colours_of_series_can_be_seen_on_a_dark_page_too() -> None:
    for dark in (False, True):
        chosen = colours(dark=dark)
        assert all(round(contrast(one, chosen.paper), 1) >= 3 for one in chosen.series)
        assert all(contrast(one, chosen.paper) >= 4.5 for one in (chosen.ink, chosen.soft))
        assert len(set(chosen.series)) == len(SERIES)
    dark_svg = chart_svg(KINDS[0], CARRIERS, dark=True)
    assert {f"#{DARK_PAPER}", f"#{ON_DARK[SERIES[0]]}"} <= fills(dark_svg)
    assert f"#{SERIES[0]}" not in fills(dark_svg)


def test_labels_on_a_ring_can_be_read_on_a_page_that_turns_its_colours_dark() -> None:
    table = Table(pl.DataFrame({"k": list("abcdefg"), "v": [1] * 7}))
    root = etree.fromstring(chart_svg(PieChart("k", "v", hole=True, legend="none"), table).encode())
    inks = [one.get("fill", "").lstrip("#") for one in root.iter("{*}text")]

    for turned in ({}, ON_DARK):
        pairs = [
            (turned.get(ink, ink), turned.get(ground, ground))
            for ink, ground in zip(inks, SERIES, strict=True)
        ]
        assert [pair for pair in pairs if contrast(*pair) < 4] == []


@pytest.mark.parametrize("chart", [LineChart("flights", "carrier"), PieChart("flights", "carrier")])
def test_a_series_that_is_no_number_is_refused(chart: Any) -> None:
    with pytest.raises(BadBlock, match="the column is text, and a chart draws numbers"):
        chart_svg(chart, CARRIERS)
    with pytest.raises(UnknownColumn):
        chart_svg(LineChart("carrier", "nothing"), CARRIERS)

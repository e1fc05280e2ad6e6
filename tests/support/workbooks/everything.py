"""A workbook with something of everything on its sheets."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa

from reports import (
    AreaChart,
    BarChart,
    ColorScale,
    Column,
    ColumnChart,
    ComboChart,
    DataBar,
    Figure,
    Figures,
    Formula,
    Highlight,
    IconSet,
    LineChart,
    Link,
    Page,
    PieChart,
    Preflight,
    Properties,
    ScatterChart,
    Sheet,
    Sparkline,
    Table,
    Text,
    Workbook,
    crosstab,
)
from reports.charts import Chart

TOTALS: dict[str, Any] = {
    "sum": "sum",
    "mean": "mean",
    "low": "min",
    "high": "max",
    "count": "count",
    "all": "count_all",
    "product": "product",
    "stdev": "stdev",
    "var": "var",
}
LONG = 60  # rows: more than MOST_ROWS
MOST_ROWS = 40  # of a sheet in the tests, so that one is split


def everything() -> Workbook:
    return Workbook(
        blocks(),
        Sheet(
            "Kinds", kinds(), columns={"text": Column(note="A note & <more>", wrap=True)}, table_name="kinds"
        ),
        Sheet("Mixed", mixed(), notes=["The first note", "=and another"]),
        Sheet(
            "Links",
            pl.DataFrame({"at": ["https://example.org/?a=1&b=<2>", None, "mailto:a@example.org", "x"]}),
            columns={"at": Column(link=True)},
        ),
        Sheet("Totals", totalled(3), totals=TOTALS, excel_table="Totalled", page=Page("landscape", "A3")),
        Sheet("Nothing", totalled(0), totals=TOTALS, excel_table="Nothing", freeze=False),
        Sheet("None", totalled(0), totals=TOTALS),
        Sheet("Stream", stream(), charts=LineChart("t", "n")),
        charts(),
        Sheet("Marks", marked(), columns=MARKS),
        sparklines(),
        Sheet(
            "Groups",
            pl.DataFrame({"a": ["x", "y", "x", None], "b": [1, 1, 1, 2], "n": [1, 2, 3, 4]}),
            columns={"n": Column(marks=DataBar(), note="Grouped")},
            group_by=["a", "b"],
            totals={"n": "sum"},
        ),
        Sheet("Cross", crosstab(crossed(), rows="carrier", columns=["origin", "month"], values="flights")),
        Sheet(
            "Long",
            pl.DataFrame({"n": range(LONG)}),
            totals={"n": "sum"},
            excel_table="Long_1",
            widths={"C": 9},
        ),
        title="Everything & <all>",
        properties=Properties(subject="S", keywords="a b", category="C", description="D\nE"),
        names={"corner": "Kinds!A1", "range_of_it": "'Mixed'!A1:B$2"},
        preflight=Preflight(rows="split", nan="text", digits="text", infinity="blank"),
    )


def blocks() -> Sheet:
    headers = {"a": Column("First\nline"), "b": Column("_x0041_", note="Note")}
    return Sheet(
        "Two & tables' sheet",
        Text(" Title <1> ", "title"),
        Text("Heading", "heading"),
        Text("Body\n\n second line "),
        Figures(
            {
                "Sum": Formula("SUM(A1:A9)", 3),
                "": Formula("=TODAY()"),
                "Text": Formula('"<&"', "<&"),
                "True": Formula("TRUE()", value=True),
                "Share": Figure(0.25, format="percent"),
                "Money": Figure(Decimal("1.5"), currency="EUR"),
                "When": datetime(2013, 1, 5, 6, 30),  # noqa: DTZ001 # Excel's have no zone
                "Nothing": None,
            }
        ),
        Link("To another", "Kinds", "B2"),
        Link("Home", "https://example.org/a?b=c&d"),
        Table(
            pl.DataFrame({"a": [1, None], "b": ["x", " "]}),
            columns=headers,
            excel_table="One",
            name="the_one",
        ),
        Table(
            pl.DataFrame({"a": [1.5], "b": [True]}),
            columns=headers,
            totals={"a": "product"},
            excel_table="Two",
        ),
        Table(pl.DataFrame({"a": []}, schema={"a": pl.Int64})),
        notes=["Below everything"],
    )


def charts() -> Sheet:
    days = pl.DataFrame(
        {"day": [date(2013, 1, day) for day in (1, 2, 4)], "n": [1, None, 3], "late": [0.5, 0.25, -1.0]}
    )
    every: list[Chart] = [
        LineChart(
            "day", ["n", "late"], title="Lines & <days>", x_title="Day", y_title="Number", markers=True
        ),
        ColumnChart("day", ["n", "late"], stacking="percent", legend="right"),
        BarChart("day", "n", format="0.0", first=2),
        AreaChart("day", ["n", "late"]),
        ScatterChart("n", "late", line=True),
        PieChart("day", "n"),
        PieChart("day", "n", hole=True),
        ComboChart("day", "n", lines="late", second_title="Late", lines_format="percent"),
    ]
    return Sheet(
        "Charts",
        Text("Charts", "title"),
        LineChart("label", "sum", of="Totals", height=3),
        Table(days, charts=every),
    )


def sparklines() -> Sheet:
    frame = pl.DataFrame({"g": ["x", "y", "x"], "a": [1, -2, None], "b": [3.5, 4.0, 5.0], "c": [6, None, 7]})
    abc = ["a", "b", "c"]
    drawn = [
        Sparkline("Trend", of=abc, markers=True, highlight=("high", "low"), after="g", above="Sparklines"),
        Sparkline("Columns", of=abc, kind="column", same_scale=True, highlight="last"),
        Sparkline("Won & <lost>", of=abc[:2], kind="win_loss", width=9),
    ]
    totals: dict[str, Any] = dict.fromkeys(abc, "sum")
    columns = {"a": Column(marks=DataBar(), above="Numbers"), "b": Column(above="Numbers")}
    return Sheet(
        "Spark's",
        Table(frame, columns=columns, totals=totals, sparklines=drawn, group_by="g"),
        Table(frame.select(abc), sparklines=drawn[1], totals=totals, excel_table="Drawn"),
    )


def crossed() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "carrier": ["UA", "B6", "UA", None],
            "origin": ["EWR", "J<F>K", "EWR", None],
            "month": [1, 1, 2, 1],
            "flights": [10, 20, 30, 40],
        }
    )


def marked() -> pl.DataFrame:
    numbers = [1, -2, None, 4]
    return pl.DataFrame({name: numbers for name in MARKS if name != "text"} | {"text": ["a", None, "b", "a"]})


MARKS = {
    "bar": Column(marks=DataBar()),
    "bar from 0 to 9": Column(marks=DataBar(low=0, high=9)),
    "scale": Column(marks=[ColorScale("FFFFFF", "9CCBAE", "FBEBD3"), Highlight("top", 1, look="strong")]),
    "icons": Column(marks=IconSet("ratings", at=(1, 2, 3, 4), reverse=True)),
    "row": Column(marks=[Highlight("formula", "[row] > [bar] + 1", row=True), Highlight("between", 1, 2)]),
    "text": Column(marks=[Highlight("duplicate", look="late"), Highlight("contains", 'b"', look="good")]),
}


def kinds() -> pa.Table:
    values: dict[str, list[Any]] = {
        "text": ["x " * 100, " ]]> <&> \r\n\t", None],
        "integer": [1, 10**16, None],
        "float": [1e-300, float("nan"), float("inf")],
        "decimal": [Decimal("1.10"), None, Decimal("-2.00")],
        "date": [date(1900, 3, 1), None, date(9999, 12, 31)],
        "datetime": [datetime(2013, 1, 5, 1, 2, 3, 4), None, datetime.max],  # noqa: DTZ001, DTZ901 # as above
        "time": [time(23, 59, 59, 999_999), None, time(0)],
        "duration": [timedelta(0), None, timedelta(hours=30)],
        "boolean": [True, None, False],
        "nothing": [None, None, None],
        "revenue_usd": [1.5, 2.5, None],
    }
    return pa.table(values)


def mixed() -> pd.DataFrame:
    values = [
        1,
        " a",
        None,
        2.5,
        Decimal("1.5"),
        True,
        date(2013, 1, 5),
        time(1),
        timedelta(1),
        10**20,
        float("inf"),
    ]
    formulas = [Formula("1+1", 2), Formula('"<a>"', "<a>"), Formula("A1<2", value=True), Formula("NOW()")]
    return pd.DataFrame({"mixed": pd.Series([*values, *formulas], dtype=object)})


def totalled(rows: int) -> pl.DataFrame:
    labels = pl.Series("label", [f"row {number}" for number in range(rows)], dtype=pl.String)
    numbers = [pl.Series(name, range(1, rows + 1), dtype=pl.Int64) for name in TOTALS]
    return pl.DataFrame([labels, *numbers])


def stream() -> Iterator[pa.RecordBatch]:
    for number in range(3):
        yield pa.record_batch({"n": [number, None], "t": ["a", None]})

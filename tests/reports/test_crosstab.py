"""A frame summed up by rows and columns."""
# ruff: noqa: DTZ001 # moments without a zone, as frames have them

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pytest

from reports import BadWorkbook, Column, Table, crosstab

FRAME = pl.DataFrame(
    {
        "carrier": ["UA", "B6", "UA", "UA", None],
        "origin": ["JFK", "JFK", "EWR", "EWR", None],
        "month": [1, 1, 2, 2, 2],
        "flights": [10, 20, 30, 40, 5],
        "revenue_eur": [1.5, 2.5, 3.5, 4.5, 1.0],
    }
)


def made(table: Table) -> pl.DataFrame:
    frame: Any = table.frame
    assert isinstance(frame, pl.DataFrame)
    return frame


def heads(table: Any) -> dict[str, tuple[str, ...]]:
    return {name: (*column.levels, column.header) for name, column in table.columns.items()}


@pytest.mark.parametrize("frame", [FRAME, FRAME.lazy(), FRAME.to_pandas(), FRAME.to_arrow()], ids=type)
def test_each_combination_is_summed_and_what_is_not_there_is_blank(frame: Any) -> None:
    table = crosstab(frame, rows="carrier", columns="origin", values="flights")

    assert made(table).rows() == [
        ("B6", None, 20, None, 20),
        ("UA", 70, 10, None, 80),
        (None, None, None, 5, 5),
    ]
    assert heads(table) == {name: (name,) for name in ("EWR", "JFK", "(blank)", "Total")}
    assert table.totals == dict.fromkeys(("EWR", "JFK", "(blank)", "Total"), "sum")


def test_several_columns_stand_in_several_rows_of_the_header() -> None:
    table = crosstab(FRAME, rows="carrier", columns=["origin", "month"], values="flights")
    assert heads(table) == {
        "EWR / 2": ("EWR", "2"),
        "JFK / 1": ("JFK", "1"),
        "(blank) / 2": ("(blank)", "2"),
        "Total": ("", "Total"),
    }


def test_several_values_stand_below_their_common_column_in_their_own_format() -> None:
    table = crosstab(FRAME, rows="carrier", columns="origin", values=["flights", "revenue_eur"], total=None)
    assert list(heads(table).values())[:2] == [("EWR", "flights"), ("EWR", "revenue_eur")]
    assert [column.currency for column in table.columns.values()][:2] == [None, "EUR"]
    assert table.totals == {}


def test_a_mean_has_a_mean_of_all_in_its_last_column_and_no_last_row() -> None:
    table = crosstab(FRAME, rows="carrier", columns="origin", values="flights", function="mean")
    assert made(table).rows()[1] == ("UA", 35.0, 10.0, None, 80 / 3)
    assert table.totals == {}


def test_rows_may_be_of_several_columns_and_values_look_as_asked() -> None:
    looks = Column(format="0.0")
    table = crosstab(
        FRAME, rows=["carrier", "month"], columns="origin", values="flights", looks=looks, total="All"
    )
    assert made(table).columns == ["carrier", "month", "EWR", "JFK", "(blank)", "All"]
    assert {column.format for column in table.columns.values()} == {"0.0"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"values": "flight"}, "did you mean 'flights'"),
        ({"values": []}, "it needs rows, columns, values"),
        ({"function": "median"}, "one of sum, mean, min, max, count"),
        ({"frame": [1]}, "its frame is a list"),
        (
            {"frame": pd.DataFrame({"carrier": [1, "a"], "origin": ["a", "b"], "flights": [1, 2]})},
            "several types",
        ),
    ],
)
def test_what_cannot_be_summed_is_refused(options: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"frame": FRAME, "rows": "carrier", "columns": "origin", "values": "flights"}
    given |= options
    with pytest.raises(BadWorkbook) as caught:
        crosstab(given.pop("frame"), **given)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([date(2026, 1, 2), None], ["2026-01-02", "(blank)"]),
        ([datetime(2026, 1, 2, 3, 4), datetime(2026, 1, 2, 5)], ["2026-01-02 03:04", "2026-01-02 05:00"]),
        ([datetime(2026, 1, 2, 3, 4, 5)], ["2026-01-02 03:04:05"]),
        ([2.0, 2.5, 1 / 3], ["0.333333333", "2", "2.5"]),
        ([2026, 2025], ["2025", "2026"]),
        ([True, False], ["FALSE", "TRUE"]),
        ([Decimal("1.50")], ["1.5"]),
        ([timedelta(hours=30)], ["30:00:00"]),
        (["b", "a"], ["a", "b"]),
    ],
)
def test_a_header_reads_as_a_cell_of_its_value_does(values: list[object], labels: list[str]) -> None:
    frame = pl.DataFrame({"k": values, "row": 1, "n": 1})
    table = crosstab(frame, rows="row", columns="k", values="n", total=None)
    assert [column.header for column in table.columns.values()] == labels

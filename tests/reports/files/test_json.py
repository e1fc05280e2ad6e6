"""A .json file holds everything that a workbook does, in values that no reader rounds."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from reports import Changes, Figure, Figures, Formula, Link, PieChart, Sheet, Table, Text, Workbook
from reports.files import json_file
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.documents import KINDS, NEW_YORK, VALUES, write


def table_of(path: Path) -> Any:
    return json.loads(path.read_text())["sheets"][0]["tables"][0]


def test_every_kind_of_value_keeps_every_digit(tmp_path: Path) -> None:
    frame = KINDS.with_columns(pl.Series("list", [[1], None, [], [2, 3]]))

    written = write(tmp_path / "a.json", frame, "json", zone=NEW_YORK)

    table = table_of(tmp_path / "a.json")
    kinds = [
        "text",
        "integer",
        "float",
        "decimal",
        "date",
        "datetime",
        "time",
        "duration",
        "boolean",
        "nested",
    ]
    assert [(one["name"], one["type"]) for one in table["columns"]] == list(
        zip([*VALUES, "list"], kinds, strict=True)
    )
    assert [one["zone"] for one in table["columns"]][5] == "America/New_York"
    first, second, third, _ = table["rows"]
    assert second == [None] * 10
    assert [first[0], *first[2:3], *first[4:]] == [
        *('a, "b"', 0.1 + 0.2, "2013-01-05", "2013-07-01T12:30:00-04:00", "13:45:00", "PT30H5M", True, [1])
    ]
    assert (third[1], third[3], third[5], third[7]) == (
        *(str(2**60 + 1), "0.00000001", "2013-07-01T12:30:00.500-04:00", "-PT1.5S"),
    )
    assert written.notes == (
        "sheet 'Data', column 'integer': whole numbers beyond 2^53, now text so that no reader drops digits: 1",
    )


def test_numbers_that_json_lacks_are_null_and_noted(tmp_path: Path) -> None:
    written = write(
        tmp_path / "a.json", pl.DataFrame({"a": [1.5, float("nan"), float("-inf"), None]}), "json"
    )

    assert table_of(tmp_path / "a.json")["rows"] == [[1.5], [None], [None], [None]]
    assert [(one.kind, one.count) for one in written.findings] == [("not_finite", 2)]


def test_text_figures_and_links_stand_beside_the_tables(tmp_path: Path) -> None:
    figures = Figures({"n": Figure(Formula("SUM(A1:A2)", 3)), "share": Decimal("0.10"), "none": None})
    frame = pl.DataFrame({"a": [1]})
    table = Table(frame, name="numbers", totals={"a": "sum"}, charts=PieChart("a", "a", title="P"))
    sheet = Sheet("S", Text("Hi", "title"), figures, Link("L", "https://a"), table, Table(frame), notes=["n"])

    write(tmp_path / "a.json", Workbook(sheet, title="T"), "json", about=ABOUT)

    told = json.loads((tmp_path / "a.json").read_text())
    assert list(told) == ["title", "sheets", "created", "about", "findings"]
    assert (told["title"], told["about"]["title"]) == ("T", "Punctuality of flights")
    (seen,) = told["sheets"]
    tables = seen.pop("tables")
    assert seen == {
        "name": "S",
        "texts": [{"style": "title", "text": "Hi"}],
        "figures": [
            {"name": "n", "type": "integer", "value": 3},
            {"name": "share", "type": "decimal", "value": "0.10"},
            {"name": "none", "type": None, "value": None},
        ],
        "links": [{"text": "L", "to": "https://a"}],
        "charts": [
            {
                "kind": "PieChart",
                "title": "P",
                "width": 16.0,
                "height": 8.0,
                "x": "a",
                "y": ["a"],
                "hole": False,
            }
        ],
        "notes": ["n"],
    }
    assert [(one["name"], one["totals"]) for one in tables] == [("numbers", {"a": "sum"}), (None, {})]


def test_a_mixed_column_has_each_value_by_its_kind(tmp_path: Path) -> None:
    given = ["a", 2**70, None, datetime(2013, 7, 1, 16, 30, tzinfo=UTC), True, Decimal("1.20"), {"x": [1]}]
    frame = pd.DataFrame({"m": pd.Series(given, dtype=object)})

    write(tmp_path / "a.json", frame, "json", zone=NEW_YORK)

    table = table_of(tmp_path / "a.json")
    assert table["columns"][0]["type"] == "mixed"
    assert [row[0] for row in table["rows"]] == [
        *("a", str(2**70), None, "2013-07-01T12:30:00-04:00", True, "1.20", {"x": [1]})
    ]


def test_a_stream_is_written_slice_by_slice_like_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pa.table({"a": list(range(100))})
    whole = write(tmp_path / "a.json", table, "json")
    monkeypatch.setattr(json_file, "ROWS", 7)

    assert write(tmp_path / "b.json", iter(table.to_batches(max_chunksize=3)), "json") == whole
    assert table_of(tmp_path / "b.json")["rows"] == [[n] for n in range(100)]


def test_a_table_without_rows_has_columns(tmp_path: Path) -> None:
    write(tmp_path / "a.json", pl.DataFrame(schema={"a": pl.Int64}), "json")

    table = table_of(tmp_path / "a.json")
    assert ([one["name"] for one in table["columns"]], table["rows"]) == (["a"], [])


def test_nested_values_are_compared_too(tmp_path: Path) -> None:
    now, before = (pa.table({"k": [1], "tags": [tags]}) for tags in (["a", "b"], ["a"]))
    book = Workbook(Sheet("S", now, changes=Changes(before, key="k")))

    written = write(tmp_path / "a.json", book, "json")

    assert written.changes is not None
    assert written.changes["tables"][0]["cells"] == {"tags": 1}

"""What stands in a .csv file is what was given, as its readers understand it."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from reports import Column, CsvDialect, Formula, Sheet, Workbook
from reports.errors import BadDialect
from reports.files import csv_file
from reports.reading.preview import read_preview
from tests.support.workbooks.documents import KINDS, NEW_YORK, VALUES, write


def lines(path: Path, **options: str) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True, **options))  # type: ignore[arg-type] # of csv's own options


def test_every_kind_of_value_keeps_every_digit(tmp_path: Path) -> None:
    written = write(tmp_path / "a.csv", KINDS, "csv", zone=NEW_YORK)

    header, *rows = lines(tmp_path / "a.csv")
    assert header == ["at (America/New_York)" if name == "at" else name for name in VALUES]
    assert [Decimal(row[3]) for row in rows if row[3]] == [
        one for one in VALUES["decimal"] if one is not None
    ]
    assert [row[:3] + row[4:] for row in rows] == [
        [
            'a, "b"',
            "1",
            "0.30000000000000004",
            "2013-01-05",
            "2013-07-01 12:30:00",
            "13:45:00",
            "30:05:00",
            "true",
        ],
        [""] * 8,
        [
            *("=1\nx", str(2**60 + 1), "1e-300", "1850-01-01"),
            *("2013-07-01 12:30:00.500", "01:02:03.000004", "-0:00:01.5", "false"),
        ],
        ["", "-3", "2.0", "9999-12-31", "2013-01-01 11:30:00", "00:00:00", "0:00:00", "true"],
    ]
    assert (written.rows, written.findings) == ({"Data": 4}, ())


def test_an_empty_text_is_told_from_a_missing_one(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", pl.DataFrame({"a": ["", None], "b": [1, 2]}), "csv")

    assert (tmp_path / "a.csv").read_text() == 'a,b\n"",1\n,2\n'


def test_a_missing_value_of_a_single_column_is_no_empty_line(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", pl.DataFrame({"a": [1.5, None, 2.5]}), "csv")
    write(tmp_path / "b.csv", pl.DataFrame({"a": [1.5, None]}), CsvDialect(";", decimal=","))

    assert (tmp_path / "a.csv").read_text() == 'a\n1.5\n""\n2.5\n'
    assert (tmp_path / "b.csv").read_text() == 'a\n1,5\n""\n'


def test_what_excel_opens_in_most_of_europe(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": ["é;", "x"], "b": [1.5, None], "c": [Decimal("1234.50"), None]})
    dialect = CsvDialect(";", decimal=",", encoding="utf-8-sig", line_end="\r\n")

    write(tmp_path / "a.csv", frame, dialect)

    assert (tmp_path / "a.csv").read_bytes() == '\ufeffa;b;c\r\n"é;";1,5;1234,50\r\nx;;\r\n'.encode()


def test_a_header_may_be_left_out(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", pl.DataFrame({"a": [1]}), CsvDialect(header=False))

    assert (tmp_path / "a.csv").read_text() == "1\n"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_like_a_formula_is_kept_or_guarded(tmp_path: Path, text: str) -> None:
    frame = pd.DataFrame({text: [text, "a=1"], "n": [-1, -2], "m": pd.Series([text, -3], dtype=object)})

    kept = write(tmp_path / "a.csv", frame, "csv")
    guarded = write(tmp_path / "b.csv", frame, CsvDialect(formulas="guard"))

    assert lines(tmp_path / "a.csv") == [[text, "n", "m"], [text, "-1", text], ["a=1", "-2", "-3"]]
    assert lines(tmp_path / "b.csv") == [
        [f"'{text}", "n", "m"],
        [f"'{text}", "-1", f"'{text}"],
        ["a=1", "-2", "-3"],
    ]
    assert kept.findings == ()
    assert [(one.column, one.count) for one in guarded.findings] == [(text, 2), ("m", 1)]


def test_numbers_that_are_none_are_spelled_and_formulas_have_their_values(tmp_path: Path) -> None:
    frame = pd.DataFrame({"f": [Formula("A1*2", 4), Formula("A2*2", 5)]})
    write(tmp_path / "a.csv", pl.DataFrame({"a": [float("nan"), float("inf")], "b": 1}), "csv")
    written = write(tmp_path / "b.csv", frame, "csv")

    assert lines(tmp_path / "a.csv")[1:] == [["NaN", "1"], ["inf", "1"]]
    assert lines(tmp_path / "b.csv") == [["f"], ["4"], ["5"]]
    assert written.notes == (
        "sheet 'Data', column 'f': formulas, now the values that were given with them: 2",
    )


def test_numbers_longer_than_a_sheet_or_polars_can_hold_keep_their_digits(tmp_path: Path) -> None:
    long = Decimal("1" * 50 + ".25")
    frame = pa.table({"a": pa.array([long], pa.decimal256(60, 2)), "b": pa.array([2**64 - 1], pa.uint64())})

    write(tmp_path / "a.csv", frame, CsvDialect(";", decimal=","))

    assert (tmp_path / "a.csv").read_text() == f"a;b\n{'1' * 50},25;{2**64 - 1}\n"


def test_headers_are_those_of_the_workbook(tmp_path: Path) -> None:
    looks = {"a": Column("Same"), "b": Column("Same")}
    write(tmp_path / "a.csv", Workbook(Sheet("S", pl.DataFrame({"a": [1], "b": [2]}), columns=looks)), "csv")

    assert lines(tmp_path / "a.csv") == [["Same", "Same"], ["1", "2"]]


def test_a_stream_is_written_slice_by_slice_like_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pa.table({"a": list(range(1000)), "b": [str(n) for n in range(1000)]})
    whole = write(tmp_path / "a.csv", table, "csv")
    monkeypatch.setattr(csv_file, "ROWS", 7)

    streamed = write(tmp_path / "b.csv", iter(table.to_batches(max_chunksize=13)), "csv")

    assert streamed == whole
    assert len(lines(tmp_path / "b.csv")) == 1001


def test_a_mixed_column_spells_each_value_by_its_kind(tmp_path: Path) -> None:
    given = ["a", 2**70, None, datetime(2013, 7, 1, 16, 30, tzinfo=UTC), True, Decimal("1.20"), [1, 2]]
    frame = pd.DataFrame({"m": pd.Series(given, dtype=object), "n": 1})

    written = write(tmp_path / "a.csv", frame, "csv", zone=NEW_YORK)

    found = [row[0] for row in lines(tmp_path / "a.csv")]
    assert found == [
        "m (America/New_York)",
        "a",
        str(2**70),
        "",
        "2013-07-01 12:30:00",
        "true",
        "1.20",
        "[1, 2]",
    ]
    assert written.notes == ("sheet 'Data', column 'm': nested values, now JSON: 1",)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"delimiter": ";;"}, "delimiter=';;'"),
        ({"delimiter": "a"}, "a letter or a digit is part of the values"),
        ({"decimal": ","}, "separate columns by ';'"),
        ({"encoding": "latin-1"}, "it is one of 'utf-8', 'utf-8-sig'"),
    ],
)
def test_a_dialect_that_could_not_be_read_back_is_refused(options: dict[str, str], fault: str) -> None:
    with pytest.raises(BadDialect, match=fault):
        CsvDialect(**options)  # type: ignore[arg-type] # the mistake


def test_several_tables_can_be_previewed_by_sheet(tmp_path: Path) -> None:
    book = Workbook(Sheet("A", pl.DataFrame({"a": [1]})), Sheet("B", pl.DataFrame({"b": [2]})))
    write(tmp_path / "a.csv.zip", book, "csv")

    seen = read_preview(io.BytesIO((tmp_path / "a.csv.zip").read_bytes()), "csv", "B")

    assert ([one.name for one in seen.sheets], seen.rows) == (["A", "B"], [["b"], ["2"]])

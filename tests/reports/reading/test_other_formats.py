"""Previews of csv, archives of csv, Parquet and JSON, and of what is none of these."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reports.reading.book import ONLY, SheetInfo
from reports.reading.cells import as_json
from reports.reading.delimited import MOST
from reports.reading.errors import TooLarge, UnknownFormat, UnknownSheet, Unreadable
from reports.reading.preview import LONGEST_TEXT, MOST_TEXT
from tests.support.workbooks.previews import archived, preview


def text_file(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding, newline="")
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_every_value_of_a_csv_is_the_text_that_it_is(tmp_path: Path, encoding: str) -> None:
    path = text_file(tmp_path / "a.csv", 'id,name\r\n007,"a, ""b""\nc"\r\n,é\r\n', encoding)

    seen = preview(path)

    assert seen.rows == [["id", "name"], ["007", 'a, "b"\nc'], [None, "é"]]
    assert (seen.sheet, seen.sheets, seen.more_rows) == (ONLY, (SheetInfo(ONLY, 3),), False)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_sign_between_values_is_found(tmp_path: Path, sign: str) -> None:
    path = text_file(tmp_path / "a.csv", sign.join(['"x,;y"', "b", "c"]) + "\n" + sign.join("123"))

    assert preview(path).rows == [["x,;y", "b", "c"], ["1", "2", "3"]]


def test_an_empty_csv_has_no_rows(tmp_path: Path) -> None:
    assert preview(text_file(tmp_path / "a.csv", "")).rows == []


def test_of_a_long_csv_the_first_rows_are_shown(tmp_path: Path) -> None:
    path = text_file(tmp_path / "a.csv", "n\n" + "1\n" * (2 * MOST))

    seen = preview(path, rows=3)

    assert (seen.rows, seen.more_rows, seen.sheets[0].rows) == ([["n"], ["1"], ["1"]], True, None)


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    archived(path, {"a.csv": "a" * (MOST + 1)})

    with pytest.raises(TooLarge, match="32 MiB"):
        preview(path)


def test_texts_together_are_not_more_than_can_be_shown(tmp_path: Path) -> None:
    line = ",".join(["a" * 2000] * 10) + "\n"
    seen = preview(text_file(tmp_path / "a.csv", line * 1000), rows=1000)

    assert seen.more_rows
    assert 0 <= len(seen.rows) * 10 * LONGEST_TEXT - MOST_TEXT <= 10 * LONGEST_TEXT


def test_each_csv_of_an_archive_is_a_sheet(tmp_path: Path) -> None:
    texts = {"b/two.CSV": "\ufeffx;y\n1;2\n", "one.tsv": "a\tb\n", "read.me": "-", "__MACOSX/._one.csv": "-"}
    path = archived(tmp_path / "a.zip", {**texts, "three.csv": "p", "three.tsv": "q"})

    assert [one.name for one in preview(path).sheets] == ["b/two", "one", "three.csv", "three.tsv"]
    assert preview(path).rows == [["x", "y"], ["1", "2"]]
    assert preview(path, "three.tsv").rows == [["q"]]
    with pytest.raises(UnknownSheet, match="did you mean 'b/two'"):
        preview(path, "b/tw")


def test_an_archive_without_any_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"holds no \.csv or \.tsv file"):
        preview(archived(tmp_path / "a.zip", {"a.exe": "-"}))


def test_parquet_shows_its_columns_and_its_values(tmp_path: Path) -> None:
    table = pa.table(
        {
            "n": pa.array([1, 2**60, None]),
            "x": [0.5, float("nan"), float("inf")],
            "at": pa.array([datetime(2013, 1, 31, 6, tzinfo=UTC)] * 3, pa.timestamp("ns", "UTC")),
            "money": pa.array([Decimal("1.10"), Decimal("2.00"), None], pa.decimal128(38, 2)),
            "many": [[1, 2], [], None],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")

    seen = preview(tmp_path / "a.parquet")

    assert seen.rows == [
        ["n", "x", "at", "money", "many"],
        [1, 0.5, "2013-01-31T06:00:00+00:00", 1.1, "[1, 2]"],
        ["1152921504606846976", "nan", "2013-01-31T06:00:00+00:00", 2, "[]"],
        [None, "inf", "2013-01-31T06:00:00+00:00", None, None],
    ]
    assert seen.sheets == (SheetInfo(ONLY, 4),)


def test_of_a_long_and_wide_parquet_file_some_is_shown(tmp_path: Path) -> None:
    pq.write_table(pa.table({f"c{n}": range(3000) for n in range(300)}), tmp_path / "a.parquet")

    seen = preview(tmp_path / "a.parquet", rows=600, columns=3)

    assert seen.rows[:2] == [["c0", "c1", "c2"], [0, 0, 0]]
    assert (len(seen.rows), seen.rows[-1][0], seen.more_rows, seen.more_columns) == (600, 598, True, True)
    assert seen.sheets == (SheetInfo(ONLY, 3001),)


@pytest.mark.parametrize("space", ["", "\n  "])
def test_an_array_of_records_is_a_sheet(tmp_path: Path, space: str) -> None:
    records = [{"a": 1, "b": "é"}, {"b": None, "c": {"d": [1]}}, {"a": 2.5}]
    body = f"{space}[{','.join(space + json.dumps(one) for one in records)}{space}]"

    seen = preview(text_file(tmp_path / "a.json", body, "utf-8-sig"))

    assert seen.rows == [["a", "b", "c"], [1, "é", None], [None, None, '{"d": [1]}'], [2.5, None, None]]
    assert not seen.more_rows


def test_an_object_of_arrays_has_several_sheets(tmp_path: Path) -> None:
    body = json.dumps(
        {"first": [{"a": number} for number in range(50_000)], "second": [[1, 2], 3], "none": []}
    )
    path = text_file(tmp_path / "a.json", body)

    seen = preview(path, "second")

    assert [one.name for one in seen.sheets] == ["first", "second", "none"]
    assert seen.rows == [[1, 2], [3, None]]
    assert preview(path, "none").rows == []
    assert preview(path, rows=3).rows == [["a"], [0], [1]]


def test_numbers_are_whole_wherever_the_file_is_cut_for_reading(tmp_path: Path) -> None:
    numbers = [10**9 + n for n in range(20_000)]
    path = text_file(tmp_path / "a.json", json.dumps({"skipped": numbers, "seen": numbers}))

    assert preview(path, "seen", rows=1000).rows == [[number] for number in numbers[:1000]]


@pytest.mark.parametrize("body", ["", "7", '{"a": 1}', '[{"a": 1} {', "[" * 100_000, "\udcff"])
def test_json_of_another_form_is_refused(tmp_path: Path, body: str) -> None:
    (tmp_path / "a.json").write_bytes(body.encode(errors="surrogateescape"))

    with pytest.raises(Unreadable, match="cannot be read as json"):
        preview(tmp_path / "a.json")


@pytest.mark.parametrize("name", ["a.parquet", "a.zip", "a.xlsx"])
def test_what_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unreadable, match=f"cannot be read as {name[2:]}"):
        preview(text_file(tmp_path / name, "nothing of the kind"))


def test_a_format_without_preview_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="'pdf', only of csv, json"):
        preview(text_file(tmp_path / "a.pdf", ""))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, True),
        (2**53, 2**53),
        (-(2**53) - 1, "-9007199254740993"),
        (float("-inf"), "-inf"),
        (Decimal("0.1"), 0.1),
        (Decimal("0.12345678901234567890"), "0.12345678901234567890"),
        (Decimal("1E+30"), "1000000000000000000000000000000"),
        (Decimal("NaN"), "NaN"),
        (datetime(2013, 1, 31, 6, tzinfo=UTC), "2013-01-31T06:00:00+00:00"),
        (date(2013, 1, 31), "2013-01-31"),
        (time(6, 30), "06:30:00"),
        (timedelta(0), "PT0S"),
        (timedelta(days=1, hours=6, seconds=1.5), "PT30H1.5S"),
        (-timedelta(minutes=3), "-PT3M"),
        (b"\x00\xff", "00ff"),
        ("\ud83d", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_values_lose_no_digit_on_the_way(value: Any, shown: Any) -> None:
    assert (as_json(value), type(as_json(value))) == (shown, type(shown))

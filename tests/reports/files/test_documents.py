"""What all formats of a workbook have in common."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from reports import Changes, CsvDialect, Figures, LineChart, Link, Sheet, Table, Text, Workbook
from reports.errors import BadFormat, NoTables, ReadOnce
from reports.file_formats import Format, check_formats, ending, format_name, media_type
from reports.written import NaiveCreated, Written
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.documents import KINDS, write
from tests.support.workbooks.package import parts

FORMATS: list[Format] = ["csv", CsvDialect(";", decimal=","), "parquet", "json", "html", "pdf"]


def book(figure: int = 1, *, sheets: int = 2, title: str = "T") -> Workbook:
    frames = [pl.DataFrame({"a": [figure, place]}) for place in range(sheets)]
    return Workbook(*(Sheet(f"S{place}", frame) for place, frame in enumerate(frames)), title=title)


@pytest.mark.parametrize("sheets", [1, 2])
@pytest.mark.parametrize("format_", FORMATS, ids=str)
def test_equal_workbooks_give_equal_bytes(tmp_path: Path, format_: Format, sheets: int) -> None:
    one = write(tmp_path / "a", book(sheets=sheets), format_, about=ABOUT)
    two = write(tmp_path / "b", book(sheets=sheets), format_, about=ABOUT)

    assert one == two
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert one.bytes == (tmp_path / "a").stat().st_size


@pytest.mark.parametrize("sheets", [1, 2])
@pytest.mark.parametrize("format_", FORMATS, ids=str)
def test_the_content_changes_with_a_figure_and_not_with_about(
    tmp_path: Path, format_: Format, sheets: int
) -> None:
    plain = write(tmp_path / "a", book(sheets=sheets), format_)
    other = write(tmp_path / "a", book(2, sheets=sheets), format_)
    about = write(tmp_path / "a", book(sheets=sheets), format_, about=ABOUT)

    assert len({plain.sha256, other.sha256}) == len({plain.content_sha256, other.content_sha256}) == 2
    assert about.content_sha256 == plain.content_sha256
    alone = format_name(format_) == "csv" and sheets == 1  # nothing but the table is in it
    assert (about.sha256 == plain.sha256) is alone


@pytest.mark.parametrize("format_", ["html", "pdf"])
def test_pages_tell_what_changed_and_their_content_does_not_depend_on_it(
    tmp_path: Path, format_: Format
) -> None:
    now = pl.DataFrame({"a": [1, 2], "b": [3, 4]})

    def written(changes: Changes | None) -> Written:
        sheet = Sheet("S", Link("Where from", "About"), Table(now, changes=changes))
        return write(tmp_path / "a", Workbook(sheet), format_, about=ABOUT)

    before = now.with_columns(b=pl.lit(10**9))
    plain, first, other, again = (
        written(one)
        for one in (None, Changes(None, key="a"), Changes(before, key="a"), Changes(before, key="a"))
    )

    assert len({one.content_sha256 for one in (plain, first, other)}) == 1
    assert len({one.sha256 for one in (plain, first, other)}) == 3
    assert other == again
    assert plain.changes is None
    assert other.changes is not None
    assert other.changes["sentence"] == "2 rows changed, largest: 1 -999,999,997"


@pytest.mark.parametrize("format_", FORMATS, ids=str)
def test_a_document_that_fails_leaves_the_old_file_alone(tmp_path: Path, format_: Format) -> None:
    def broken() -> Any:
        yield pa.record_batch({"a": [1]})
        raise OSError("the disk is gone")

    (tmp_path / "a").write_bytes(b"last week")
    with pytest.raises(OSError, match="the disk is gone"):
        write(tmp_path / "a", broken(), format_)

    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"last week"


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_several_tables_are_an_archive_with_a_file_each_and_about(tmp_path: Path, format_: Format) -> None:
    frame = pl.DataFrame({"a": [1]})
    workbook = Workbook(
        Sheet("By <day>", frame),
        Sheet("By |day-", frame),
        Sheet("Two", Table(frame), Table(frame)),
        title="T",
    )

    written = write(tmp_path / "a.zip", workbook, format_, about=ABOUT)

    found = parts(tmp_path / "a.zip")
    names = ["By -day-", "By -day- 2", "Two 1", "Two 2"]
    assert list(found) == [*(f"{name}.{format_}" for name in names), "About.json"]
    told = json.loads(found["About.json"])
    assert (told["title"], told["about"]["pipeline"]) == ("T", "flight-punctuality")
    assert told["about"]["sources"][0]["fetched_at"] == "2013-02-01T11:00:03+00:00"
    assert written.rows == {"By <day>": 1, "By |day-": 1, "Two": 2}


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_what_is_no_table_is_left_out_and_said(tmp_path: Path, format_: Format) -> None:
    frame = pl.DataFrame({"a": [1]})
    sheet = Sheet(
        "S",
        Text("Hi"),
        Figures({"n": 1, "m": 2}),
        Link("L", "S"),
        Table(frame, totals={"a": "sum"}, charts=LineChart("a", "a")),
    )

    written = write(tmp_path / "a", Workbook(sheet), format_)

    assert written.notes == (
        f"sheet 'S': left out of the .{format_} file, which holds tables only: "
        "1 text, 2 key figures, 1 link, 1 chart, 1 total",
    )
    with pytest.raises(NoTables, match="the workbook has no table"):
        write(tmp_path / "b", Workbook(Sheet("S", Text("Hi"))), format_)


def test_a_file_is_called_after_its_format_and_whether_it_is_an_archive() -> None:
    asked: list[Format] = ["xlsx", "csv", CsvDialect(";"), "parquet", "json"]
    assert [ending(book(sheets=1), one) for one in asked] == [".xlsx", ".csv", ".csv", ".parquet", ".json"]
    assert [ending(book(), one) for one in asked] == [
        ".xlsx",
        ".csv.zip",
        ".csv.zip",
        ".parquet.zip",
        ".json",
    ]
    assert [media_type(book(), one) for one in ("csv", "json")] == ["application/zip", "application/json"]
    assert media_type(book(sheets=1), "parquet") == "application/vnd.apache.parquet"


def test_a_stream_cannot_become_several_files() -> None:
    stream = Workbook(Sheet("S", iter([pa.record_batch({"a": [1]})])))

    check_formats(stream, ["csv"])
    with pytest.raises(ReadOnce, match=r"'S': its frame is a stream.*2 files are made of it \(xlsx, csv\)"):
        check_formats(stream, ["xlsx", CsvDialect()])
    reader = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), [])
    with pytest.raises(ReadOnce):
        check_formats(Workbook(Sheet("S", reader)), ["xlsx", "json"])
    check_formats(Workbook(Sheet("S", KINDS.lazy())), ["xlsx", "json"])


def test_an_unknown_format_and_a_naive_time_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFormat, match="format 'cvs'; did you mean 'csv'"):
        write(tmp_path / "a", book(), "cvs")  # type: ignore[arg-type] # the mistake
    for format_ in FORMATS:
        with pytest.raises(NaiveCreated):
            write(tmp_path / "a", book(), format_, created=datetime(2013, 1, 1))  # noqa: DTZ001 # the mistake

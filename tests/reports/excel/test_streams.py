"""A stream of record batches gives the sheet that its table gives, wherever the batches are cut."""
# ruff: noqa: DTZ001 # naive datetimes are what the column holds

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from reports import Column, Preflight, Sheet, Workbook
from reports.errors import BadCell, BadFrame, FrameIsSpent
from reports.excel.writer import write_workbook
from reports.frames import Frame
from reports.written import Written
from tests.support.workbooks.package import parts, xml
from tests.support.workbooks.raw import raw_cells
from tests.support.workbooks.reading import CREATED

ROW_PATHS: tuple[Any, ...] = ("columnar", "openpyxl")
ROWS = 230
COLUMNS = 161  # a sheet this wide is written a hundred rows at a time
CUTS: dict[str, list[int]] = {
    "one batch": [ROWS],
    "a row each": [1] * ROWS,
    "as the rows are written": [98, 100, 32],
    "a row before": [97, 100, 33],
    "a row after": [99, 100, 31],
    "uneven, some empty": [0, 3, 0, 0, 150, 1, 0, 76, 0],
}


@cache
def table() -> pa.Table:
    """Every kind of column, with blanks, and with decimals that the first rows lack."""
    kinds: list[list[Any]] = [
        [None if row % 7 == 0 else f" {row} <&_x0041_>" for row in range(ROWS)],
        [None if row % 5 == 0 else row for row in range(ROWS)],
        [None if row % 3 == 0 else row / 7 for row in range(ROWS)],
        [datetime(2013, 1, 1) + timedelta(seconds=row) for row in range(ROWS)],
        [date(2013, 1, 1) + timedelta(row) for row in range(ROWS)],
        [row % 2 == 0 for row in range(ROWS)],
        [timedelta(minutes=row) for row in range(ROWS)],
    ]
    late = pa.array([Decimal(row) / 8 if row == ROWS // 2 else Decimal(row) for row in range(ROWS)])
    columns = {f"c{place}": kinds[place % len(kinds)] for place in range(COLUMNS - 1)}
    return pa.table({**columns, "decimal": late.cast(pa.decimal128(20, 10))})


def batches(sizes: list[int]) -> Iterator[pa.RecordBatch]:
    whole, start = table().combine_chunks().to_batches()[0], 0
    for size in sizes:
        yield whole.slice(start, size)
        start += size


def write(path: Path, frame: Frame, row_path: Any = "auto", **options: Any) -> Written:
    looks = {"decimal": Column(format="0.000")}
    workbook = Workbook(Sheet("Data", frame, columns=looks), **options)
    return write_workbook(workbook, path, created=CREATED, row_path=row_path)


def body_and_styles(path: Path) -> tuple[bytes, bytes]:
    """The rows below the header as they stand in the file, and what their styles mean."""
    files = parts(path)
    sheet, styles = files["xl/worksheets/sheet1.xml"], files["xl/styles.xml"]
    return sheet[sheet.index(b'<row r="2"') : sheet.index(b"</sheetData>")], styles


@pytest.fixture(scope="module")
def in_memory(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, str]:
    path = tmp_path_factory.mktemp("memory") / "a.xlsx"
    written = write(path, table(), "columnar")
    return (*body_and_styles(path), written.content_sha256)


@pytest.mark.parametrize("row_path", ROW_PATHS)
@pytest.mark.parametrize("cut", CUTS)
def test_a_stream_gives_the_cells_of_its_table(
    cut: str, row_path: str, in_memory: tuple[bytes, bytes, str], tmp_path: Path
) -> None:
    written = write(tmp_path / "a.xlsx", batches(CUTS[cut]), row_path)
    assert (*body_and_styles(tmp_path / "a.xlsx"), written.content_sha256) == in_memory
    assert written.rows == {"Data": ROWS}


@pytest.mark.parametrize("row_path", ROW_PATHS)
@pytest.mark.parametrize("cut", CUTS)
def test_a_table_of_chunks_gives_the_cells_of_one_without(
    cut: str, row_path: str, in_memory: tuple[bytes, bytes, str], tmp_path: Path
) -> None:
    written = write(tmp_path / "a.xlsx", pa.Table.from_batches(batches(CUTS[cut])), row_path)
    assert (*body_and_styles(tmp_path / "a.xlsx"), written.content_sha256) == in_memory


def test_the_content_of_decimals_is_the_same_though_their_first_rows_show_fewer(tmp_path: Path) -> None:
    whole = table().select(["decimal"])
    streamed = Workbook(Sheet("Data", iter(whole.to_batches(max_chunksize=10))))
    contents = [
        write_workbook(workbook, tmp_path / "a.xlsx", created=CREATED).content_sha256
        for workbook in (streamed, Workbook(Sheet("Data", whole)))
    ]
    assert contents[0] == contents[1]


def test_only_a_stream_lacks_the_dimension_of_its_sheet(tmp_path: Path) -> None:
    write(tmp_path / "stream.xlsx", batches([ROWS]))
    write(tmp_path / "table.xlsx", table())
    found = [
        xml(tmp_path / f"{name}.xlsx", "xl/worksheets/sheet1.xml").find("{*}dimension")
        for name in ("stream", "table")
    ]
    assert found[0] is None
    assert found[1].get("ref") == f"A1:FE{ROWS + 1}"


@pytest.mark.parametrize("empty", ["reader", "batch"])
def test_a_stream_without_rows_is_a_header(empty: str, tmp_path: Path) -> None:
    none = table().slice(0, 0)
    frame = (
        pa.RecordBatchReader.from_batches(none.schema, [])
        if empty == "reader"
        else iter(none.to_batches() or [none])
    )
    written = write(tmp_path / "a.xlsx", frame)
    assert (written.rows, len(raw_cells(tmp_path / "a.xlsx", 1))) == ({"Data": 0}, COLUMNS)


def streams() -> dict[str, Any]:
    whole = table()
    return {
        "generator": batches([100, 130]),
        "reader": pa.RecordBatchReader.from_batches(whole.schema, whole.to_batches()),
        "iterator": iter(whole.to_batches()),
    }


@pytest.mark.parametrize("kind", ["generator", "reader", "iterator"])
def test_a_second_reading_of_a_stream_is_refused(kind: str, tmp_path: Path) -> None:
    stream = streams()[kind]
    write(tmp_path / "a.xlsx", stream)
    before = (tmp_path / "a.xlsx").read_bytes()
    with pytest.raises(FrameIsSpent, match="sheet 'Data': its iterator has been read before, or is empty"):
        write(tmp_path / "a.xlsx", stream)
    assert (tmp_path / "a.xlsx").read_bytes() == before


@pytest.mark.parametrize("kind", ["generator", "reader"])
def test_two_tables_cannot_share_a_stream(kind: str, tmp_path: Path) -> None:
    stream = streams()[kind]
    workbook = Workbook(Sheet("One", stream), Sheet("Two", stream))
    with pytest.raises(FrameIsSpent, match="sheet 'Two'"):
        write_workbook(workbook, tmp_path / "a.xlsx", created=CREATED)


def test_a_stream_that_was_refused_half_way_cannot_go_on_from_there(tmp_path: Path) -> None:
    stream = (pa.record_batch({"a": [number] * 10_000}) for number in (1, 10**15, 2, 3))
    with pytest.raises(BadCell, match="more than 15 digits"):
        write_workbook(Workbook(Sheet("Data", stream)), tmp_path / "a.xlsx", created=CREATED)
    with pytest.raises(FrameIsSpent):
        write_workbook(
            Workbook(Sheet("Data", stream), preflight=Preflight(digits="text")),
            tmp_path / "a.xlsx",
            created=CREATED,
        )
    assert list(tmp_path.iterdir()) == []


def test_an_iterator_without_any_batch_tells_no_columns(tmp_path: Path) -> None:
    with pytest.raises(FrameIsSpent, match="give an empty record batch"):
        write(tmp_path / "a.xlsx", iter(()))


def test_a_later_batch_of_other_columns_is_refused(tmp_path: Path) -> None:
    mixed = iter([pa.record_batch({"a": [1]}), pa.record_batch({"a": ["x"]})])
    with pytest.raises(BadFrame, match="a later record batch has other columns"):
        write_workbook(Workbook(Sheet("Data", mixed)), tmp_path / "a.xlsx", created=CREATED)

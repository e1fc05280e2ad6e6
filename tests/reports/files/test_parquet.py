"""What is read back from a .parquet file is what was given."""

import io
import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reports import Sheet, Workbook
from reports.errors import BadColumnType
from reports.files import parquet_file
from reports.preflight import Preflight
from tests.support.workbooks.about_value import ABOUT
from tests.support.workbooks.documents import KINDS, write
from tests.support.workbooks.package import parts


def test_values_and_types_come_back(tmp_path: Path) -> None:
    frame = KINDS.with_columns(
        pl.Series("list", [[1], None, [], [2, 3]]), pl.col("text").cast(pl.Categorical)
    )

    written = write(tmp_path / "a.parquet", frame, "parquet")

    back = pl.read_parquet(tmp_path / "a.parquet")
    assert back.equals(frame.with_columns(pl.col("text").cast(pl.String)))
    assert (back.schema["at"], back.schema["decimal"]) == (frame.schema["at"], frame.schema["decimal"])
    assert written.findings == ()


def test_what_polars_and_excel_cannot_hold_comes_back_too(tmp_path: Path) -> None:
    frame = pa.table(
        {
            "a": pa.array([Decimal("1" * 50 + ".25")], pa.decimal256(60, 2)),
            "b": pa.array([2**64 - 1], pa.uint64()),
            "c": pa.array([1], pa.timestamp("ns", "+02:00")),
            "d": pa.array([None], pa.null()),
        }
    )
    write(tmp_path / "a.parquet", frame, "parquet")

    back = pq.read_table(tmp_path / "a.parquet")
    assert [str(one) for one in back.schema.types[:3]] == [
        "decimal256(60, 2)",
        "uint64",
        "timestamp[ns, tz=+02:00]",
    ]
    assert back.to_pylist() == frame.to_pylist()


def test_text_of_every_library_gives_the_same_bytes(tmp_path: Path) -> None:
    values = ["a", None, "é"]
    frames = [
        pa.table({"a": pa.array(values, kind)}) for kind in (pa.string(), pa.large_string(), pa.string_view())
    ]
    made = [write(tmp_path / "a", one, "parquet") for one in (*frames, pl.DataFrame({"a": values}))]

    assert len({one.sha256 for one in made}) == 1


def test_a_mixed_column_becomes_text_with_a_finding(tmp_path: Path) -> None:
    frame = pd.DataFrame({"m": pd.Series(["a", 1, None, 2.5], dtype=object)})

    written = write(tmp_path / "a.parquet", frame, "parquet")

    assert pq.read_table(tmp_path / "a.parquet").to_pydict() == {"m": ["a", "1", None, "2.5"]}
    assert written.notes == (
        "sheet 'Data', column 'm': its 3 values are of several kinds, which a column of Parquet cannot be; "
        "they became text",
    )
    strict = Workbook(Sheet("Data", frame), preflight=Preflight(mixed_types="error"))
    with pytest.raises(BadColumnType, match="mixed_types='error'"):
        write(tmp_path / "b.parquet", strict, "parquet")


def test_what_determined_the_content_is_in_the_files_metadata(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", KINDS, "parquet", about=ABOUT)

    told = json.loads(pq.read_metadata(tmp_path / "a.parquet").metadata[b"presstime"])
    assert told["about"]["code_version"] == "0.1.0 sha256:ab12"
    assert told["created"] == "2013-02-01T05:00:00+00:00"


def test_a_stream_is_written_a_row_group_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_file, "ROWS", 100)
    table = pa.table({"a": list(range(1000))})

    whole = write(tmp_path / "a.parquet", table, "parquet")
    streamed = write(tmp_path / "b.parquet", iter(table.to_batches(max_chunksize=13)), "parquet")

    assert streamed == whole
    assert pq.read_metadata(tmp_path / "b.parquet").num_row_groups == 10
    assert pq.read_table(tmp_path / "b.parquet").equals(table)


def test_the_tables_of_an_archive_can_be_read(tmp_path: Path) -> None:
    book = Workbook(Sheet("A", KINDS), Sheet("B", pl.DataFrame({"b": [2]})))
    write(tmp_path / "a.zip", book, "parquet")

    found = parts(tmp_path / "a.zip")
    assert pl.read_parquet(io.BytesIO(found["A.parquet"])).equals(KINDS)
    assert pq.read_table(io.BytesIO(found["B.parquet"])).to_pydict() == {"b": [2]}
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]

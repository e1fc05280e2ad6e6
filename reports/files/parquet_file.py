"""Writes a workbook's table as a .parquet file, or its tables as a zip archive of them, in constant memory."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from presstime.artifacts import sha256_of
from reports.about import About
from reports.files.about_json import about_members, json_text
from reports.files.archive import Out, write_archive
from reports.files.csv_text import spelled
from reports.files.table_files import note_left_out, table_files
from reports.preflight import Finding, Findings
from reports.tables.objects import Objects
from reports.tables.open_table import Values
from reports.tables.reader import ReadColumn, TableReader, rows_of
from reports.workbook import Workbook
from reports.written import Written, check_created, draft_of

ROWS = 131_072  # of a row group
TAIL = 8  # bytes behind the footer: its length, and the sign of the format
ABOUT_KEY = b"presstime"  # of the file's own metadata
MIXED = "its {count} values are of several kinds, which a column of Parquet cannot be; they became text"


def write_parquet(
    workbook: Workbook,
    path: Path,
    *,
    about: About | None = None,
    created: datetime,
    zone: ZoneInfo | None = None,
) -> Written:
    """One table is a .parquet file; several are a zip archive, each table a file named after its sheet.

    Columns keep their names and types: decimals, zones, nanoseconds, lists. What determined the content is in
    the file's metadata, or About.json of the archive. `zone` is only where dates beside other values stand.
    Raises BadWorkbook, and then leaves `path` as it was.
    """
    check_created(created)
    findings = Findings()
    files = table_files(workbook, "parquet")
    note_left_out(workbook, findings, ".parquet")
    readers = [
        TableReader(sheet.name, table, workbook.preflight, findings, zone) for sheet, table, _ in files
    ]

    def found() -> tuple[Finding, ...]:
        return (*workbook.repaired, *findings.all())

    with draft_of(path) as draft:
        if len(files) > 1:
            members: list[tuple[str, Callable[[Out], None]]] = [
                (name, partial(_copy_table, reader, draft.parent))
                for reader, (_, _, name) in zip(readers, files, strict=True)
            ]
            content = write_archive(
                draft, members, workbook=workbook, about=about, created=created, findings=found
            )
        else:
            _write_table(readers[0], draft, lambda: _told(workbook, about, created, found()))
            content = _content_sha256(draft, readers[0].columns)
        size, digest = draft.stat().st_size, sha256_of(draft)
    return Written(size, digest, content, rows_of(readers), found())


def _write_table(reader: TableReader, path: Path, told: Callable[[], str] | None) -> None:
    schema = pa.schema([(column.name, _target(column)) for column in reader.columns])
    with pq.ParquetWriter(path, schema, compression="snappy") as writer:
        for values in reader.slices(ROWS):
            arrays = [
                _typed(reader, column, part) for column, part in zip(reader.columns, values, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema), row_group_size=ROWS)
        if told is not None:
            writer.add_key_value_metadata({ABOUT_KEY: told().encode()})


def _told(workbook: Workbook, about: About | None, created: datetime, findings: Sequence[Finding]) -> str:
    return json_text({"title": workbook.title, **about_members(about, created, findings)})


def _copy_table(reader: TableReader, folder: Path, out: Out) -> None:
    """By way of a file: Parquet is not written front to back alone."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", suffix=".draft") as draft:
        _write_table(reader, Path(draft.name), None)
        with Path(draft.name).open("rb") as source:
            shutil.copyfileobj(source, out)


def _target(column: ReadColumn) -> Any:
    """The column's own type; text in one form, whatever library it came from."""
    kind = column.type
    if kind is None or any(test(kind) for test in TEXTS):
        return pa.large_string()
    return kind


def _typed(reader: TableReader, column: ReadColumn, values: Values) -> Any:
    if isinstance(values, Objects):
        filled = sum(value is not None for value in values.values)
        reader.note("mixed_types", column, filled, MIXED)
        return spelled(reader, column, values, ".").to_arrow().cast(pa.large_string())
    array = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
    return array.cast(_target(column))


def _content_sha256(path: Path, columns: Sequence[ReadColumn]) -> str:
    """Of the columns' names and types and of their values, but not of the footer, where About is."""
    names = repr([(column.name, str(_target(column))) for column in columns])
    digest = sha256(names.encode())
    left = path.stat().st_size - TAIL
    with path.open("rb") as file:
        file.seek(left)
        left -= int.from_bytes(file.read(4), "little")
        file.seek(0)
        while left:
            piece = file.read(min(left, 1024**2))
            digest.update(piece)
            left -= len(piece)
    return digest.hexdigest()


TEXTS = (pa.types.is_string, pa.types.is_string_view, pa.types.is_null)

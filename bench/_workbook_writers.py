"""Who is measured, by name: the peers, and Presstime with each way to deflate."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from bench import _workbook_peers as peers
from bench._workbook_frames import FORMATS, WIDTH
from reports import Column, Sheet, Workbook
from reports.excel.deflate import Deflate
from reports.excel.writer import write_workbook

OPENPYXL = "openpyxl"
RUST = "rustpy-xlsxwriter"
CSV = "CSV by pyarrow"
FAST = "Presstime, ISA-L"
SMALL = "Presstime, zlib-ng"
PLAIN = "Presstime, zlib"
FIVE = "Presstime, five sheets"
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Writer:
    """`prepare` brings the table into the form it takes, before the clock; `write` is what the clock covers."""

    prepare: Callable[[pa.Table], Any]
    write: Callable[[Any, Path], None]
    sheets: int = 1


def write_ours(table: pa.Table, path: Path, *, deflate: Deflate, sheets: int = 1) -> None:
    columns = {name: Column(format=FORMATS.get(name), width=WIDTH) for name in table.column_names}
    workbook = Workbook(*(Sheet(f"Data {number + 1}", table, columns=columns) for number in range(sheets)))
    write_workbook(workbook, path, created=CREATED, deflate=deflate)


WRITERS = {
    OPENPYXL: Writer(peers.as_rows, peers.write_openpyxl),
    "pandas": Writer(peers.as_pandas, peers.write_pandas),
    "XlsxWriter": Writer(peers.as_rows, peers.write_xlsxwriter),
    "PyExcelerate": Writer(peers.as_lists, peers.write_pyexcelerate),
    RUST: Writer(peers.as_polars, peers.write_rust),
    PLAIN: Writer(peers.as_table, partial(write_ours, deflate="plain")),
    SMALL: Writer(peers.as_table, partial(write_ours, deflate="small")),
    FAST: Writer(peers.as_table, partial(write_ours, deflate="fast")),
    FIVE: Writer(peers.as_table, partial(write_ours, deflate="fast", sheets=5), sheets=5),
    CSV: Writer(peers.as_table, peers.write_csv),
}

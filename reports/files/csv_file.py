"""Writes a workbook's table as a .csv file, or its tables as a zip archive of them, in constant memory."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from presstime.artifacts import sha256_of
from reports.about import About
from reports.csv_dialect import CsvDialect
from reports.files.archive import Out, write_archive
from reports.files.csv_text import guarded, guarded_texts, spelled
from reports.files.table_files import note_left_out, table_files
from reports.number_formats.formats import Kind
from reports.preflight import Finding, Findings
from reports.tables.objects import Objects
from reports.tables.open_table import Values
from reports.tables.reader import ReadColumn, TableReader, rows_of
from reports.workbook import Workbook
from reports.written import Written, check_created, draft_of

ROWS = 65_536  # spelled in one go
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
GUARDED = "texts that begin like a formula, now with an apostrophe before them: {count}"


def write_csv(
    workbook: Workbook,
    path: Path,
    *,
    about: About | None = None,
    created: datetime,
    zone: ZoneInfo | None = None,
    dialect: CsvDialect | None = None,
) -> Written:
    """One table is a plain .csv file; several are a zip archive, each table a file named after its sheet.

    A plain file has no place for `about`, which is About.json in an archive. Instants are shown in `zone`, or
    in their own column's, as the header says. Raises BadWorkbook, and then leaves `path` as it was.
    """
    check_created(created)
    findings = Findings()
    dialect = dialect or CsvDialect()
    files = table_files(workbook, "csv")
    note_left_out(workbook, findings, ".csv")
    readers = [
        TableReader(sheet.name, table, workbook.preflight, findings, zone) for sheet, table, _ in files
    ]

    def found() -> tuple[Finding, ...]:
        return (*workbook.repaired, *findings.all())

    members: list[tuple[str, Callable[[Out], None]]] = [
        (name, partial(_write_table, reader, dialect))
        for reader, (_, _, name) in zip(readers, files, strict=True)
    ]
    with draft_of(path) as draft:
        content = None
        if len(members) > 1:
            content = write_archive(
                draft, members, workbook=workbook, about=about, created=created, findings=found
            )
        else:
            with draft.open("wb") as out:
                members[0][1](out)
        size, digest = draft.stat().st_size, sha256_of(draft)
    return Written(size, digest, content or digest, rows_of(readers), found())


def _write_table(reader: TableReader, dialect: CsvDialect, out: Out) -> None:
    if dialect.encoding == "utf-8-sig":
        out.write(BYTE_ORDER_MARK)
    if dialect.header:
        headers = [_spelled(reader, column, Objects([column.header]), dialect) for column in reader.columns]
        out.write(_lines(headers, dialect))
    for values in reader.slices(ROWS):
        columns = [
            _spelled(reader, column, part, dialect)
            for column, part in zip(reader.columns, values, strict=True)
        ]
        out.write(_lines(columns, dialect))


def _spelled(reader: TableReader, column: ReadColumn, values: Values, dialect: CsvDialect) -> pl.Series:
    count = 0
    if dialect.formulas == "guard" and isinstance(values, Objects):
        safe, count = guarded(values.values)
        values = Objects(safe)
    series = spelled(reader, column, values, dialect.decimal)
    if dialect.formulas == "guard" and not isinstance(values, Objects) and column.kind is Kind.TEXT:
        series, count = guarded_texts(series)
    reader.note("formula_like", column, count, GUARDED)
    return series


def _lines(columns: list[pl.Series], dialect: CsvDialect) -> bytes:
    if len(columns) == 1 and columns[0].null_count():
        columns = [_never_empty(columns[0], dialect)]
    frame = pl.DataFrame([series.alias(str(place)) for place, series in enumerate(columns)])
    text = frame.write_csv(
        include_header=False,
        separator=dialect.delimiter,
        line_terminator=dialect.line_end,
        decimal_comma=dialect.decimal == ",",
    )
    return text.encode()


def _never_empty(series: pl.Series, dialect: CsvDialect) -> pl.Series:
    """Nothing, in a table of one column, as `\"\"`: readers pass over an empty line."""
    text = series.cast(pl.String)
    if series.dtype.is_numeric() and dialect.decimal == ",":
        text = text.str.replace(".", ",", literal=True)
    return text.fill_null("")

"""Writes a workbook in the format that is asked for, or fills a template."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reports.about import About
from reports.csv_dialect import CsvDialect
from reports.errors import BadFormat
from reports.excel.writer import write_workbook
from reports.file_formats import FORMATS, Format, Returned, check_template_format, format_name
from reports.files.csv_file import write_csv
from reports.files.html_file import write_html
from reports.files.json_file import write_json
from reports.files.parquet_file import write_parquet
from reports.files.pdf_file import write_pdf
from reports.filling.writer import write_template
from reports.template import Template
from reports.written import Written


def write_document(
    workbook: Returned,
    path: Path,
    *,
    format: Format = "xlsx",  # noqa: A002 # the word that everybody has for it
    about: About | None = None,
    created: datetime,
    zone: ZoneInfo | None = None,
) -> Written:
    """To a draft beside `path`, which it then replaces: equal arguments give equal bytes.

    `file_formats.ending` says what a file of this workbook is called. Raises BadWorkbook, and then leaves
    `path` as it was.
    """
    given: dict[str, Any] = {"about": about, "created": created, "zone": zone}
    if format_name(format) not in FORMATS:
        raise BadFormat(format, FORMATS)
    if isinstance(workbook, Template):
        check_template_format(format)
        return write_template(workbook, path, **given)
    if isinstance(format, CsvDialect):
        return write_csv(workbook, path, dialect=format, **given)
    written: Written = WRITERS[format](workbook, path, **given)
    return written


WRITERS: dict[str, Any] = {
    "xlsx": write_workbook,
    "csv": write_csv,
    "parquet": write_parquet,
    "json": write_json,
    "html": write_html,
    "pdf": write_pdf,
}

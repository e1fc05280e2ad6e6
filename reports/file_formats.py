"""In which formats a document can be handed out: their names, endings and media types. Loads no library."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

from reports.csv_dialect import CsvDialect
from reports.errors import OnlyXlsx, ReadOnce
from reports.frames import is_stream
from reports.template import Template
from reports.workbook import Workbook

FormatName = Literal["xlsx", "csv", "parquet", "json", "html", "pdf"]
Format: TypeAlias = FormatName | CsvDialect  # a dialect is .csv, spelled that way
Returned: TypeAlias = Workbook | Template  # what a report step returns
FORMATS: tuple[str, ...] = get_args(FormatName)
TABLES_ONLY = frozenset({"csv", "parquet"})  # one table a file: several are a zip archive of them
ZIP = "application/zip"
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "html": "text/html",
    "pdf": "application/pdf",
}


def format_name(asked: Format) -> str:
    return "csv" if isinstance(asked, CsvDialect) else asked


def is_archive(workbook: Returned, asked: Format) -> bool:
    """Whether the format makes a zip archive of this workbook, with a file for each of its tables."""
    if isinstance(workbook, Template):
        return False
    return format_name(asked) in TABLES_ONLY and sum(len(sheet.tables) for sheet in workbook.sheets) > 1


def ending(workbook: Returned, asked: Format) -> str:
    """Of the file's name: `.csv`, or `.csv.zip` for several tables."""
    return f".{format_name(asked)}" + (".zip" if is_archive(workbook, asked) else "")


def media_type(workbook: Returned, asked: Format) -> str:
    return ZIP if is_archive(workbook, asked) else MEDIA_TYPES[format_name(asked)]


def check_formats(workbook: Returned, asked: Sequence[Format]) -> None:
    """Raises ReadOnce where several files are to be made of a frame that is gone once it was read.

    Raises OnlyXlsx where a template is to become anything else.
    """
    if isinstance(workbook, Template):
        for one in asked:
            check_template_format(one)
        return
    if len(asked) < 2:
        return
    for sheet in workbook.sheets:
        if any(is_stream(table.frame) for table in sheet.tables):
            raise ReadOnce(sheet.name, [format_name(one) for one in asked])


def check_template_format(asked: Format) -> None:
    if format_name(asked) != "xlsx":
        raise OnlyXlsx(format_name(asked))

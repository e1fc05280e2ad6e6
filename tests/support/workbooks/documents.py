"""Workbooks to write, and what comes of them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from reports import Sheet, Workbook
from reports.file_formats import Format
from reports.files.document import write_document
from reports.frames import Frame
from reports.written import Written

CREATED = datetime(2013, 2, 1, 5, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
AT = datetime(2013, 7, 1, 16, 30, tzinfo=UTC)
VALUES: dict[str, list[Any]] = {
    "text": ['a, "b"', None, "=1\nx", ""],
    "integer": [1, None, 2**60 + 1, -3],
    "float": [0.1 + 0.2, None, 1e-300, 2.0],
    "decimal": [Decimal("1.10"), None, Decimal("0.00000001"), Decimal("-12345678901234567890.5")],
    "day": [date(2013, 1, 5), None, date(1850, 1, 1), date(9999, 12, 31)],
    "at": [AT, None, AT.replace(microsecond=500_000), AT.replace(month=1)],
    "time": [time(13, 45), None, time(1, 2, 3, 4), time(0)],
    "took": [timedelta(hours=30, minutes=5), None, -timedelta(seconds=1.5), timedelta(0)],
    "late": [True, None, False, True],
}
KINDS = pl.DataFrame(VALUES)


def write(path: Path, book: Workbook | Frame, format_: Format, **options: Any) -> Written:
    workbook = book if isinstance(book, Workbook) else Workbook(Sheet("Data", book))
    return write_document(workbook, path, **{"format": format_, "created": CREATED, **options})

"""A file with a table becomes a document of one sheet, whose formats follow from what is in it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from presstime.errors import PresstimeError
from reports.errors import MAX_ROWS, BadCell, BadColumnName, BadColumnType, did_you_mean
from reports.excel.deflate import Deflate
from reports.excel.table_part import RowPath
from reports.excel.writer import write_workbook
from reports.file_formats import FORMATS
from reports.files.document import WRITERS
from reports.files.sources import SourceRefused, opened_table
from reports.preflight import Preflight
from reports.sheet import Sheet
from reports.sheet_names import RESERVED, free_name
from reports.workbook import Workbook
from reports.written import Written

ENDINGS = tuple(f".{name}" for name in FORMATS)
REPAIRS = Preflight(
    long_text="cut",
    control_characters="spell_out",
    digits="text",
    infinity="text",
    early_dates="text",
    negative_durations="text",
    duplicate_columns="number",
    nested="json",
)


class TargetRefused(PresstimeError):
    """The document cannot be written where, or as what, it is asked for."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        super().__init__(f"{path}: {reason}")


class NotRenderable(PresstimeError):
    """The table holds what a sheet cannot; a repair was not asked for."""

    def __init__(self, error: PresstimeError) -> None:
        super().__init__(f"{error}. Or add --repair: what a cell cannot hold becomes text, and is listed")


@dataclass(frozen=True)
class Wishes:
    """How an .xlsx is written; None where nothing was said, which other formats ask for."""

    deflate: Deflate | None = None
    row_path: RowPath | None = None
    split: bool = False
    repair: bool = False


def render(source: Path, target: Path, *, created: datetime, wishes: Wishes) -> Written:
    """Equal tables give equal bytes, whatever the day. Raises a PresstimeError for each wrong word."""
    ending = _checked_ending(source, target, wishes)
    with opened_table(source) as table:
        if ending == ".xlsx" and table.num_rows >= MAX_ROWS and not wishes.split:
            raise SourceRefused(
                source,
                f"it has {table.num_rows:,} rows, and a sheet holds {MAX_ROWS - 1:,} below its header; add "
                "--split to go on over further sheets, or write .csv or .parquet",
            )
        try:
            sheet = Sheet(free_name(source.stem, set(RESERVED)), table)
            return _written(sheet, target, ending, created, wishes)
        except (BadCell, BadColumnName, BadColumnType) as error:
            if wishes.repair or ending != ".xlsx":
                raise
            raise NotRenderable(error) from error
        except OSError as error:
            raise TargetRefused(target, f"it cannot be written: {error.strerror or error}") from error


def _written(sheet: Sheet, target: Path, ending: str, created: datetime, wishes: Wishes) -> Written:
    given = REPAIRS if wishes.repair else Preflight()
    preflight = Preflight(**{**vars(given), "rows": "split" if wishes.split else "error"})
    workbook = Workbook(sheet, preflight=preflight)
    if ending != ".xlsx":
        written: Written = WRITERS[ending[1:]](workbook, target, created=created)
        return written
    return write_workbook(
        workbook,
        target,
        created=created,
        deflate=wishes.deflate or "small",
        row_path=wishes.row_path or "auto",
    )


def _checked_ending(source: Path, target: Path, wishes: Wishes) -> str:
    ending = target.suffix.lower()
    if target.is_dir():
        raise TargetRefused(target, f"it is a folder; name a file in it, such as {target / source.stem}.xlsx")
    if ending not in ENDINGS:
        guess = did_you_mean(ending, ENDINGS) if ending else "."
        raise TargetRefused(target, f"its ending says no format{guess} Known are {', '.join(ENDINGS)}")
    if not target.parent.is_dir():
        raise TargetRefused(target, f"there is no folder {target.parent}")
    if target.exists() and source.exists() and target.samefile(source):
        raise TargetRefused(target, "it is the file that is read; give the document another name")
    if ending != ".xlsx" and (wishes.deflate or wishes.row_path or wishes.split):
        raise TargetRefused(target, "--fast, --path and --split are about .xlsx")
    return ending

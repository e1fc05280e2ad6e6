"""`presstime render`: a document out of a file with a table, without a pipeline or a database."""

import json as jsonlib
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from presstime.errors import PresstimeError

if TYPE_CHECKING:
    from reports.written import Written

PATHS = ("auto", "columnar", "openpyxl")
FIXED = "1980-01-01"  # the earliest that a zip archive knows: the same on every day


class WordRefused(PresstimeError):
    def __init__(self, option: str, value: str, wanted: str) -> None:
        super().__init__(f"{option} {value!r}: it is {wanted}")


def register(app: typer.Typer) -> None:
    app.command()(render)


def render(  # noqa: PLR0917 # a command's options, which nobody passes by position
    frame: Annotated[Path, typer.Argument(metavar="FRAME", help="A .parquet, .arrow or .feather file.")],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="A .xlsx, .csv, .parquet, .json, .html or .pdf file.")
    ],
    fast: Annotated[bool, typer.Option("--fast", help="Twice as fast, an eighth larger.")] = False,
    path: Annotated[
        str | None, typer.Option(metavar="WAY", help="How rows are written: auto, columnar or openpyxl.")
    ] = None,
    split: Annotated[bool, typer.Option("--split", help="Go on over further sheets.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="What a cell cannot hold becomes text, and is listed.")
    ] = False,
    created: Annotated[
        str,
        typer.Option(metavar="T", help="The time of creation that the file names; UTC without an offset."),
    ] = FIXED,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Write a table as a workbook of one sheet, or in another format: the same bytes on every day."""
    from reports.files.rendering import Wishes, render

    if path is not None and path not in PATHS:
        raise WordRefused("--path", path, f"one of {', '.join(PATHS)}")
    moment = _moment(created)
    wishes = Wishes("fast" if fast else None, path, split=split, repair=repair)  # type: ignore[arg-type] # checked above
    begun = time.monotonic()
    written = render(frame, out, created=moment, wishes=wishes)
    seconds = round(time.monotonic() - begun, 3)
    if json:
        sys.stdout.write(jsonlib.dumps(_document(out, written, seconds), ensure_ascii=False) + "\n")
        return
    for note in written.notes:
        sys.stderr.write(f"{note}\n")
    rows = sum(written.rows.values())
    sys.stdout.write(f"{out}  {rows:,} rows  {written.bytes:,} bytes  {seconds} s  sha256 {written.sha256}\n")


def _moment(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise WordRefused("--created", text, "a time such as 2013-02-01 or 2013-02-01T06:00+01:00") from error
    return given if given.tzinfo is not None else given.replace(tzinfo=UTC)


def _document(out: Path, written: "Written", seconds: float) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "path": str(out),
        "bytes": written.bytes,
        "sha256": written.sha256,
        "content_sha256": written.content_sha256,
        "rows": sum(written.rows.values()),
        "findings": [asdict(finding) for finding in written.findings],
        "seconds": seconds,
    }

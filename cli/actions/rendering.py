"""`presstime render`: a document out of a file with a table, without a pipeline or a database."""

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.printing.console import note, print_json, print_line
from presstime.errors import PresstimeError
from reports.files.rendering import Wishes, render
from reports.written import Written

PATHS = ("auto", "columnar", "openpyxl")


class WordRefused(PresstimeError):
    """An option is none of the words that it may be."""

    def __init__(self, option: str, value: str, wanted: str) -> None:
        super().__init__(f"{option} {value!r}: it is {wanted}")


@dataclass(frozen=True)
class Rendering:
    """The options of `presstime render` as they were typed."""

    fast: bool
    path: str | None
    split: bool
    repair: bool
    created: str


def render_file(frame: Path, out: Path, options: Rendering, *, json: bool) -> None:
    """Write the table of a file as a document, and print what came of it."""
    if options.path is not None and options.path not in PATHS:
        raise WordRefused("--path", options.path, f"one of {', '.join(PATHS)}")
    moment = _moment(options.created)
    wishes = Wishes(
        "fast" if options.fast else None,
        options.path,  # type: ignore[arg-type] # checked above
        split=options.split,
        repair=options.repair,
    )
    begun = time.monotonic()
    written = render(frame, out, created=moment, wishes=wishes)
    seconds = round(time.monotonic() - begun, 3)
    if json:
        print_json(_document(out, written, seconds))
        return
    for remark in written.notes:
        note(remark)
    rows = sum(written.rows.values())
    print_line(f"{out}  {rows:,} rows  {written.bytes:,} bytes  {seconds} s  sha256 {written.sha256}")


def _moment(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise WordRefused("--created", text, "a time such as 2013-02-01 or 2013-02-01T06:00+01:00") from error
    return given if given.tzinfo is not None else given.replace(tzinfo=UTC)


def _document(out: Path, written: Written, seconds: float) -> dict[str, Any]:
    return {
        "path": str(out),
        "bytes": written.bytes,
        "sha256": written.sha256,
        "content_sha256": written.content_sha256,
        "rows": sum(written.rows.values()),
        "findings": [asdict(finding) for finding in written.findings],
        "seconds": seconds,
    }

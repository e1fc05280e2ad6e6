"""Prints which runs made a file, or fetched it, for people and as JSON."""

import json as jsonlib
import re
import sys
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.console import console_of, printable
from cli.services import ensure_database
from cli.tables import run_document
from pipelines.results.items import plain
from pipelines.runs.file_origins import Fetch, FileOrigin, Made, UnknownFile, origins
from presstime.artifacts import sha256_of
from presstime.database import reading
from presstime.errors import PresstimeError
from presstime.settings import Settings
from scheduler.runtime import Runtime

SHA256 = re.compile("[0-9a-f]{64}")


class NoFile(PresstimeError):
    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{text}: {reason}; name a file, or the 64 digits of a sha256")


def print_whence(settings: Settings, text: str, limit: int, *, json: bool) -> bool:
    """Whether any run made or fetched it."""
    sha256 = _sha256(text)
    ensure_database(settings)
    found, unknown = _found(Runtime.open(settings), sha256, limit)
    if json:
        document = {
            "sha256": sha256,
            "runs": [_document(origin) for origin in found[:limit]],
            "more": len(found) > limit,
        }
        sys.stdout.write(jsonlib.dumps(document, ensure_ascii=False) + "\n")
    elif found:
        console_of().print(_table(found[:limit]))
        if len(found) > limit:
            sys.stderr.write(f"there are more, older runs; --limit {limit * 2} shows some of them\n")
    if unknown is not None:
        sys.stderr.write(f"presstime: {unknown}\n")
    return unknown is None


def _found(runtime: Runtime, sha256: str, limit: int) -> tuple[list[FileOrigin], UnknownFile | None]:
    with reading(runtime.sessions) as session:
        try:
            return origins(session, sha256, before=None, limit=limit + 1), None
        except UnknownFile as error:
            return [], error


def _sha256(text: str) -> str:
    """Of the file of that name; else the text itself."""
    path = Path(text)
    try:
        if path.exists():
            return sha256_of(path)
    except OSError as error:
        raise NoFile(text, error.strerror or "it cannot be read") from error
    sha256 = text.strip().lower()
    if not SHA256.fullmatch(sha256):
        raise NoFile(text, "there is no such file")
    return sha256


def _table(found: list[FileOrigin]) -> Table:
    table = Table(
        "Run", "Pipeline", "Interval", "State", "By", "Created", "What it did", box=None, pad_edge=False
    )
    for origin in found:
        run = origin.run
        table.add_row(
            str(run.id),
            run.pipeline,
            run.interval_label or "",
            run.state,
            run.trigger,
            f"{run.created_at:%Y-%m-%d %H:%M:%S}Z",
            Text("\n".join(map(printable, _lines(origin)))),
        )
    return table


def _lines(origin: FileOrigin) -> list[str]:
    lines = [f"made {_report(made)}" for made in origin.made]
    lines += [f"fetched {_fetch(fetch)}" for fetch in origin.fetched]
    left = origin.made_total - len(origin.made) + origin.fetched_total - len(origin.fetched)
    return [*lines, f"and {left:,} times more"] if left else lines


def _report(made: Made) -> str:
    report, newest = made.report, made.newest_version
    word = "the newest" if newest == report.version else f"superseded, the newest is {newest}"
    return f"{report.filename}, version {report.version} ({word})"


def _fetch(fetch: Fetch) -> str:
    one = fetch.snapshot
    task = fetch.step if fetch.item is None else f"{fetch.step} {plain(fetch.item)}"
    return f"{one.url} at {one.fetched_at:%Y-%m-%d %H:%M:%S}Z by {task}"


def _document(origin: FileOrigin) -> dict[str, Any]:
    return {
        **run_document(origin.run),
        "reports": [
            {
                "id": str(made.report.id),
                "name": made.report.name,
                "filename": made.report.filename,
                "version": made.report.version,
                "newest_version": made.newest_version,
                "superseded": made.newest_version > made.report.version,
                "created_at": made.report.created_at.isoformat(),
            }
            for made in origin.made
        ],
        "reports_total": origin.made_total,
        "fetches": [
            {
                "step": fetch.step,
                "item": fetch.item,
                "attempt": fetch.snapshot.attempt,
                "url": fetch.snapshot.url,
                "status": fetch.snapshot.status,
                "fetched_at": fetch.snapshot.fetched_at.isoformat(),
            }
            for fetch in origin.fetched
        ],
        "fetches_total": origin.fetched_total,
    }

"""Prints which runs made a file, or fetched it, for people and as JSON."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.printing.console import console_of, note, print_json, printable
from cli.printing.run_documents import run_document
from pipelines.results.items import plain
from pipelines.runs.file_origins import Fetch, FileOrigin, Made


def print_origins(sha256: str, origins: Sequence[FileOrigin], limit: int, *, json: bool) -> None:
    """Print at most `limit` of the runs that the file came from; one more says that there are more."""
    shown, more = origins[:limit], len(origins) > limit
    if json:
        print_json({"sha256": sha256, "runs": [_document(origin) for origin in shown], "more": more})
    elif shown:
        console_of().print(_table(shown))
        if more:
            note(f"there are more, older runs; --limit {limit * 2} shows some of them")


def _table(origins: Sequence[FileOrigin]) -> Table:
    table = Table(
        "Run", "Pipeline", "Interval", "State", "By", "Created", "What it did", box=None, pad_edge=False
    )
    for origin in origins:
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
    snapshot = fetch.snapshot
    task = fetch.step if fetch.item is None else f"{fetch.step} {plain(fetch.item)}"
    return f"{snapshot.url} at {snapshot.fetched_at:%Y-%m-%d %H:%M:%S}Z by {task}"


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

"""`presstime prune`: removes what has been kept long enough, or says what that would be."""

import json as jsonlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from presstime.settings import load_settings

if TYPE_CHECKING:
    from pipelines.runs.retention.policy import Tally
    from pipelines.runs.retention.pruning import Tell

KINDS = (  # as the tally has it, as people read it
    ("runs", "runs"),
    ("tasks", "tasks"),
    ("events", "events"),
    ("reports", "reports"),
    ("snapshots", "snapshots"),
    ("frames", "results between steps"),
    ("files", "files of reports and snapshots"),
    ("drafts", "unfinished files"),
    ("firings", "firings"),
    ("lateness", "missed deadlines"),
    ("idempotency_keys", "idempotency keys"),
    ("heartbeats", "heartbeats"),
)
WHY = (
    ("newest", "the newest success of their pipeline"),
    ("count", "among the newest of their pipeline"),
    ("pinned", "a run that stays builds on them"),
    ("unfinished", "not finished"),
)


def register(app: typer.Typer) -> None:
    app.command()(prune)


def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would go.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Remove runs, results, events and reports that have been kept long enough."""
    from cli.services import ensure_database
    from scheduler.pruning import run_prune
    from scheduler.runtime import Runtime

    settings = load_settings()
    ensure_database(settings)
    runtime = Runtime.open(
        settings, durable=True
    )  # after a power cut no row may come back without its objects
    try:
        with _bar() as tell:
            tally = run_prune(runtime, dry=dry_run, tell=tell)
    finally:
        runtime.engine.dispose()
    if json:
        sys.stdout.write(jsonlib.dumps(document(tally, dry_run=dry_run)) + "\n")
    else:
        _print(tally, dry_run=dry_run)


def document(tally: "Tally", *, dry_run: bool) -> dict[str, Any]:
    removed: dict[str, Any] = {}
    for kind, _ in KINDS:
        removed[kind] = {"count": tally.counts[kind]}
        if kind in {"frames", "files", "drafts"}:
            removed[kind]["bytes"] = tally.bytes[kind]
    return {
        "dry_run": dry_run,
        "removed": removed,
        "set_aside": {"count": tally.waiting.objects, "bytes": tally.waiting.bytes},
        "kept_runs": {str(reason): count for reason, count in sorted(tally.kept.items()) if count},
    }


def _print(tally: "Tally", *, dry_run: bool) -> None:
    typer.echo("Would go:" if dry_run else "Removed:")
    lines = [(tally.counts[kind], words, tally.bytes[kind]) for kind, words in KINDS if tally.counts[kind]]
    for count, words, size in lines:
        typer.echo(f"{count:>12,}  {words}" + (f", {size:,} bytes" if size else ""))
    if not lines:
        typer.echo("     nothing is old enough")
    if tally.waiting.objects:
        typer.echo(
            f"{tally.waiting.objects:>12,}  files, {tally.waiting.bytes:,} bytes, are set aside "
            "and go with the next prune: tasks under way may need them"
        )
    kept = {str(reason): count for reason, count in tally.kept.items() if count}
    if kept:
        typer.echo("Old runs that stay:")
    for reason, words in WHY:
        if reason in kept:
            typer.echo(f"{kept[reason]:>12,}  {words}")


@contextmanager
def _bar() -> "Iterator[Tell]":
    """A line that moves on a terminal; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from pipelines.runs.retention.pruning import nobody_listens

    console = Console(stderr=True)
    if not console.is_terminal:
        yield nobody_listens
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bars: dict[str, Any] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what)
            progress.update(bars[what], completed=done, total=total or None)

        yield tell

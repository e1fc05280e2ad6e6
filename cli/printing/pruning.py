"""Prints what a prune removed, or would, for people and as JSON."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipelines.runs.retention.policy import Tally
from pipelines.runs.retention.pruning import Tell, nobody_listens

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


def tally_document(tally: Tally, *, dry_run: bool) -> dict[str, Any]:
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


def print_tally(tally: Tally, *, dry_run: bool) -> None:
    """Print what went, and which old runs stay."""
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
def progress_bars() -> Iterator[Tell]:
    """A line that moves on a terminal; nothing elsewhere."""
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

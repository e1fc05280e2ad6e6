"""Prints backfills, and how far they are, for people and as JSON."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.schemas.backfills import BackfillOut
from cli.printing.console import console_of, note, print_json, print_line
from pipelines.runs.states import RUN_FINAL
from presstime.models import RunState

SETTLED = ("left_out", *map(str, RUN_FINAL))


def print_backfills(backfills: Sequence[BackfillOut], *, json: bool) -> None:
    """Print a line for each backfill: of what it is, its state, and how far it is."""
    if json:
        print_json([backfill.model_dump(mode="json") for backfill in backfills])
        return
    if not backfills:
        note("there are no backfills; `presstime backfill NAME --from ... --to ...` makes one")
        return
    table = Table("Backfill", "Of", "State", "Progress", box=None, pad_edge=False)
    for backfill in backfills:
        table.add_row(str(backfill.id), _name(backfill), backfill.state, _counts(backfill.progress))
    console_of().print(table)


def print_backfill(backfill: BackfillOut, *, json: bool) -> None:
    """Print its document, or a line."""
    if json:
        print_json(backfill.model_dump(mode="json"))
        return
    why = f" ({backfill.reason})" if backfill.reason else ""
    print_line(f"{backfill.id} {backfill.state}{why}: {_counts(backfill.progress)}")


def print_plan(started: Mapping[str, bool], *, json: bool) -> None:
    """Print which periods would get a run."""
    runs = [label for label, starts in started.items() if starts]
    left_out = [label for label, starts in started.items() if not starts]
    if json:
        print_json({"runs": runs, "left_out": left_out})
        return
    for label in runs:
        print_line(label)
    note(f"{len(runs)} of {len(started)} periods would get a run; nothing was started")


@contextmanager
def progress_bar() -> Iterator[Callable[[BackfillOut], None]]:
    """A line that moves on a terminal; what it yields shows how far a backfill is."""
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[failed]}", style="red"),
        console=Console(stderr=True),
        transient=True,
    )
    with bars:
        bar = bars.add_task("", total=None, failed="")

        def show(backfill: BackfillOut) -> None:
            counts = backfill.progress
            failed = counts[RunState.FAILED]
            bars.update(
                bar,
                description=_name(backfill),
                completed=sum(counts[name] for name in SETTLED),
                total=sum(counts.values()),
                failed=f"{failed} failed" if failed else "",
            )

        yield show


def _name(backfill: BackfillOut) -> str:
    return "/".join(filter(None, (backfill.pipeline, backfill.schedule)))


def _counts(counts: Mapping[str, int]) -> str:
    words = [f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count]
    return f"{', '.join(words)}; {sum(counts.values())} in all"

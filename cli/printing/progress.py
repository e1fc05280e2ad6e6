"""Shows how far a run is: a line that moves on a terminal, plain lines elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from pipelines.graph import Graph
from presstime.models import Run

# The tasks of each step: how many ended, how many there are.
Counts = Mapping[str, tuple[int, int]]
Show = Callable[[Run, Counts], None]


@contextmanager
def run_progress(console: Console) -> Iterator[Show]:
    """Yield what shows a run's steps as they are now."""
    if not console.is_terminal:
        yield _lines(console)
        return
    with Progress(
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        bars: dict[str, TaskID] = {}

        def show(run: Run, counts: Counts) -> None:
            for node in Graph.from_json(run.graph).nodes:
                if node.name not in bars:
                    bars[node.name] = progress.add_task(node.name, total=None, start=False)
                ended, count = counts.get(node.name, (0, 0))
                if ended:
                    progress.start_task(bars[node.name])
                progress.update(bars[node.name], completed=ended, total=count or None)

        yield show


def _lines(console: Console) -> Show:
    done: set[str] = set()

    def show(run: Run, counts: Counts) -> None:
        for step, (ended, count) in counts.items():
            if ended == count and step not in done:
                done.add(step)
                console.print(
                    f"{run.pipeline}: {step} ended" + (f" ({count} tasks)" if count > 1 else ""),
                    highlight=False,
                )

    return show

"""Follows a run until it is final, with a line that moves on a terminal and plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

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
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pipelines.graph import Graph
from pipelines.runs.states import RUN_FINAL, TASK_OPEN
from presstime.database import reading
from presstime.models import Run, RunState, Task
from scheduler.runtime import Runtime

POLL = 0.1  # seconds between two looks
UNCLAIMED = 10.0  # seconds after which somebody should have begun


def follow(
    runtime: Runtime,
    run_id: UUID,
    *,
    check: Callable[[], None],
    hint: str,
    unclaimed: float = UNCLAIMED,
) -> Run:
    """Wait for the end of a run and return it. `check` is called at each look, and may raise.

    `hint` is said where no worker takes the run for `unclaimed` seconds.
    """
    console = Console(stderr=True)
    begun = time.monotonic()
    warned = False
    with _bars(console) as show:
        while True:
            check()
            with reading(runtime.sessions) as session:
                run = session.get_one(Run, run_id)
                show(run, _counts(session, run_id))
            if run.state in RUN_FINAL:
                return run
            if run.state is RunState.QUEUED and not warned and time.monotonic() - begun > unclaimed:
                warned = True
                console.print(f"No worker has taken this run for {unclaimed:.0f} s. {hint}", style="yellow")
            time.sleep(POLL)


def _counts(session: Session, run_id: UUID) -> dict[str, tuple[int, int]]:
    """Tasks of each step: how many ended, how many there are."""
    rows = session.execute(
        select(Task.step, func.sum(case((Task.state.in_(TASK_OPEN), 0), else_=1)), func.count())
        .where(Task.run_id == run_id)
        .group_by(Task.step)
    )
    return {step: (int(ended), int(count)) for step, ended, count in rows}


Show = Callable[[Run, dict[str, tuple[int, int]]], None]


@contextmanager
def _bars(console: Console) -> Iterator[Show]:
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

        def show(run: Run, counts: dict[str, tuple[int, int]]) -> None:
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

    def show(run: Run, counts: dict[str, tuple[int, int]]) -> None:
        for step, (ended, count) in counts.items():
            if ended == count and step not in done:
                done.add(step)
                console.print(
                    f"{run.pipeline}: {step} ended" + (f" ({count} tasks)" if count > 1 else ""),
                    highlight=False,
                )

    return show

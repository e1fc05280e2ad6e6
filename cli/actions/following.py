"""Follows a run until it is final."""

import time
from collections.abc import Callable
from uuid import UUID

from rich.console import Console

from cli.printing.progress import Counts, run_progress
from pipelines.runs.listing import task_counts
from pipelines.runs.states import RUN_FINAL, TASK_OPEN
from presstime.database import reading
from presstime.models import Run, RunState
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
    with run_progress(console) as show:
        while True:
            check()
            run, counts = _look(runtime, run_id)
            show(run, counts)
            if run.state in RUN_FINAL:
                return run
            if run.state is RunState.QUEUED and not warned and time.monotonic() - begun > unclaimed:
                warned = True
                console.print(f"No worker has taken this run for {unclaimed:.0f} s. {hint}", style="yellow")
            time.sleep(POLL)


def _look(runtime: Runtime, run_id: UUID) -> tuple[Run, Counts]:
    with reading(runtime.sessions) as session:
        run, states = session.get_one(Run, run_id), task_counts(session, run_id)
    return run, {
        step: (sum(count for state, count in counts.items() if state not in TASK_OPEN), sum(counts.values()))
        for step, counts in states.items()
    }

"""Prints what the attempts of a run's tasks logged and how they failed, for people or as JSON."""

import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import typer

from cli.printing.console import note, print_json
from pipelines.results.items import plain
from pipelines.runs.traces import Traces
from presstime.models import FailedAttempt, Run, Task, TaskState

# A task's row keeps the traces of such an attempt, and between two attempts those of the one before.
ENDED_WELL = frozenset({TaskState.SUCCEEDED, TaskState.SKIPPED})
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line feed
COLOURS = {"succeeded": typer.colors.GREEN, "failed": typer.colors.RED, "cancelled": typer.colors.YELLOW}


def print_log(run: Run, tasks: Iterable[Traces], *, json: bool) -> None:
    """Print what each of these tasks logged and how it failed."""
    if json:
        documents = [_document(task, failed) for task, failed in tasks]
        print_json({"run_id": str(run.id), "pipeline": run.pipeline, "state": run.state, "tasks": documents})
        return
    silent = True
    for task, failed in tasks:
        silent = False
        _print_task(task, failed)
    if silent:
        note(f"Run {run.id} is {run.state}; none of its steps has logged anything or failed.")


def _print_task(task: Task, failed: Sequence[FailedAttempt]) -> None:
    for attempt in failed:
        times = _times(attempt.worker, attempt.started_at, attempt.ended_at)
        _head(task, f"attempt {attempt.attempt} failed {times}", "failed")
        _body(attempt.log, attempt.traceback or attempt.error)
    if failed and failed[-1].attempt == task.attempt:
        if task.state is not TaskState.FAILED:
            _head(task, f"is {task.state}", task.state)
            _body()
    elif task.attempt == 0:
        _head(task, f"is {task.state}", task.state)
        _body(task.error)
    else:
        times = _times(task.worker, task.started_at, task.finished_at)
        _head(task, f"attempt {task.attempt} {task.state} {times}", task.state)
        _body(*((task.log, task.error) if task.state in ENDED_WELL else ()))


def _times(worker: str | None, started: datetime | None, ended: datetime | None) -> str:
    words = []
    if started is not None and ended is not None:
        words.append(f"after {(ended - started).total_seconds():.2f} s")
    if worker is not None:
        words.append(f"on {worker}")
    if started is not None:
        words.append(f"from {started:%Y-%m-%d %H:%M:%S}Z")
    return " ".join(words)


def _head(task: Task, event: str, state: str) -> None:
    name = task.step if task.item is None else f"{task.step} {plain(task.item)}"
    typer.secho(_safe(f"{name}: {event}").rstrip(), fg=COLOURS.get(state), bold=True)


def _body(*texts: str | None) -> None:
    for text in texts:
        if text:
            sys.stdout.write(textwrap.indent(_safe(text.rstrip("\n")), "  ") + "\n")
    sys.stdout.write("\n")


def _safe(text: str) -> str:
    """A page of somebody else's, quoted in an error, must not steer the reader's terminal."""
    return CONTROL.sub(lambda sign: f"\\x{ord(sign[0]):02x}", text)


def _document(task: Task, failed: Sequence[FailedAttempt]) -> dict[str, Any]:
    ended_well = task.state in ENDED_WELL
    return {
        "step": task.step,
        "item": task.item,
        "state": task.state,
        "attempt": task.attempt,
        "error": task.error,
        "error_type": task.error_type,
        "log": task.log if ended_well else None,
        "failed_attempts": [
            {
                "attempt": attempt.attempt,
                "worker": attempt.worker,
                "started_at": attempt.started_at.isoformat() if attempt.started_at else None,
                "ended_at": attempt.ended_at.isoformat(),
                "error": attempt.error,
                "error_type": attempt.error_type,
                "traceback": attempt.traceback,
                "log": attempt.log,
            }
            for attempt in failed
        ],
    }

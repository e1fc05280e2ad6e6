"""Prints what the attempts of a run's tasks logged and how they failed, for people or as JSON."""

import json as jsonlib
import re
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import typer
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, undefer

from cli.tasks import node_of, tasks_of
from pipelines.graph import Graph
from pipelines.results.items import plain
from presstime.database import reading
from presstime.models import FailedAttempt, Run, Task, TaskState
from scheduler.runtime import Runtime

AT_ONCE = 100  # tasks read together: each may hold a quarter of a megabyte of log
# A task's row keeps the traces of such an attempt, and between two attempts those of the one before.
ENDED_WELL = frozenset({TaskState.SUCCEEDED, TaskState.SKIPPED})
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line feed
COLOURS = {"succeeded": typer.colors.GREEN, "failed": typer.colors.RED, "cancelled": typer.colors.YELLOW}

Traces = tuple[Task, Sequence[FailedAttempt]]


def print_log(runtime: Runtime, run_id: UUID, step: str | None, item: str | None, *, json: bool) -> None:
    """Of one step, of one item of it, or of each task that has something to tell."""
    with reading(runtime.sessions) as session:
        run = session.get_one(Run, run_id)
        found = _traces(session, _tasks(session, run, step, item))
        if json:
            tasks = [_document(task, failed) for task, failed in found]
            document = {"run_id": str(run.id), "pipeline": run.pipeline, "state": run.state, "tasks": tasks}
            sys.stdout.write(jsonlib.dumps(document, ensure_ascii=False) + "\n")
            return
        silent = True
        for task, failed in found:
            silent = False
            _print_task(task, failed)
    if silent:
        sys.stderr.write(f"Run {run.id} is {run.state}; none of its steps has logged anything or failed.\n")


def _tasks(session: Session, run: Run, step: str | None, item: str | None) -> list[UUID]:
    """In the order of the steps, and then of the items."""
    if step is not None or item is not None:
        return [task.id for task in tasks_of(session, run.id, node_of(run, step, item), item)]
    order = {node.name: place for place, node in enumerate(Graph.from_json(run.graph).nodes)}
    talkative = or_(
        Task.log.is_not(None), Task.error.is_not(None), exists().where(FailedAttempt.task_id == Task.id)
    )
    rows = session.execute(select(Task.id, Task.step, Task.position).where(Task.run_id == run.id, talkative))
    return [row.id for row in sorted(rows, key=lambda row: (order[row.step], row.position))]


def _traces(session: Session, ids: Sequence[UUID]) -> Iterator[Traces]:
    """A few at a time, so that ten thousand logs need not fit into memory."""
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        query = select(Task).where(Task.id.in_(some)).options(undefer(Task.log), undefer(Task.traceback))
        tasks = {task.id: task for task in session.scalars(query)}
        failed = defaultdict[UUID, list[FailedAttempt]](list)
        for kept in session.scalars(
            select(FailedAttempt).where(FailedAttempt.task_id.in_(some)).order_by(FailedAttempt.attempt)
        ):
            failed[kept.task_id].append(kept)
        for task_id in some:
            yield tasks[task_id], failed[task_id]
        session.expunge_all()


def _print_task(task: Task, failed: Sequence[FailedAttempt]) -> None:
    for kept in failed:
        times = _times(kept.worker, kept.started_at, kept.ended_at)
        _head(task, f"attempt {kept.attempt} failed {times}", "failed")
        _body(kept.log, kept.traceback or kept.error)
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


def _head(task: Task, told: str, state: str) -> None:
    name = task.step if task.item is None else f"{task.step} {plain(task.item)}"
    typer.secho(_safe(f"{name}: {told}").rstrip(), fg=COLOURS.get(state), bold=True)


def _body(*texts: str | None) -> None:
    for text in texts:
        if text:
            sys.stdout.write(textwrap.indent(_safe(text.rstrip("\n")), "  ") + "\n")
    sys.stdout.write("\n")


def _safe(text: str) -> str:
    """A page of somebody else's, quoted in an error, must not steer the reader's terminal."""
    return CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


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
                "attempt": kept.attempt,
                "worker": kept.worker,
                "started_at": kept.started_at.isoformat() if kept.started_at else None,
                "ended_at": kept.ended_at.isoformat(),
                "error": kept.error,
                "error_type": kept.error_type,
                "traceback": kept.traceback,
                "log": kept.log,
            }
            for kept in failed
        ],
    }

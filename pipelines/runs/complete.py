"""How an attempt ended, written once: only by the attempt that still holds the task."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pipelines.items import plain
from pipelines.runs.claims import Attempt
from pipelines.runs.events import lock_run, record
from pipelines.runs.outbox import ask
from pipelines.runs.progress import SKIP
from pipelines.runs.queueing import wake_next
from pipelines.runs.records import Document, record_report, record_snapshots, report_of
from pipelines.runs.states import RUN_FINAL, TASK_OPEN, move_run, move_task
from pipelines.sources.snapshots import Snapshot
from presstime.database import database_now
from presstime.models import Intent, Report, Run, RunState, Stage, Task, TaskState

FIRST_PAUSE = 1.0  # seconds before the second try; doubles with each further one
LONGEST_PAUSE = 300.0


@dataclass(frozen=True)
class Result:
    """What an attempt leaves behind, whichever way it ended."""

    output: dict[str, Any] | None = None
    findings: Sequence[dict[str, Any]] = ()
    snapshots: Sequence[Snapshot] = ()
    document: Document | None = None
    log: str = ""


@dataclass(frozen=True)
class Failure:
    """Why an attempt failed: one line, the exception's class, its traceback."""

    error: str
    error_type: str
    traceback: str = ""
    retryable: bool = True
    retry_after: float | None = None  # seconds, as the other side asked
    result: Result = field(default_factory=Result)


def succeed(session: Session, attempt: Attempt, result: Result) -> bool:
    """Record the result. False when the attempt lost its task: then nothing of it is kept."""
    held = _held(session, attempt)
    if held is None:
        return False
    run, task = held
    if result.document is not None and (other := report_of(session, run, result.document.name)):
        return fail(session, attempt, _name_taken(result, other))
    move_task(task, TaskState.SUCCEEDED)
    task.output = result.output
    _keep(session, run, task, result)
    if result.document is not None:
        record_report(session, run, task, result.document)
    _end(session, run, task, "task.succeeded", {"rows": (result.output or {}).get("rows")})
    session.execute(
        update(Task)
        .where(
            Task.stage_id == task.stage_id,
            Task.branch == task.branch,
            Task.place == task.place + 1,
            Task.state == TaskState.PENDING,
        )
        .values(state=TaskState.READY)
    )
    _leave_stage(session, run, task)
    return True


def _name_taken(result: Result, other: Report) -> Failure:
    where = f"{other.step} {plain(other.item)}" if other.item is not None else other.step
    name = result.document.name if result.document else ""
    return Failure(
        f"the report {name!r} is there already, from {where}; give this one a filename= of its own",
        "ReportNameTaken",
        retryable=False,
        result=replace(result, document=None),
    )


def fail(session: Session, attempt: Attempt, failure: Failure) -> bool:
    """Record a failure, or make the task ready for another try."""
    held = _held(session, attempt)
    if held is None:
        return False
    run, task = held
    task.errors += 1
    again = failure.retryable and task.errors <= attempt.node.retries
    task.error, task.error_type, task.traceback = failure.error, failure.error_type, failure.traceback
    _keep(session, run, task, failure.result)
    data: dict[str, Any] = {"error": failure.error, "attempt": attempt.number}
    if again:
        pause = retry_pause(task.errors, failure.retry_after)
        move_task(task, TaskState.READY)
        task.not_before = database_now(pause)
        task.lease_until = None
        _free_place(session, run, task)
        record(
            session, run, "task.retry", {**data, **_name(task), "pause_s": round(pause, 3)}, task_id=task.id
        )
        ask(session, run, Intent.ADVANCE, after=timedelta(seconds=pause))
    else:
        move_task(task, TaskState.FAILED)
        _end(session, run, task, "task.failed", data)
    _leave_stage(session, run, task)
    return True


def skip(session: Session, attempt: Attempt, reason: str, result: Result) -> bool:
    """Record that the step had nothing to do."""
    held = _held(session, attempt)
    if held is None:
        return False
    run, task = held
    move_task(task, TaskState.SKIPPED)
    task.error, task.error_type = reason, SKIP
    _keep(session, run, task, result)
    _end(session, run, task, "task.skipped", {"reason": reason})
    _leave_stage(session, run, task)
    return True


def hand_back(session: Session, attempt: Attempt) -> bool:
    """Make the task ready again because its worker stops; counts neither as an error nor as a loss."""
    held = _held(session, attempt)
    if held is None:
        return False
    run, task = held
    release(session, run, task, "task.handed-back")
    return True


def release(session: Session, run: Run, task: Task, kind: str) -> None:
    """Make a running task ready for whoever comes first; its stage is planned anew."""
    move_task(task, TaskState.READY)
    task.lease_until = None
    _free_place(session, run, task)
    record(session, run, kind, {**_name(task), "attempt": task.attempt}, task_id=task.id)
    _leave_stage(session, run, task)
    ask(session, run, Intent.ADVANCE)


def fail_lost(session: Session, run: Run, task: Task) -> None:
    """Give up a task whose attempts vanish again and again."""
    move_task(task, TaskState.FAILED)
    task.error, task.error_type = f"lost: {task.losses} attempts ended without a word", "Lost"
    _end(session, run, task, "task.failed", {"error": task.error, "attempt": task.attempt})
    _leave_stage(session, run, task)
    ask(session, run, Intent.ADVANCE)


def fail_run(session: Session, run: Run, error: str) -> None:
    """End a run whose row is locked, with all that is open in it; attempts still running lose their tasks."""
    session.execute(
        update(Task)
        .where(Task.run_id == run.id, Task.state.in_(TASK_OPEN))
        .values(state=TaskState.CANCELLED, lease_until=None, finished_at=database_now())
    )
    move_run(run, RunState.FAILED)
    run.error, run.finished_at = error, database_now()
    record(session, run, "run.failed", {"error": error})
    session.flush()
    wake_next(session, run)


def retry_pause(errors: int, asked: float | None) -> float:
    """Exponential with jitter, so that a hundred items do not return to a site in step."""
    grown: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (errors - 1))
    return max(asked or 0.0, grown * random.uniform(0.75, 1.25))  # noqa: S311 # spreads load, guards no secret


def _held(session: Session, attempt: Attempt) -> tuple[Run, Task] | None:
    """The run and the task, locked, if this attempt is still the newest one and the run goes on."""
    run = lock_run(session, attempt.run_id)
    task = session.scalar(
        select(Task).where(
            Task.id == attempt.task_id, Task.attempt == attempt.number, Task.state == TaskState.RUNNING
        )
    )
    return None if task is None or run.state in RUN_FINAL else (run, task)


def _keep(session: Session, run: Run, task: Task, result: Result) -> None:
    task.findings = list(result.findings) or None
    task.log = result.log or None
    record_snapshots(session, run, task, result.snapshots)


def _end(session: Session, run: Run, task: Task, kind: str, data: dict[str, Any]) -> None:
    task.finished_at = database_now()
    task.lease_until = None
    _free_place(session, run, task)
    record(session, run, kind, {**_name(task), **data}, task_id=task.id)


def _name(task: Task) -> dict[str, Any]:
    return {"step": task.step} if task.item is None else {"step": task.step, "item": task.item}


def _leave_stage(session: Session, run: Run, task: Task) -> None:
    """Count the stage's open tasks down; the last asks for what the stage's `advance` came too early for.

    What was to follow a task that did not succeed leaves with it: `advance` decides what becomes of it.
    """
    stage = session.get(Stage, task.stage_id) if task.stage_id else None
    if stage is None:
        return
    stage.open_tasks -= 1
    if task.state != TaskState.SUCCEEDED:
        stage.open_tasks -= _detach_followers(session, task)
    if task.state == TaskState.READY:
        task.stage_id = None
    if stage.open_tasks == 0:
        stage.closed_at = database_now()
        if stage.seen_at is not None:
            ask(session, run, Intent.ADVANCE)


def _detach_followers(session: Session, task: Task) -> int:
    gone = session.execute(
        update(Task)
        .where(Task.stage_id == task.stage_id, Task.branch == task.branch, Task.place > task.place)
        .values(stage_id=None)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined] # an UPDATE's result has it, its type does not say so


def _free_place(session: Session, run: Run, task: Task) -> None:
    """Send again one task that was turned away while this one ran."""
    turned_away = session.scalar(
        select(Task)
        .where(Task.run_id == run.id, Task.step == task.step, Task.waiting.is_(True))
        .order_by(Task.position)
        .limit(1)
    )
    if turned_away is not None:
        turned_away.waiting = False
        ask(session, run, Intent.TASK, task_id=turned_away.id)

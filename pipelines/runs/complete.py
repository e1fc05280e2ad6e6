"""Completes an attempt, however it ended: once, and only by the attempt that still holds the task."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, update
from sqlalchemy.orm import Session

from pipelines.graph import Node
from pipelines.results.items import plain
from pipelines.runs.attempt_guard import IS_HELD, LET_GO, goes_on, keep_failure, leave_stage, named
from pipelines.runs.claims import Attempt, Held
from pipelines.runs.events import record
from pipelines.runs.limits import free_slot
from pipelines.runs.outbox import enqueue
from pipelines.runs.progress import SKIP
from pipelines.runs.records import Document, record_report, record_snapshots, report_of
from pipelines.sources.snapshots import Snapshot
from presstime.database import database_now, rows_changed
from presstime.models import Intent, TaskState
from presstime.models.tables import TASKS

SUCCEED = (
    update(TASKS)
    .where(*IS_HELD)
    .values(
        state=TaskState.SUCCEEDED,
        output=bindparam("result"),
        findings=bindparam("found"),
        log=bindparam("logged"),
        error=None,
        error_type=None,
        traceback=None,
        finished_at=database_now(),
        **LET_GO,
    )
)
END = (
    update(TASKS)
    .where(*IS_HELD)
    .values(
        state=bindparam("new_state"),
        findings=bindparam("found"),
        log=bindparam("logged"),
        errors=bindparam("error_count"),
        error=bindparam("line"),
        error_type=bindparam("why"),
        traceback=bindparam("trace"),
        finished_at=database_now(),
        **LET_GO,
    )
)
TRY_AGAIN = (
    update(TASKS)
    .where(*IS_HELD)
    .values(
        state=TaskState.READY,
        stage_id=None,
        not_before=database_now(bindparam("pause")),
        findings=bindparam("found"),
        log=bindparam("logged"),
        errors=bindparam("error_count"),
        error=bindparam("line"),
        error_type=bindparam("why"),
        traceback=bindparam("trace"),
        **LET_GO,
    )
)


@dataclass(frozen=True)
class Result:
    """The traces that an attempt leaves behind, whichever way it ended."""

    output: dict[str, Any] | None = None
    findings: Sequence[dict[str, Any]] = ()
    snapshots: Sequence[Snapshot] = ()
    documents: Sequence[Document] = ()  # one report, in each of its formats
    log: str = ""


@dataclass(frozen=True)
class Failure:
    """The reason why an attempt failed: one line, the exception's class, its traceback."""

    error: str
    error_type: str
    traceback: str = ""
    retryable: bool = True
    retry_after: float | None = None  # seconds, as the other side asked
    result: Result = field(default_factory=Result)


def succeed(session: Session, attempt: Attempt, result: Result) -> bool:
    """Record the result. False when the attempt lost its task: then nothing of it is kept."""
    if not goes_on(session, attempt.run_id):
        return False
    for name in {document.name for document in result.documents}:
        if other := report_of(session, attempt.run_id, name):
            return fail(session, attempt, _name_taken(result, name, other))
    ended = session.execute(SUCCEED, {**_who(attempt), **_traces(result), "result": result.output})
    if not rows_changed(ended):
        return False
    record_snapshots(session, attempt, result.snapshots)
    for document in result.documents:
        record_report(session, attempt, attempt.pipeline, document)
    _leave(session, attempt, "task.succeeded", {"rows": (result.output or {}).get("rows")})
    return True


def _name_taken(result: Result, name: str, other: Row[str, str | None]) -> Failure:
    where = f"{other.step} {plain(other.item)}" if other.item is not None else other.step
    return Failure(
        f"the report {name!r} is there already, from {where}; give this one a filename= of its own",
        "ReportNameTaken",
        retryable=False,
        result=replace(result, documents=()),
    )


def fail(session: Session, held: Held, failure: Failure) -> bool:
    """Record a failure, or make the task ready for another try."""
    if not goes_on(session, held.run_id):
        return False
    errors = held.errors + 1
    again = failure.retryable and errors <= held.node.retries
    pause = retry_pause(held.node, errors, failure.retry_after)
    values = {
        **_who(held),
        **_traces(failure.result),
        "error_count": errors,
        "line": failure.error,
        "why": failure.error_type,
        "trace": failure.traceback or None,
    }
    if again:
        ended = session.execute(TRY_AGAIN, {**values, "pause": pause})
    else:
        ended = session.execute(END, {**values, "new_state": TaskState.FAILED})
    if not rows_changed(ended):
        return False
    keep_failure(session, held, failure.error, failure.error_type, failure.traceback, failure.result.log)
    record_snapshots(session, held, failure.result.snapshots)
    data = {"error": failure.error, "attempt": held.number}
    if again:
        _leave(session, held, "task.retry", {**data, "pause_s": round(pause, 3)}, succeeded=False)
        enqueue(session, held.run_id, Intent.ADVANCE, after=timedelta(seconds=pause))
    else:
        _leave(session, held, "task.failed", data, succeeded=False)
    return True


def skip(session: Session, attempt: Attempt, reason: str, result: Result) -> bool:
    """Record that the step had nothing to do."""
    if not goes_on(session, attempt.run_id):
        return False
    values = {
        **_who(attempt),
        **_traces(result),
        "new_state": TaskState.SKIPPED,
        "error_count": attempt.errors,
        "line": reason,
        "why": SKIP,
        "trace": None,
    }
    if not rows_changed(session.execute(END, values)):
        return False
    record_snapshots(session, attempt, result.snapshots)
    _leave(session, attempt, "task.skipped", {"reason": reason}, succeeded=False)
    return True


def retry_pause(node: Node, errors: int, requested: float | None) -> float:
    """Exponential with jitter, so that a hundred items do not return to a site in step."""
    grown: float = min(node.longest_backoff_s, node.backoff_s * 2 ** (errors - 1))
    return max(requested or 0.0, grown * random.uniform(0.75, 1.25))  # noqa: S311 # spreads load, guards no secret


def _who(held: Held) -> dict[str, Any]:
    return {"task": held.task_id, "number": held.number}


def _traces(result: Result) -> dict[str, Any]:
    return {"found": list(result.findings) or None, "logged": result.log or None}


def _leave(session: Session, held: Held, kind: str, data: dict[str, Any], *, succeeded: bool = True) -> None:
    record(session, held.run_id, kind, {**named(held), **data}, task_id=held.task_id)
    leave_stage(session, held, succeeded=succeeded)
    free_slot(session, held.run_id, held.node)

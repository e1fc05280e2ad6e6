"""Operations on a run: cancel it, go on with it after a failure, run it again from scratch."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, Uuid, and_, bindparam, or_, update
from sqlalchemy.orm import Session

from pipelines.graph import Graph
from pipelines.loading.loaded import LoadedPipeline
from pipelines.runs.advance import advance
from pipelines.runs.ending import end_run
from pipelines.runs.events import lock_run, record
from pipelines.runs.fan_out import Reader
from pipelines.runs.intervals import interval_of
from pipelines.runs.missing_code import notes_without
from pipelines.runs.progress import KEPT_FROM_RUNNING
from pipelines.runs.request import Origin, request_run
from pipelines.runs.states import RUN_FINAL, move_run
from pipelines.runs.submit import submit
from presstime.database import database_now
from presstime.errors import PresstimeError
from presstime.models import Run, RunState, Task, TaskState, Trigger
from presstime.models.tables import STAGES, TASKS

REOPENED = (RunState.FAILED, RunState.CANCELLED)
CLOSE_STAGES = (
    update(STAGES)
    .where(STAGES.c.run_id == bindparam("run"), STAGES.c.closed_at.is_(None))
    .values(open_tasks=0, more=False, closed_at=database_now())
)
ONLY = bindparam("only", type_=Uuid)
FAILED = and_(TASKS.c.state == TaskState.FAILED, or_(ONLY.is_(None), TASKS.c.id == ONLY))
CANCELLED = and_(
    TASKS.c.state == TaskState.CANCELLED,
    or_(ONLY.is_(None), TASKS.c.id == ONLY, TASKS.c.step != bindparam("only_step", type_=Text)),
)
RESET = (
    update(TASKS)
    .where(
        TASKS.c.run_id == bindparam("run"),
        or_(KEPT_FROM_RUNNING, FAILED, CANCELLED),
    )
    .values(
        state=TaskState.PENDING,
        stage_id=None,
        waiting=False,
        errors=0,
        losses=0,
        not_before=None,
        lease_until=None,
        time_limit_at=None,
        error=None,
        error_type=None,
        traceback=None,
        finished_at=None,
    )
)
SHARE = (
    update(TASKS)
    .where(TASKS.c.run_id == bindparam("run"), TASKS.c.step == bindparam("of_step"))
    .values(resource=bindparam("shared"))
)


class NotPossible(PresstimeError):
    """A run is not in a state in which this can be done to it."""


@dataclass(frozen=True)
class Again:
    """A request for another try: who asks, with the pipeline as it is loaded now, and the time."""

    actor: str
    loaded: LoadedPipeline
    now: datetime


def cancel(session: Session, run_id: UUID, actor: str) -> Run:
    """End a run that is not final. Attempts under way lose their tasks now, and get a signal within seconds."""
    run = lock_run(session, run_id)
    if run.state in RUN_FINAL:
        raise NotPossible(f"run {run.id} is {run.state} already; there is nothing to cancel")
    end_run(session, run, RunState.CANCELLED, actor=actor)
    return run


def retry(session: Session, run_id: UUID, again: Again, read: Reader) -> Run:
    """Go on with a failed or cancelled run from where it failed; what has succeeded is kept."""
    run = _reopenable(session, run_id)
    _reopen(session, run, again, read, None)
    return run


def retry_item(session: Session, run_id: UUID, task_id: UUID, again: Again, read: Reader) -> Run:
    """The same for one task alone, such as one item of a map; the others stay as they are."""
    run = _reopenable(session, run_id)
    task = session.get(Task, task_id)
    if task is None or task.run_id != run.id:
        raise NotPossible(f"run {run.id} has no task {task_id}")
    if task.state not in {TaskState.FAILED, TaskState.CANCELLED}:
        raise NotPossible(f"task {task_id} ({task.step}) is {task.state}; only a failed one is tried again")
    _reopen(session, run, again, read, task)
    return run


def rerun(session: Session, run_id: UUID, again: Again, read: Reader) -> Run:
    """A new run with the same parameters and interval, by today's code; it names the old one."""
    old = lock_run(session, run_id)
    request = request_run(
        again.loaded,
        params=old.params,
        interval=None,
        as_of=again.now,
        origin=Origin(Trigger.RERUN, again.actor, scheduled_for=old.scheduled_for, rerun_of=old.id),
    )
    return submit(session, replace(request, interval=interval_of(old)), read)


def _reopenable(session: Session, run_id: UUID) -> Run:
    run = lock_run(session, run_id)
    if run.state not in REOPENED:
        hint = "start it anew with rerun" if run.state in RUN_FINAL else "cancel it first, or let it end"
        raise NotPossible(
            f"run {run.id} is {run.state}; only a failed or cancelled one goes on. Else {hint}."
        )
    if run.results_pruned_at is not None:
        day = f"{run.results_pruned_at:%Y-%m-%d}"
        raise NotPossible(f"the results of run {run.id} were removed on {day}; start it anew with rerun")
    return run


def _reopen(session: Session, run: Run, again: Again, read: Reader, only: Task | None) -> None:
    old, new = Graph.from_json(run.graph), again.loaded.graph
    changed = run.code_version != again.loaded.code_version
    if changed and _shape(old) != _shape(new):
        raise NotPossible(
            f"{run.pipeline} has other steps now than when run {run.id} began; start it anew with rerun"
        )
    session.execute(CLOSE_STAGES, {"run": run.id})
    _reset(session, run, only)
    for node in new.nodes if changed else ():
        session.execute(SHARE, {"run": run.id, "of_step": node.name, "shared": node.resource})
    data = {"actor": again.actor, "generation": run.generation + 1}
    if changed:
        data |= {"from_code": run.code_version, "to_code": again.loaded.code_version}
    if only is not None:
        data |= {"step": only.step, "item": only.item}
    record(session, run.id, "run.retried", data)
    deadline = again.loaded.pipeline.deadline
    move_run(
        session,
        run,
        RunState.QUEUED,
        generation=run.generation + 1,
        error=None,
        admitted_at=None,
        finished_at=None,
        deadline_at=again.now + deadline if deadline else None,
        code_version=again.loaded.code_version,
        file_sha256=again.loaded.file_sha256,
        graph=new.to_json(),
        notes=notes_without(run) if changed else run.notes,
        expanded={step: known for step, known in run.expanded.items() if "items" in known},
    )
    advance(session, run, read)


def _reset(session: Session, run: Run, only: Task | None) -> None:
    """Make what failed, and what could not run because of it, wait for its turn again."""
    session.execute(
        RESET, {"run": run.id, "only": only.id if only else None, "only_step": only.step if only else None}
    )


def _shape(graph: Graph) -> list[tuple[object, ...]]:
    """What must not differ when results of one version are handed to steps of another."""
    return [(n.name, n.kind, n.mapped, n.over, n.items, n.needs, n.previous) for n in graph.nodes]

"""Who may execute a task: one conditional UPDATE, judged by the database's clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from pipelines.graph import Graph, Node
from pipelines.interval import Interval
from pipelines.runs.events import lock_run, record
from pipelines.runs.outbox import ask
from pipelines.runs.provenance import about_report
from pipelines.runs.states import RUN_FINAL, move_run
from presstime.database import database_now
from presstime.models import Intent, Run, RunState, Stage, Task, TaskState, Trigger
from reports.about import About

Supports = Callable[[str, str, str], bool]  # pipeline, code version, step -> this process has it


@dataclass(frozen=True)
class Worker:
    """The process that claims: its name among the workers, and the process id that has to stay alive."""

    name: str
    pid: int
    lease_seconds: float


@dataclass(frozen=True)
class Part:
    """One task's result, as another step's input. `output` is None when there is no result."""

    item: str | None
    output: dict[str, Any] | None


@dataclass(frozen=True)
class Attempt:
    """All that is needed to execute one try of a task; `number` is the fencing token."""

    run_id: UUID
    task_id: UUID
    number: int
    node: Node
    item: str | None
    errors: int
    pipeline: str
    code_version: str
    params: Mapping[str, Any]
    interval: Interval | None
    timezone: str
    as_of: datetime
    scheduled_for: datetime | None
    trigger: Trigger
    actor: str | None
    inputs: Mapping[str, Sequence[Part]]
    about: About | None = None  # for a report: what its content follows from

    @property
    def prefix(self) -> str:
        """Where this attempt may write in the artifact store, and no other."""
        return f"runs/{self.run_id}/{self.task_id}/{self.number}"


def claim(session: Session, task_id: UUID, worker: Worker, supports: Supports) -> Attempt | None:
    """Take a task for this process, or None: somebody has it, it is done, not due, or not ours to do."""
    asked = session.execute(
        select(Task.run_id, Run.pipeline, Run.code_version, Task.step).join(Run).where(Task.id == task_id)
    ).one_or_none()
    if asked is None or not supports(asked.pipeline, asked.code_version, asked.step):
        return None
    run = lock_run(session, asked.run_id)
    task = session.get_one(Task, task_id)
    if run.state in RUN_FINAL:
        return None
    graph = Graph.from_json(run.graph)
    node = graph.node(task.step)
    if _over_limit(session, task, node) or not _take(session, task, worker):
        return None
    if run.state is RunState.QUEUED:
        move_run(run, RunState.RUNNING)
        run.started_at = database_now()
        record(session, run, "run.running")
    _start_stage(session, run, task)
    data = {
        "step": task.step,
        "item": task.item,
        "attempt": task.attempt,
        "worker": worker.name,
        "pid": worker.pid,
    }
    record(session, run, "task.running", data, task_id=task.id)
    return _attempt(session, run, task, graph, node)


def _take(session: Session, task: Task, worker: Worker) -> bool:
    """Lost leases count against the task, because the attempt that held one never said how it ended."""
    now = database_now()
    lost = and_(Task.state == TaskState.RUNNING, Task.lease_until < now)
    due = and_(Task.state == TaskState.READY, or_(Task.not_before.is_(None), Task.not_before <= now))
    taken = session.execute(
        update(Task)
        .where(Task.id == task.id, or_(due, lost))
        .values(
            state=TaskState.RUNNING,
            attempt=Task.attempt + 1,
            losses=Task.losses + case((lost, 1), else_=0),
            lease_until=database_now(worker.lease_seconds),
            worker=worker.name,
            pid=worker.pid,
            waiting=False,
            started_at=now,
        )
    )
    if not taken.rowcount:  # type: ignore[attr-defined] # an UPDATE's result has it, its type does not say so
        return False
    session.refresh(task)
    return True


def _over_limit(session: Session, task: Task, node: Node) -> bool:
    """Turn a task away when its step has enough running in this run; who ends first sends it again."""
    if node.limit is None:
        return False
    running = session.scalar(
        select(func.count()).where(
            Task.run_id == task.run_id,
            Task.step == task.step,
            Task.state == TaskState.RUNNING,
            Task.lease_until >= database_now(),
            Task.id != task.id,
        )
    )
    if (running or 0) < node.limit:
        return False
    session.execute(
        update(Task).where(Task.id == task.id, Task.state == TaskState.READY).values(waiting=True)
    )
    return True


def _start_stage(session: Session, run: Run, task: Task) -> None:
    """The first task of a chord makes room for another chord of the same map."""
    stage = session.get(Stage, task.stage_id) if task.stage_id else None
    if stage is None or stage.started_at is not None:
        return
    stage.started_at = database_now()
    if stage.more:
        ask(session, run, Intent.ADVANCE)


def _attempt(session: Session, run: Run, task: Task, graph: Graph, node: Node) -> Attempt:
    return Attempt(
        run_id=run.id,
        task_id=task.id,
        number=task.attempt,
        node=node,
        item=task.item,
        errors=task.errors,
        pipeline=run.pipeline,
        code_version=run.code_version,
        params=run.params,
        interval=_interval(run),
        timezone=run.timezone,
        as_of=run.as_of,
        scheduled_for=run.scheduled_for,
        trigger=run.trigger,
        actor=run.actor,
        inputs=_inputs(session, run, node),
        about=about_report(session, run, graph, node) if node.kind == "report" else None,
    )


def _interval(run: Run) -> Interval | None:
    """In the run's own zone again: a day of New York is not a day of Greenwich."""
    if run.interval_start is None or run.interval_end is None:
        return None
    zone = ZoneInfo(run.timezone)
    return Interval(
        run.interval_start.astimezone(zone),
        run.interval_end.astimezone(zone),
        run.interval_label or "",
        run.timezone,
    )


def _inputs(session: Session, run: Run, node: Node) -> dict[str, list[Part]]:
    wanted = [need.step for need in node.needs if need.kind == "data"]
    found: dict[str, list[Part]] = {step: [] for step in wanted}
    if wanted:
        rows = session.execute(
            select(Task.step, Task.item, Task.state, Task.output)
            .where(Task.run_id == run.id, Task.step.in_(wanted))
            .order_by(Task.position)
        )
        for step, item, state, output in rows:
            if item is not None and state == TaskState.SKIPPED:
                continue  # an item with nothing to do is left out; a failed one is None where that is allowed
            found[step].append(Part(item, output if state == TaskState.SUCCEEDED else None))
    return found

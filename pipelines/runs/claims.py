"""Claims tasks: one conditional UPDATE, judged by the database's clock, says who may execute one.

Each task is claimed and completed once at least, so the statements are built once, when this is imported.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, bindparam, cast, select, update
from sqlalchemy.orm import Session

from pipelines.graph import Graph, Node, parse_graph
from pipelines.interval import Interval
from pipelines.runs.events import record
from pipelines.runs.intervals import interval_of
from pipelines.runs.limits import turn_away
from pipelines.runs.outbox import enqueue
from pipelines.runs.pinning import pinned_run
from pipelines.runs.provenance import about_report
from pipelines.runs.states import RUN_FINAL, TASK_IS_DUE
from presstime.database import database_now
from presstime.models import Intent, RunState, TaskState, Trigger
from presstime.models.tables import RUNS, STAGES, TASKS
from reports.about import About

OF_RUN = (
    "id",
    "pipeline",
    "state",
    "code_version",
    "params",
    "trigger",
    "actor",
    "as_of",
    "scheduled_for",
    "pins",
)
OF_INTERVAL = ("interval_start", "interval_end", "interval_label", "timezone")
LOCK = (
    select(
        TASKS.c.step,
        STAGES.c.id.label("stage_id"),
        STAGES.c.mapped,
        STAGES.c.started_at.label("stage_started_at"),
        cast(RUNS.c.graph, Text).label("graph"),
        *(RUNS.c[name] for name in OF_RUN + OF_INTERVAL),
    )
    .select_from(TASKS)
    .join(RUNS, RUNS.c.id == TASKS.c.run_id)
    .outerjoin(STAGES, STAGES.c.id == TASKS.c.stage_id)
    .where(TASKS.c.id == bindparam("task"))
    .with_for_update(of=RUNS)
)
TAKE = (
    update(TASKS)
    .where(
        TASKS.c.id == bindparam("task"),
        TASKS.c.state == TaskState.READY,
        TASK_IS_DUE,
    )
    .values(
        state=TaskState.RUNNING,
        attempt=TASKS.c.attempt + 1,
        lease_until=database_now(bindparam("lease")),
        time_limit_at=database_now(bindparam("limit")),
        worker=bindparam("worker_name"),
        pid=bindparam("worker_pid"),
        waiting=False,
        started_at=database_now(),
    )
    .returning(*(TASKS.c[name] for name in ("attempt", "item", "errors", "stage_id", "branch", "place")))
)
BEGIN_RUN = (
    update(RUNS)
    .where(RUNS.c.id == bindparam("run"), RUNS.c.state == RunState.QUEUED)
    .values(state=RunState.RUNNING, started_at=database_now())
)
BEGIN_STAGE = (
    update(STAGES)
    .where(STAGES.c.id == bindparam("stage"), STAGES.c.started_at.is_(None))
    .values(started_at=database_now())
    .returning(STAGES.c.more)
)
RESULTS = (
    select(TASKS.c.step, TASKS.c.item, TASKS.c.state, TASKS.c.output)
    .where(TASKS.c.run_id == bindparam("run"), TASKS.c.step.in_(bindparam("steps", expanding=True)))
    .order_by(TASKS.c.position)
)

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
class ChainPosition:
    """A task's position in its stage: in which of its chains, and at which index of that chain."""

    stage_id: UUID
    mapped: bool  # each chain is one item: nothing comes before or behind it
    branch: int
    index: int


@dataclass(frozen=True)
class Held:
    """A task in the hands of one process; `number` is the fencing token. `errors` counts those before."""

    run_id: UUID
    task_id: UUID
    number: int
    node: Node
    item: str | None
    errors: int
    stage: ChainPosition | None


@dataclass(frozen=True)
class Attempt(Held):
    """All that is needed to execute one try of a task."""

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
    previous: Mapping[str, Sequence[Part]]  # what steps gave the last time; empty where there is none
    pins: Mapping[str, Any]
    about: About | None = None  # for a report: what its content follows from

    @property
    def prefix(self) -> str:
        """The prefix of keys that this attempt may write in the artifact store, and no other."""
        return f"runs/{self.run_id}/{self.task_id}-{self.number}"


def claim(session: Session, task_id: UUID, worker: Worker, supports: Supports) -> Attempt | None:
    """Take a task for this process, or None: somebody has it, it is done, not due, or not ours to do.

    A task whose lease ran out is not taken from its holder here: the keeper makes it ready again, because it
    alone knows whether the holder could renew at all.
    """
    run = session.execute(LOCK, {"task": task_id}).one_or_none()
    if run is None or run.state in RUN_FINAL or not supports(run.pipeline, run.code_version, run.step):
        return None
    graph = parse_graph(run.graph)
    node = graph.node(run.step)
    if turn_away(session, run.id, task_id, node):
        return None
    taken = session.execute(
        TAKE,
        {
            "task": task_id,
            "lease": worker.lease_seconds,
            "limit": node.hard_limit_s,
            "worker_name": worker.name,
            "worker_pid": worker.pid,
        },
    ).one_or_none()
    if taken is None:
        return None
    if run.state is RunState.QUEUED:
        session.execute(BEGIN_RUN, {"run": run.id})
        record(session, run.id, "run.running")
    if taken.stage_id is not None and run.stage_started_at is None:
        _begin_stage(session, run.id, taken.stage_id)
    data = {
        "step": run.step,
        "item": taken.item,
        "attempt": taken.attempt,
        "worker": worker.name,
        "pid": worker.pid,
    }
    record(session, run.id, "task.running", data, task_id=task_id)
    return _attempt(session, task_id, run, taken, graph, node)


def _begin_stage(session: Session, run_id: UUID, stage_id: UUID) -> None:
    """The first task of a chord makes room for another chord of the same map."""
    begun = session.execute(BEGIN_STAGE, {"stage": stage_id}).one_or_none()
    if begun is not None and begun.more:
        enqueue(session, run_id, Intent.ADVANCE)


def _attempt(  # noqa: PLR0917 # what two statements brought, put together
    session: Session, task_id: UUID, run: Row[Any], taken: Row[Any], graph: Graph, node: Node
) -> Attempt:
    return Attempt(
        run_id=run.id,
        task_id=task_id,
        number=taken.attempt,
        node=node,
        item=taken.item,
        errors=taken.errors,
        stage=_position(run, taken),
        pipeline=run.pipeline,
        code_version=run.code_version,
        params=run.params,
        interval=interval_of(run),
        timezone=run.timezone,
        as_of=run.as_of,
        scheduled_for=run.scheduled_for,
        trigger=run.trigger,
        actor=run.actor,
        inputs=_results(session, run.id, [need.step for need in node.needs if need.kind == "data"]),
        previous=_previous(session, run.pins, node),
        pins=run.pins,
        about=about_report(session, run.id, graph, node) if node.kind == "report" else None,
    )


def _position(run: Row[Any], taken: Row[Any]) -> ChainPosition | None:
    if taken.stage_id is None:
        return None
    # On PostgreSQL the first statement may have waited for the run, and have seen the task as it was before.
    mapped = bool(run.mapped) and run.stage_id == taken.stage_id
    return ChainPosition(taken.stage_id, mapped, taken.branch, taken.place)


def _previous(session: Session, pins: Mapping[str, Any], node: Node) -> dict[str, list[Part]]:
    earlier: dict[str, list[Part]] = {}
    for step in node.previous:
        run_id = pinned_run(pins, step)
        earlier |= {step: []} if run_id is None else _results(session, run_id, [step])
    return earlier


def _results(session: Session, run_id: UUID, wanted: Sequence[str]) -> dict[str, list[Part]]:
    results: dict[str, list[Part]] = {step: [] for step in wanted}
    if wanted:
        for step, item, state, output in session.execute(RESULTS, {"run": run_id, "steps": wanted}):
            if item is not None and state == TaskState.SKIPPED:
                continue  # an item with nothing to do is left out; a failed one is None where that is allowed
            results[step].append(Part(item, output if state == TaskState.SUCCEEDED else None))
    return results

"""Makes a run: its row, its tasks, its first stages and what is to be published, in one transaction."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pipelines.graph import Graph
from pipelines.interval import Interval
from pipelines.runs.advance import advance
from pipelines.runs.events import record
from pipelines.runs.fan_out import Reader
from pipelines.runs.pinning import pins_for
from pipelines.runs.queueing import may_wait
from pipelines.runs.task_rows import ADD_TASKS, task_row
from presstime.database import database_now
from presstime.ids import new_id
from presstime.models import Run, RunState, Trigger

# Somebody sits and waits for what these start.
WAITED_FOR = frozenset({Trigger.API, Trigger.CLI, Trigger.RERUN})


@dataclass(frozen=True)
class RunRequest:
    """All that is fixed about a run before it starts; already validated."""

    pipeline: str
    graph: Graph
    code_version: str
    file_sha256: str
    timezone: str
    as_of: datetime
    trigger: Trigger
    params: dict[str, Any] = field(default_factory=dict)
    interval: Interval | None = None
    actor: str | None = None
    schedule_id: UUID | None = None
    scheduled_for: datetime | None = None
    rerun_of: UUID | None = None
    backfill_id: UUID | None = None
    deadline_at: datetime | None = None
    policies: dict[str, Any] = field(default_factory=dict)


def submit(session: Session, request: RunRequest, read: Reader) -> Run:
    """Write the run and plan its first stages. It exists once the caller commits."""
    run = Run(
        id=new_id(),
        pipeline=request.pipeline,
        state=RunState.QUEUED,
        trigger=request.trigger,
        actor=request.actor,
        params=request.params,
        graph=request.graph.to_json(),
        policies=request.policies,
        code_version=request.code_version,
        file_sha256=request.file_sha256,
        as_of=request.as_of,
        timezone=request.timezone,
        schedule_id=request.schedule_id,
        scheduled_for=request.scheduled_for,
        rerun_of=request.rerun_of,
        backfill_id=request.backfill_id,
        pins=pins_for(session, request.pipeline, request.graph, request.params, request.interval),
        expanded={},
        notes=[],
        priority=int(request.trigger in WAITED_FOR),
        generation=1,
        deadline_at=request.deadline_at,
        created_at=database_now(),
        admitted_at=None if may_wait(request.policies) else database_now(),
    )
    if request.interval is not None:
        run.interval_start = request.interval.start
        run.interval_end = request.interval.end
        run.interval_label = request.interval.label
    session.add(run)
    session.flush()
    tasks = [task_row(run.id, node) for node in request.graph.nodes if not node.mapped]
    if tasks:
        session.execute(ADD_TASKS, tasks)
    record(session, run.id, "run.queued", {"trigger": request.trigger, "actor": request.actor})
    advance(session, run, read)
    return run

"""Makes a run: its row, its tasks, its first stages and what is to be published, in one transaction."""

from sqlalchemy.orm import Session

from pipelines.runs.advance import advance
from pipelines.runs.events import record
from pipelines.runs.fan_out import Reader
from pipelines.runs.pinning import pins_for
from pipelines.runs.queueing import may_wait
from pipelines.runs.request import RunRequest
from pipelines.runs.task_rows import ADD_TASKS, task_row
from presstime.database import database_now
from presstime.ids import new_id
from presstime.models import Run, RunState, Trigger

# Somebody sits and waits for what these start.
WAITED_FOR = frozenset({Trigger.API, Trigger.CLI, Trigger.RERUN})


def submit(session: Session, request: RunRequest, read: Reader) -> Run:
    """Write the run and plan its first stages. It exists once the caller commits."""
    origin = request.origin
    run = Run(
        id=new_id(),
        pipeline=request.pipeline,
        state=RunState.QUEUED,
        trigger=origin.trigger,
        actor=origin.actor,
        params=request.params,
        graph=request.graph.to_json(),
        policies=request.policies,
        code_version=request.code_version,
        file_sha256=request.file_sha256,
        as_of=request.as_of,
        timezone=request.timezone,
        schedule_id=origin.schedule_id,
        scheduled_for=origin.scheduled_for,
        rerun_of=origin.rerun_of,
        backfill_id=origin.backfill_id,
        pins=pins_for(session, request.pipeline, request.graph, request.params, request.interval),
        expanded={},
        notes=[],
        priority=int(origin.trigger in WAITED_FOR),
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
    record(session, run.id, "run.queued", {"trigger": origin.trigger, "actor": origin.actor})
    advance(session, run, read)
    return run

"""Takes a run one look further: expands maps, settles what cannot run, plans stages, or finishes the run.

Comes early, late or twice without harm: it decides from the rows alone, under the run's lock.
"""

from uuid import UUID

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from pipelines.graph import Graph
from pipelines.results.items import plain
from pipelines.runs.events import lock_run, record
from pipelines.runs.fan_out import Reader, fan_out
from pipelines.runs.planning import NextSteps, next_steps
from pipelines.runs.progress import BROKEN, SKIP, progress_of
from pipelines.runs.queueing import held_back, wake_next
from pipelines.runs.stages import MARK_SEEN, plan_canvas, plan_chords
from pipelines.runs.states import RUN_FINAL, TASK_OPEN, move_run
from presstime.database import database_now
from presstime.models import Run, RunState, Task, TaskState
from presstime.models.tables import STAGES, TASKS

OF_STAGE = select(TASKS.c.step).where(TASKS.c.stage_id == bindparam("stage")).limit(1).subquery()
OTHERS = TASKS.alias("others")
# Without a join: a task of ten thousand would be looked at for each of the stage's two hundred.
ONGOING = select(OF_STAGE.c.step).where(
    exists().where(
        OTHERS.c.run_id == bindparam("run"),
        OTHERS.c.step == OF_STAGE.c.step,
        OTHERS.c.state.in_(TASK_OPEN),
    )
)
SEEN = MARK_SEEN.returning(STAGES.c.open_tasks, STAGES.c.mapped)
LEAVE_OUT = (
    update(TASKS)
    .where(
        TASKS.c.run_id == bindparam("run"),
        TASKS.c.step == bindparam("of_step"),
        TASKS.c.state.in_([TaskState.PENDING, TaskState.READY]),
    )
    .values(
        state=TaskState.SKIPPED,
        error_type=bindparam("why"),
        error=bindparam("reason"),
        finished_at=database_now(),
    )
)


def advance_stage(session: Session, run_id: UUID, stage_id: UUID | None, read: Reader) -> None:
    """Advance the run at the end of a canvas. One that comes before its stage's last task only marks the stage."""
    run = lock_run(session, run_id)
    if stage_id is not None:
        stage = session.execute(SEEN, {"stage": stage_id}).one_or_none()
        if stage is not None and stage.open_tasks:
            return
        if stage is not None and stage.mapped and (step := _ongoing(session, run, stage_id)):
            plan_chords(session, run, step)
            return
    advance(session, run, read)


def _ongoing(session: Session, run: Run, stage_id: UUID) -> str | None:
    """The step of a map's chord, when other items of it are still to come: nothing but further chords can follow.

    A whole look counts each task of the run, and so costs the square of their number in the end.
    """
    if run.state in RUN_FINAL:
        return None
    return session.execute(ONGOING, {"stage": stage_id, "run": run.id}).scalar_one_or_none()


def advance(session: Session, run: Run, read: Reader) -> None:
    """Plan what may start now. The caller has locked the run and commits."""
    if run.state in RUN_FINAL or held_back(session, run):
        return
    graph = Graph.from_json(run.graph)
    while True:
        session.flush()
        steps = next_steps(graph, progress_of(session, run, graph))
        if not (steps.break_off or steps.leave_out or steps.fan_out):
            break
        _settle(session, run, graph, steps)
        for step in steps.fan_out:
            fan_out(session, run, graph.node(step), read)
    if steps.finished:
        _finish(session, run, steps)
        return
    for branches in steps.canvases:
        plan_canvas(session, run, branches)
    for step in steps.maps:
        plan_chords(session, run, step)


def _settle(session: Session, run: Run, graph: Graph, steps: NextSteps) -> None:
    """Mark what will not run, and say because of which step."""
    for causes, kind, word in ((steps.break_off, BROKEN, "broken"), (steps.leave_out, SKIP, "absent")):
        for step, cause in causes.items():
            reason = f"{cause!r} failed" if kind == BROKEN else f"{cause!r} had nothing to do"
            session.execute(LEAVE_OUT, {"run": run.id, "of_step": step, "why": kind, "reason": reason})
            if graph.node(step).mapped:
                run.expanded = {**run.expanded, step: {word: cause}}
            record(session, run.id, "step.skipped", {"step": step, "reason": reason})


def _finish(session: Session, run: Run, steps: NextSteps) -> None:
    error = _reason(session, run, steps) if steps.broken else None
    if not steps.broken and run.state is RunState.QUEUED:
        move_run(session, run, RunState.RUNNING)  # nothing had to be run at all
    state = RunState.FAILED if steps.broken else RunState.SUCCEEDED
    move_run(session, run, state, error=error, finished_at=database_now())
    record(session, run.id, f"run.{state}", {"error": error} if error else {})
    wake_next(session, run)


def _reason(session: Session, run: Run, steps: NextSteps) -> str:
    """The first failure, in one line."""
    failed = session.scalars(
        select(Task)
        .where(
            Task.run_id == run.id,
            Task.state.in_([TaskState.FAILED, TaskState.CANCELLED]),
            Task.step.in_(steps.broken),
        )
        .order_by(Task.finished_at, Task.position)
        .limit(1)
    ).first()
    if failed is not None:
        return _line(failed)
    return next((e["failed"] for e in run.expanded.values() if "failed" in e), "a step could not run")


def _line(task: Task) -> str:
    """What failed, where: the line that people see first."""
    where = task.step if task.item is None else f"{task.step} {plain(task.item)}"
    return f"{where}: {task.error or 'was cancelled'}"

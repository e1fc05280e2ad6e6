"""Puts tasks that may start into stages, and asks for their canvases to be published."""

from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from pipelines.runs.events import record
from pipelines.runs.outbox import ask
from presstime.database import database_now
from presstime.ids import new_id
from presstime.models import Intent, Run, Stage, StageKind, Task, TaskState

CHORD_TASKS = 200  # of one chord: each header message carries the whole body's signature
WAITING_CHORDS = 2  # unstarted chords of one run: more would flood the queue for everybody else


def plan_canvas(session: Session, run: Run, branches: tuple[tuple[str, ...], ...]) -> None:
    stage = _new_stage(session, run, StageKind.CHORD if len(branches) > 1 else StageKind.CHAIN)
    for branch, steps in enumerate(branches):
        for place, step in enumerate(steps):
            session.execute(
                update(Task)
                .where(Task.run_id == run.id, Task.step == step, Task.stage_id.is_(None))
                .values(
                    stage_id=stage.id,
                    branch=branch,
                    place=place,
                    state=TaskState.READY if place == 0 else TaskState.PENDING,
                )
            )
    stage.size = stage.open_tasks = sum(map(len, branches))
    _publish(session, run, stage, [list(steps) for steps in branches])


def plan_chords(session: Session, run: Run, step: str) -> None:
    """Put free items of a map into chords, as many as may wait at a time."""
    waiting = session.scalars(
        select(Stage.id).where(
            Stage.run_id == run.id,
            Stage.started_at.is_(None),
            Stage.closed_at.is_(None),
            Stage.mapped.is_(True),
        )
    ).all()
    stage: Stage | None = None
    for _ in range(WAITING_CHORDS - len(waiting)):
        ids = _free_items(session, run, step)
        if not ids:
            break
        stage = _new_stage(session, run, StageKind.CHORD)
        stage.mapped = True
        stage.size = stage.open_tasks = len(ids)
        session.execute(
            update(Task),
            [
                {"id": task_id, "stage_id": stage.id, "branch": n, "place": 0, "state": TaskState.READY}
                for n, task_id in enumerate(ids)
            ],
        )
        _publish(session, run, stage, [[step]] * len(ids))
    if _free_items(session, run, step, limit=1):
        session.execute(
            update(Stage)
            .where(Stage.run_id == run.id, Stage.mapped.is_(True), Stage.started_at.is_(None))
            .values(more=True)
        )


def _free_items(session: Session, run: Run, step: str, limit: int = CHORD_TASKS) -> list[UUID]:
    return list(
        session.scalars(
            select(Task.id)
            .where(
                Task.run_id == run.id,
                Task.step == step,
                Task.stage_id.is_(None),
                Task.state.in_([TaskState.PENDING, TaskState.READY]),
                or_(Task.not_before.is_(None), Task.not_before <= database_now()),
            )
            .order_by(Task.position)
            .limit(limit)
        )
    )


def _new_stage(session: Session, run: Run, kind: StageKind) -> Stage:
    newest = session.scalar(select(func.max(Stage.number)).where(Stage.run_id == run.id)) or 0
    stage = Stage(
        id=new_id(),
        run_id=run.id,
        number=newest + 1,
        generation=run.generation,
        kind=kind,
        mapped=False,
        size=0,
        open_tasks=0,
        more=False,
        published=0,
        created_at=database_now(),
    )
    session.add(stage)
    session.flush()
    return stage


def _publish(session: Session, run: Run, stage: Stage, branches: list[list[str]]) -> None:
    shape = branches if not stage.mapped else [branches[0], len(branches)]
    record(session, run, "stage.planned", {"stage": stage.number, "kind": stage.kind, "steps": shape})
    ask(session, run, Intent.PUBLISH, stage_id=stage.id)

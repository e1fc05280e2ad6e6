"""Puts tasks that may start into stages, and asks for their canvases to be published."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from pipelines.runs.events import record
from pipelines.runs.outbox import enqueue
from pipelines.runs.states import TASK_IS_DUE
from presstime.database import database_now
from presstime.ids import new_id
from presstime.models import Intent, Lane, Run, StageKind, TaskState
from presstime.models.tables import STAGES, TASKS

CHORD_TASKS = 200  # of one chord: each header message carries the whole body's signature
WAITING_CHORDS = 2  # unstarted chords of one run: more would flood the queue for everybody else


IS_FREE = (
    TASKS.c.stage_id.is_(None),
    or_(TASKS.c.state == TaskState.PENDING, TASKS.c.state == TaskState.READY),
)
PUT_IN_CHAIN = (
    update(TASKS)
    .where(TASKS.c.run_id == bindparam("run"), TASKS.c.step == bindparam("of_step"), *IS_FREE)
    .values(
        stage_id=bindparam("stage"),
        branch=bindparam("in_branch"),
        place=bindparam("at"),
        state=bindparam("new_state"),
    )
)
PLACE_ITEM = (
    update(TASKS)
    .where(TASKS.c.id == bindparam("task"), *IS_FREE)
    .values(stage_id=bindparam("stage"), branch=bindparam("in_branch"), place=0, state=TaskState.READY)
)
# Set once the canvas has ended, or never will: then the last task to leave the stage asks for an `advance`.
MARK_SEEN = (
    update(STAGES)
    .where(STAGES.c.id == bindparam("stage"))
    .values(seen_at=func.coalesce(STAGES.c.seen_at, database_now()))
)
NEXT_NUMBER = (
    select(func.coalesce(func.max(STAGES.c.number), 0) + 1)
    .where(STAGES.c.run_id == bindparam("of_run"))
    .scalar_subquery()
)
ADD = (
    insert(STAGES)
    .values(number=NEXT_NUMBER, created_at=database_now(), more=False, published=0)
    .returning(STAGES.c.number)
)
# Unstarted chords of this run.
WAITING = (
    STAGES.c.run_id == bindparam("run"),
    STAGES.c.started_at.is_(None),
    STAGES.c.closed_at.is_(None),
    STAGES.c.mapped,
)
COUNT_WAITING = select(func.count()).where(*WAITING)
MORE = update(STAGES).where(*WAITING).values(more=True)
FREE_ITEMS = (
    select(TASKS.c.id)
    .where(
        TASKS.c.run_id == bindparam("run"),
        TASKS.c.step == bindparam("of_step"),
        *IS_FREE,
        TASK_IS_DUE,
    )
    .order_by(TASKS.c.position)
    .limit(CHORD_TASKS + 1)
)


def plan_canvas(session: Session, run: Run, branches: tuple[tuple[str, ...], ...]) -> None:
    size = sum(map(len, branches))
    kind = StageKind.CHORD if len(branches) > 1 else StageKind.CHAIN
    shape = [list(steps) for steps in branches]
    stage_id = _add_stage(session, run, kind, size, _lane(run, size), shape)
    session.execute(
        PUT_IN_CHAIN,
        [
            {
                "run": run.id,
                "of_step": step,
                "stage": stage_id,
                "in_branch": branch,
                "at": index,
                "new_state": TaskState.READY if index == 0 else TaskState.PENDING,
            }
            for branch, steps in enumerate(branches)
            for index, step in enumerate(steps)
        ],
    )


def plan_chords(session: Session, run: Run, step: str) -> None:
    """Put free items of a map into chords, as many as may wait at a time."""
    waiting = session.execute(COUNT_WAITING, {"run": run.id}).scalar_one()
    ids = _free_items(session, run, step)
    while ids and waiting < WAITING_CHORDS:
        chord, beyond = ids[:CHORD_TASKS], ids[CHORD_TASKS:]
        large = bool(beyond) or run.expanded.get(step, {}).get("items", 0) > CHORD_TASKS
        lane = Lane.BULK if large else _lane(run, len(chord))
        stage_id = _add_stage(session, run, StageKind.CHORD, len(chord), lane, [step], mapped=True)
        session.execute(
            PLACE_ITEM,
            [{"task": task_id, "stage": stage_id, "in_branch": n} for n, task_id in enumerate(chord)],
        )
        waiting += 1
        ids = _free_items(session, run, step) if beyond else []
    if ids:
        session.execute(MORE, {"run": run.id})


def _lane(run: Run, size: int) -> Lane:
    return Lane.EXPRESS if run.priority > 0 and size <= CHORD_TASKS else Lane.BULK


def _free_items(session: Session, run: Run, step: str) -> list[UUID]:
    """Those of the next chord, and one more if there is any."""
    return list(session.scalars(FREE_ITEMS, {"run": run.id, "of_step": step}))


def _add_stage(  # noqa: PLR0917 # the columns of the row
    session: Session,
    run: Run,
    kind: StageKind,
    size: int,
    lane: Lane,
    shape: list[Any],
    *,
    mapped: bool = False,
) -> UUID:
    """A stage of `size` tasks, which the caller puts into it, and the request to publish it."""
    stage_id = new_id()
    number = session.execute(
        ADD,
        {
            "of_run": run.id,
            "id": stage_id,
            "run_id": run.id,
            "generation": run.generation,
            "kind": kind,
            "mapped": mapped,
            "size": size,
            "open_tasks": size,
            "lane": lane,
        },
    ).scalar_one()
    shown = [shape, size] if mapped else shape
    record(session, run.id, "stage.planned", {"stage": number, "kind": kind, "steps": shown})
    enqueue(session, run.id, Intent.PUBLISH, stage_id=stage_id)
    return stage_id

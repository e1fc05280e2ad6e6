"""Takes a task out of its stage: counts the stage down, and lets go the next of its chain."""

from sqlalchemy import bindparam, case, update
from sqlalchemy.orm import Session

from pipelines.runs.claims import STAGES, TASKS, Held, Stand
from pipelines.runs.outbox import ask
from presstime.database import database_now
from presstime.models import Intent, TaskState

FOLLOWING = (
    update(TASKS)
    .where(
        TASKS.c.stage_id == bindparam("stage"),
        TASKS.c.branch == bindparam("of_branch"),
        TASKS.c.place == bindparam("at"),
        TASKS.c.state == TaskState.PENDING,
    )
    .values(state=TaskState.READY)
)
DETACH = (
    update(TASKS)
    .where(
        TASKS.c.stage_id == bindparam("stage"),
        TASKS.c.branch == bindparam("of_branch"),
        TASKS.c.place > bindparam("behind"),
    )
    .values(stage_id=None)
)
LEAVE = (
    update(STAGES)
    .where(STAGES.c.id == bindparam("stage"))
    .values(
        open_tasks=STAGES.c.open_tasks - bindparam("gone"),
        closed_at=case((STAGES.c.open_tasks == bindparam("gone"), database_now()), else_=STAGES.c.closed_at),
    )
    .returning(STAGES.c.open_tasks, STAGES.c.seen_at)
)


def leave_stage(session: Session, held: Held, *, succeeded: bool) -> None:
    """The last to leave asks for what the stage's `advance` came too early for.

    What was to follow a task that did not succeed leaves with it: `advance` decides what becomes of it.
    """
    stand = held.stage
    if stand is None:
        return
    gone = 1
    if succeeded:
        _let_go(session, stand)
    else:
        gone += _detach_followers(session, stand)
    stage = session.execute(LEAVE, {"stage": stand.stage_id, "gone": gone}).one()
    if stage.open_tasks == 0 and stage.seen_at is not None:
        ask(session, held.run_id, Intent.ADVANCE)


def _let_go(session: Session, stand: Stand) -> None:
    if not stand.mapped:
        session.execute(
            FOLLOWING, {"stage": stand.stage_id, "of_branch": stand.branch, "at": stand.place + 1}
        )


def _detach_followers(session: Session, stand: Stand) -> int:
    if stand.mapped:
        return 0
    gone = session.execute(
        DETACH, {"stage": stand.stage_id, "of_branch": stand.branch, "behind": stand.place}
    )
    return int(gone.rowcount)  # type: ignore[attr-defined] # an UPDATE's result has it, its type does not say so

"""Limits how many tasks run at a time: of one mapped step, and of all that share a named resource."""

from uuid import UUID

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.orm import Session

from pipelines.graph import Node
from pipelines.runs.outbox import enqueue
from presstime.database import take_turns
from presstime.models import Intent, TaskState
from presstime.models.runs import HELD
from presstime.models.tables import RUNS, TASKS

# A cancelled attempt counts until its process has let go: it still asks the site for pages.
HELD_BY_STEP = select(func.count()).where(
    text(HELD), TASKS.c.run_id == bindparam("run"), TASKS.c.step == bindparam("step")
)
HELD_BY_RESOURCE = select(func.count()).where(text(HELD), TASKS.c.resource == bindparam("resource"))
TURN_AWAY = (
    update(TASKS)
    .where(TASKS.c.id == bindparam("task"), TASKS.c.state == TaskState.READY)
    .values(waiting=True)
)
WAITING = (
    select(TASKS.c.id, TASKS.c.run_id)
    .join(RUNS, RUNS.c.id == TASKS.c.run_id)
    .where(text("waiting"))
    .order_by(RUNS.c.priority.desc(), TASKS.c.id)  # ids grow with time and position
    .limit(1)
    .with_for_update(of=TASKS, skip_locked=True)
)
NEXT_OF_STEP = WAITING.where(TASKS.c.run_id == bindparam("run"), TASKS.c.step == bindparam("step"))
NEXT_FOR_RESOURCE = WAITING.where(TASKS.c.resource == bindparam("resource"))
WAKE = update(TASKS).where(TASKS.c.id == bindparam("task")).values(waiting=False)


def turn_away(session: Session, run_id: UUID, task_id: UUID, node: Node) -> bool:
    """Turn the task away when as many run as may, and return whether; whoever ends first sends it again."""
    if node.limit is None and node.resource is None:
        return False
    if node.resource is not None:
        take_turns(session, f"resource {node.resource}")
    if _free(session, run_id, node):
        return False
    session.execute(TURN_AWAY, {"task": task_id})
    return True


def _free(session: Session, run_id: UUID, node: Node) -> bool:
    if node.limit is not None:
        running = session.execute(HELD_BY_STEP, {"run": run_id, "step": node.name}).scalar_one()
        if running >= node.limit:
            return False
    if node.resource is not None and node.resource_limit is not None:
        running = session.execute(HELD_BY_RESOURCE, {"resource": node.resource}).scalar_one()
        return bool(running < node.resource_limit)
    return True


def free_slot(session: Session, run_id: UUID, node: Node) -> None:
    """Send again one task that was turned away while another one ran."""
    if node.resource is not None:
        take_turns(session, f"resource {node.resource}")
        turned_away = session.execute(NEXT_FOR_RESOURCE, {"resource": node.resource}).one_or_none()
    elif node.limit is not None:
        turned_away = session.execute(NEXT_OF_STEP, {"run": run_id, "step": node.name}).one_or_none()
    else:
        return
    if turned_away is not None:
        wake(session, turned_away.run_id, turned_away.id)


def wake(session: Session, run_id: UUID, task_id: UUID) -> None:
    """Send a task again that was turned away."""
    session.execute(WAKE, {"task": task_id})
    enqueue(session, run_id, Intent.TASK, task_id=task_id)

"""Turns the list that a mapped step goes over into tasks."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipelines.graph import Node
from pipelines.runs.events import record
from pipelines.runs.task_rows import ADD_TASKS, task_row
from presstime.errors import PresstimeError
from presstime.models import Run, Task, TaskState

Reader = Callable[[dict[str, Any]], list[str]]  # a step's output -> its items, each as canonical JSON


class RepeatedItem(PresstimeError):
    def __init__(self, step: str, item: str) -> None:
        super().__init__(f"step {step!r} would get the item {item} twice; items of one map must differ")


def fan_out(session: Session, run: Run, node: Node, read: Reader) -> None:
    """Make a task for each item. Items that cannot be told apart fail the step, not the caller."""
    try:
        items = _items(session, run, node, read)
    except PresstimeError as error:
        run.expanded = {**run.expanded, node.name: {"failed": str(error)}}
        record(session, run.id, "step.failed", {"step": node.name, "error": str(error)})
        return
    rows = [task_row(run.id, node, item, position) for position, item in enumerate(items)]
    if rows:
        session.execute(ADD_TASKS, rows)
    run.expanded = {**run.expanded, node.name: {"items": len(rows)}}
    record(session, run.id, "step.expanded", {"step": node.name, "items": len(rows)})


def _items(session: Session, run: Run, node: Node, read: Reader) -> list[str]:
    if node.items is not None:
        return list(node.items)
    outputs = session.scalars(
        select(Task.output)
        .where(Task.run_id == run.id, Task.step == node.over, Task.state == TaskState.SUCCEEDED)
        .order_by(Task.position)
    )
    items = [item for output in outputs if output is not None for item in read(output)]
    seen: set[str] = set()
    for item in items:
        if item in seen:
            raise RepeatedItem(node.name, item)
        seen.add(item)
    return items

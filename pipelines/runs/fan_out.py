"""Turns the list that a mapped step goes over into tasks."""

import hashlib
from collections.abc import Callable
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pipelines.graph import Node
from pipelines.runs.events import record
from presstime.database import database_now, table_of
from presstime.errors import PresstimeError
from presstime.ids import new_id
from presstime.models import Run, StepKind, Task, TaskState

Reader = Callable[[dict[str, Any]], list[str]]  # a step's output -> its items, each as canonical JSON


class RepeatedItem(PresstimeError):
    def __init__(self, step: str, item: str) -> None:
        super().__init__(f"step {step!r} would get the item {item} twice; items of one map must differ")


def expand(session: Session, run: Run, node: Node, read: Reader) -> None:
    """Make a task for each item. Items that cannot be told apart fail the step, not the caller."""
    try:
        items = _items(session, run, node, read)
    except PresstimeError as error:
        run.expanded = {**run.expanded, node.name: {"failed": str(error)}}
        record(session, run.id, "step.failed", {"step": node.name, "error": str(error)})
        return
    rows = [
        {
            "id": new_id(),
            "run_id": run.id,
            "step": node.name,
            "kind": StepKind(node.kind),
            "item": item,
            "item_key": item_key(item),
            "position": position,
            "state": TaskState.PENDING,
            "branch": 0,
            "place": 0,
            "resource": node.resource,
            "waiting": False,
            "attempt": 0,
            "errors": 0,
            "losses": 0,
        }
        for position, item in enumerate(items)
    ]
    if rows:
        session.execute(insert(table_of(Task)).values(created_at=database_now()), rows)
    run.expanded = {**run.expanded, node.name: {"items": len(rows)}}
    record(session, run.id, "step.expanded", {"step": node.name, "items": len(rows)})


def item_key(item: str) -> str:
    return hashlib.sha256(item.encode()).hexdigest()[:32]


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

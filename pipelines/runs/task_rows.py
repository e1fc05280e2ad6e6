"""The row of a task that nobody has begun, said once for all that make tasks."""

import hashlib
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from pipelines.graph import Node
from presstime.database import database_now
from presstime.ids import new_id
from presstime.models import StepKind, TaskState
from presstime.models.tables import TASKS

ADD_TASKS = insert(TASKS).values(created_at=database_now())


def task_row(run_id: UUID, node: Node, item: str | None = None, position: int = 0) -> dict[str, Any]:
    """Return the columns of a pending task; `item` is a mapped step's, as canonical JSON."""
    return {
        "id": new_id(),
        "run_id": run_id,
        "step": node.name,
        "kind": StepKind(node.kind),
        "item": item,
        "item_key": item_key(item) if item is not None else "",
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


def item_key(item: str) -> str:
    """Return the digest by which an item is found again: short enough for an index, whatever the item's length."""
    return hashlib.sha256(item.encode()).hexdigest()[:32]

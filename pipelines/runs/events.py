"""The events of a run, in order; and the lock that keeps the order."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from presstime.database import database_now
from presstime.errors import PresstimeError
from presstime.models import Run
from presstime.models.tables import EVENTS

NEXT_NUMBER = (
    select(func.coalesce(func.max(EVENTS.c.number), 0) + 1)
    .where(EVENTS.c.run_id == bindparam("of_run"))
    .scalar_subquery()
)
APPEND = insert(EVENTS).values(number=NEXT_NUMBER, at=database_now())


class UnknownRun(PresstimeError):
    def __init__(self, run_id: UUID | str) -> None:
        super().__init__(f"no run {run_id}; `presstime runs` lists them")


def lock_run(session: Session, run_id: UUID) -> Run:
    """The run's row, locked until the transaction ends. Always the first lock taken, tasks come after it.

    On SQLite the transaction itself is the lock.
    """
    run = session.scalar(
        select(Run).where(Run.id == run_id).with_for_update().execution_options(populate_existing=True)
    )
    if run is None:
        raise UnknownRun(run_id)
    return run


def record(
    session: Session,
    run_id: UUID,
    kind: str,
    data: Mapping[str, Any] | None = None,
    *,
    task_id: UUID | None = None,
) -> None:
    """Append an event to a run whose row is locked, so that numbers have neither gap nor twin."""
    session.execute(
        APPEND,
        {"of_run": run_id, "run_id": run_id, "kind": kind, "task_id": task_id, "data": dict(data or {})},
    )

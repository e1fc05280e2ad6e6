"""The outbox: intents that are sent once the transaction has committed. Holds no message; knows no broker."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, insert
from sqlalchemy.orm import Session

from presstime.database import database_now
from presstime.models import Intent
from presstime.models.tables import OUTBOX

OWN_SECONDS = 2.0  # who committed a row sends it at once; after this the keeper may
ADD = (
    insert(OUTBOX)
    .values(created_at=database_now(), available_at=database_now(bindparam("pause")))
    .returning(OUTBOX.c.id)
)


@dataclass(frozen=True)
class Enqueued:
    """A row of the outbox, as the process that wrote it remembers it."""

    id: int
    intent: Intent
    run_id: UUID
    stage_id: UUID | None
    task_id: UUID | None


def enqueue(
    session: Session,
    run_id: UUID,
    intent: Intent,
    *,
    stage_id: UUID | None = None,
    task_id: UUID | None = None,
    after: timedelta | None = None,
) -> None:
    """Enqueue an intent: it is sent after this transaction. `after` delays it, and leaves it to the keeper."""
    values = {"intent": intent, "run_id": run_id, "stage_id": stage_id, "task_id": task_id}
    pause = OWN_SECONDS if after is None else after.total_seconds()
    row_id = session.execute(ADD, {**values, "pause": pause}).scalar_one()
    if after is None:
        session.info.setdefault("outbox", []).append(Enqueued(row_id, intent, run_id, stage_id, task_id))


def take_enqueued(session: Session) -> list[Enqueued]:
    """Return the rows that this session committed and that its process should send now, and forget them."""
    rows: list[Enqueued] = session.info.pop("outbox", [])
    return rows

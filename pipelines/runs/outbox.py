"""What is to be sent once the transaction has committed. Holds intents, never messages; knows no broker."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, insert
from sqlalchemy.orm import Session

from presstime.database import database_now, table_of
from presstime.models import Intent, OutboxMessage

OWN_SECONDS = 2.0  # who committed a row sends it at once; after this the keeper may
OUTBOX = table_of(OutboxMessage)
ADD = (
    insert(OUTBOX)
    .values(created_at=database_now(), available_at=database_now(bindparam("pause")))
    .returning(OUTBOX.c.id)
)


@dataclass(frozen=True)
class Asked:
    """A row of the outbox, as the process that wrote it remembers it."""

    id: int
    intent: Intent
    run_id: UUID
    stage_id: UUID | None
    task_id: UUID | None


def ask(
    session: Session,
    run_id: UUID,
    intent: Intent,
    *,
    stage_id: UUID | None = None,
    task_id: UUID | None = None,
    after: timedelta | None = None,
) -> None:
    """Have something sent after this transaction; `after` delays it, and leaves it to the keeper."""
    values = {"intent": intent, "run_id": run_id, "stage_id": stage_id, "task_id": task_id}
    pause = OWN_SECONDS if after is None else after.total_seconds()
    row_id = session.execute(ADD, {**values, "pause": pause}).scalar_one()
    if after is None:
        session.info.setdefault("outbox", []).append(Asked(row_id, intent, run_id, stage_id, task_id))


def asked(session: Session) -> list[Asked]:
    """The rows that this session committed and that its process should send now; forgotten afterwards."""
    rows: list[Asked] = session.info.pop("outbox", [])
    return rows

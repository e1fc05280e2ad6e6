"""What is to be sent once the transaction has committed. Holds intents, never messages; knows no broker."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from presstime.database import database_now
from presstime.models import Intent, OutboxMessage, Run

OWN_SECONDS = 2.0  # who committed a row sends it at once; after this the keeper may


def ask(
    session: Session,
    run: Run,
    intent: Intent,
    *,
    stage_id: UUID | None = None,
    task_id: UUID | None = None,
    after: timedelta | None = None,
) -> None:
    """Have something sent after this transaction; `after` delays it, and leaves it to the keeper."""
    seconds = OWN_SECONDS if after is None else after.total_seconds()
    message = OutboxMessage(
        intent=intent,
        run_id=run.id,
        stage_id=stage_id,
        task_id=task_id,
        attempts=0,
        created_at=database_now(),
        available_at=database_now(seconds),
    )
    session.add(message)
    if after is None:
        session.info.setdefault("outbox", []).append(message)


def asked(session: Session) -> list[OutboxMessage]:
    """The rows that this session committed and that its process should send now; forgotten afterwards."""
    rows: list[OutboxMessage] = session.info.pop("outbox", [])
    return rows

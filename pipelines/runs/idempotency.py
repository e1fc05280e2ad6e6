"""Makes one run of a request that may come twice, even twice at once. Knows nothing of HTTP."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from pipelines.runs.outbox import take_enqueued
from presstime.database import database_now, insert_or_ignore
from presstime.errors import PresstimeError
from presstime.models import IdempotencyKey, Run


class KeyReused(PresstimeError):
    """An idempotency key came again with another request."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f"idempotency key {key!r} was used for another request; send a new key with a new request"
        )


def submit_once(session: Session, key: str, request_sha256: str, make: Callable[[], Run]) -> Run:
    """The run that `key` made before, or else the one that `make` makes now; the caller commits.

    Raises KeyReused when the key came with a request of another digest.
    """
    if (known := session.get(IdempotencyKey, key)) is not None:
        return _same(session, known, request_sha256)
    attempt = session.begin_nested()
    run = make()
    session.flush()
    # Waits for whoever inserts the same key at this moment, and then finds it there.
    inserted = session.scalar(
        insert_or_ignore(session, IdempotencyKey)
        .values(key=key, request_sha256=request_sha256, run_id=run.id, created_at=database_now())
        .returning(IdempotencyKey.key)  # a row count would be -1 on PostgreSQL
    )
    if inserted is not None:
        attempt.commit()
        return run
    attempt.rollback()
    take_enqueued(session)  # what the run that was not to be wanted sent
    return _same(session, session.get_one(IdempotencyKey, key), request_sha256)


def _same(session: Session, known: IdempotencyKey, request_sha256: str) -> Run:
    if known.request_sha256 != request_sha256:
        raise KeyReused(known.key)
    return session.get_one(Run, known.run_id)

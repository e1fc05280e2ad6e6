"""Publishes what has been committed. A broker that is down or hangs costs nobody else any time."""

import logging
import queue
import threading
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from celery import Celery
from sqlalchemy import Row, bindparam, delete, select, true, update
from sqlalchemy.orm import Session

from pipelines.backfills.driving import drive
from pipelines.runs.advance import advance
from pipelines.runs.events import lock_run
from pipelines.runs.listing import made_since
from pipelines.runs.outbox import take_enqueued
from presstime.clock import utc_now
from presstime.database import database_now, reading, rows_changed
from presstime.errors import PresstimeError
from presstime.models import Intent, OutboxMessage, Run
from presstime.models.tables import OUTBOX, STAGES
from scheduler.canvas import compile_stage, read_stage, read_task, task_signature
from scheduler.runtime import Runtime

log = logging.getLogger("presstime.outbox")

PAUSE_AFTER_FAILURE = 1.0  # seconds in which nothing is tried; the rows wait in SQL meanwhile
PAUSE_OF_RUN = 5.0  # seconds until a run is looked at again that could not go on
DONE_HERE = frozenset({Intent.ADVANCE, Intent.BACKFILL})
KEEPER_BATCH = 500  # rows of one relay
ROW = select(OUTBOX.c.intent, OUTBOX.c.run_id, OUTBOX.c.stage_id, OUTBOX.c.task_id).where(
    OUTBOX.c.id == bindparam("row")
)
FORGET = delete(OUTBOX).where(OUTBOX.c.id == bindparam("row"))
POSTPONE = (
    update(OUTBOX).where(OUTBOX.c.id == bindparam("row")).values(available_at=database_now(PAUSE_OF_RUN))
)
COUNT = (
    update(STAGES)
    .where(STAGES.c.id == bindparam("stage"))
    .values(published=STAGES.c.published + 1, published_at=database_now())
)


class Publisher:
    """Sends the outbox rows of one process.

    What is to advance a run, or a backfill, is not sent but done, in the transaction that forgets the request: a
    message could get lost on its way, and then nothing would move it again.
    """

    def __init__(self, app: Celery, runtime: Runtime) -> None:
        self._app = app
        self._runtime = runtime
        self._sessions = runtime.sessions
        self._paused_until = 0.0

    def publish_enqueued(self, session: Session) -> None:
        """Send what `session` has committed, in a process that may wait for the broker."""
        self.publish([row.id for row in take_enqueued(session)])

    def publish(self, ids: Iterable[int]) -> int:
        """Send rows by id; how many were sent. The others stay for the keeper."""
        sent = 0
        for row_id in ids:
            if time.monotonic() < self._paused_until:
                break
            try:
                sent += self._publish_one(row_id)
            except Exception as error:  # noqa: BLE001 # kombu and redis raise many kinds; the row stays
                self._paused_until = time.monotonic() + PAUSE_AFTER_FAILURE
                log.warning("could not publish: %s; what waits is sent later", error)
        return sent

    def relay(self, since: datetime | None = None) -> int:
        """Send what others left behind; with `since`, only for runs that were made later."""
        recent = OutboxMessage.run_id.in_(select(Run.id).where(made_since(since))) if since else true()
        with reading(self._sessions) as session:
            due = session.scalars(
                select(OutboxMessage.id)
                .where(OutboxMessage.available_at <= database_now(), recent)
                .order_by(OutboxMessage.available_at, OutboxMessage.id)
                .limit(KEEPER_BATCH)
            ).all()
        return self.publish(due)

    def _publish_one(self, row_id: int) -> int:
        with reading(self._sessions) as session:
            row = session.execute(ROW, {"row": row_id}).one_or_none()
            if row is None:
                return 0
            canvas = self._canvas(session, row) if row.intent not in DONE_HERE else None
        if row.intent in DONE_HERE:
            return self._do(row_id, row.run_id, row.intent)
        if canvas is not None:
            canvas.apply_async()
        with self._sessions.begin() as session:
            session.execute(FORGET, {"row": row_id})
            if row.stage_id is not None:
                session.execute(COUNT, {"stage": row.stage_id})
        return 1

    def _do(self, row_id: int, run_id: UUID, intent: Intent) -> int:
        try:
            if (
                intent is Intent.BACKFILL
            ):  # this process may have read its pipelines before that one was written
                self._runtime.registry.refresh()
            with self._sessions() as session, session.begin():
                if intent is Intent.ADVANCE:
                    run = lock_run(session, run_id)
                if not rows_changed(session.execute(FORGET, {"row": row_id})):
                    return 0  # somebody else was faster
                if intent is Intent.ADVANCE:
                    advance(session, run, self._runtime.items)
                elif backfill := session.scalar(select(Run.backfill_id).where(Run.id == run_id)):
                    find = self._runtime.registry.get
                    drive(session, backfill, find, self._runtime.items, utc_now())
        except PresstimeError as error:  # of the artifact store, for one; that is no fault of the broker's
            log.warning("run %s cannot go on now: %s; it is tried again", run_id, error)
            with self._sessions.begin() as session:
                session.execute(POSTPONE, {"row": row_id})
            return 0
        self.publish_enqueued(session)
        return 1

    def _canvas(self, session: Session, row: Row[*tuple[Any, ...]]):  # type: ignore[no-untyped-def] # Celery's canvases share no typed base
        if row.intent is Intent.PUBLISH:
            branches = read_stage(session, row.stage_id)
            return compile_stage(self._app, row.run_id, row.stage_id, branches) if branches else None
        task = read_task(session, row.task_id)
        return task_signature(self._app, task) if task else None


class PublisherThread:
    """Publishes beside a process that must not wait: the API."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._ids: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="publisher", daemon=True)
        self._thread.start()

    def hand_over(self, session: Session) -> None:
        """Take what `session` has committed, and return at once."""
        for row in take_enqueued(session):
            self._ids.put(row.id)

    def close(self) -> None:
        self._ids.put(None)
        self._thread.join(timeout=5)

    def _work(self) -> None:
        while (row_id := self._ids.get()) is not None:
            self._publisher.publish([row_id])

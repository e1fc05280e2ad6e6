"""Publishes what has been committed. A broker that is down or hangs costs nobody else any time."""

import logging
import queue
import threading
import time
from collections.abc import Iterable
from datetime import datetime

from celery import Celery
from sqlalchemy import delete, false, select, update
from sqlalchemy.orm import Session, sessionmaker

from pipelines.graph import Graph
from pipelines.runs.outbox import asked
from presstime.database import database_now
from presstime.models import Intent, OutboxMessage, Run, Stage, Task
from scheduler.canvas import TaskRef, advance_signature, compile_stage, read_stage, task_signature

log = logging.getLogger("presstime.outbox")

PAUSE_AFTER_FAILURE = 1.0  # seconds in which nothing is tried; the rows wait in SQL meanwhile
KEEPER_BATCH = 500  # rows of one relay


class Publisher:
    """Sends the outbox rows of one process."""

    def __init__(self, app: Celery, sessions: sessionmaker[Session]) -> None:
        self._app = app
        self._sessions = sessions
        self._paused_until = 0.0

    def publish_asked(self, session: Session) -> None:
        """Send what `session` has committed, in a process that may wait for the broker."""
        self.publish([row.id for row in asked(session)])

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
        old = OutboxMessage.run_id.in_(select(Run.id).where(Run.created_at < since)) if since else false()
        with self._sessions() as session:
            due = session.scalars(
                select(OutboxMessage.id)
                .where(OutboxMessage.available_at <= database_now(), ~old)
                .order_by(OutboxMessage.available_at, OutboxMessage.id)
                .limit(KEEPER_BATCH)
            ).all()
        return self.publish(due)

    def _publish_one(self, row_id: int) -> int:
        with self._sessions() as session:
            row = session.get(OutboxMessage, row_id)
            if row is None:
                return 0
            canvas = self._canvas(session, row)
        if canvas is not None:
            canvas.apply_async()
        with self._sessions.begin() as session:
            session.execute(delete(OutboxMessage).where(OutboxMessage.id == row_id))
            if row.stage_id is not None:
                session.execute(
                    update(Stage)
                    .where(Stage.id == row.stage_id)
                    .values(published=Stage.published + 1, published_at=database_now())
                )
        return 1

    def _canvas(self, session: Session, row: OutboxMessage):  # type: ignore[no-untyped-def] # Celery's canvases share no typed base
        if row.intent is Intent.PUBLISH and row.stage_id is not None:
            stage = session.get_one(Stage, row.stage_id)
            return compile_stage(self._app, row.run_id, stage.id, read_stage(session, stage))
        if row.intent is Intent.TASK and row.task_id is not None:
            task = session.get_one(Task, row.task_id)
            node = Graph.from_json(session.get_one(Run, row.run_id).graph).node(task.step)
            return task_signature(self._app, TaskRef(task.id, task.step, task.kind, node.timeout_s))
        return advance_signature(self._app, row.run_id)


class PublisherThread:
    """Publishes beside a process that must not wait: the API."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._ids: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="publisher", daemon=True)
        self._thread.start()

    def hand_over(self, session: Session) -> None:
        """Take what `session` has committed, and return at once."""
        for row in asked(session):
            self._ids.put(row.id)

    def close(self) -> None:
        self._ids.put(None)
        self._thread.join(timeout=5)

    def _work(self) -> None:
        while (row_id := self._ids.get()) is not None:
            self._publisher.publish([row_id])

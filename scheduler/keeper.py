"""Looks, once a second, for what the fast path left undone, and puts it right. Several may run; one acts."""

import logging
import os
import platform
import threading
from datetime import datetime, timedelta

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from sqlalchemy import or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pipelines.rows import sync
from presstime.clock import utc_now
from presstime.database import database_now, insert_or_ignore
from presstime.models import Heartbeat, Leader, Schedule
from scheduler.outbox import Publisher
from scheduler.redbeat import project
from scheduler.repairs import (
    advance_joined,
    fail_overdue,
    fail_overtime,
    late_schedules,
    requeue_lost,
    resend_unclaimed,
)
from scheduler.runtime import Runtime, runtime_of
from scheduler.tasks import fire_schedule

log = logging.getLogger("presstime.keeper")

ROLE = "keeper"
LEASE_SECONDS = 10.0  # of the leader's row: how long the others wait for one that vanished
PROJECT_EVERY = timedelta(seconds=5)  # RedBeat may lose its entries at any time
SYNC_EVERY = timedelta(seconds=2)  # pipelines' files may change at any time


class Keeper:
    """`since` limits the repairs to runs made later, and leaves schedules alone."""

    def __init__(self, app: Celery, *, since: datetime | None = None) -> None:
        self._app = app
        self._since = since
        self._name = f"keeper-{os.getpid()}@{platform.node()}"
        self._started = utc_now()
        self._projected = self._synced = datetime.min.replace(tzinfo=self._started.tzinfo)

    def run(self, stop: threading.Event) -> None:
        """Round after round, until `stop` is set. A failing one is logged, the next tries again."""
        pause = runtime_of(self._app).settings.keeper_seconds
        while not stop.wait(pause):
            try:
                self.round()
            except (DBAPIError, RedisError, OperationalError, OSError) as error:
                log.warning("this round could not be finished: %s", str(error).splitlines()[0])

    def round(self) -> bool:
        """One look at everything; False when another keeper leads."""
        runtime = runtime_of(self._app)
        with runtime.sessions.begin() as session:
            beat(session, self._name, "keeper", self._started)
            if not self._lead(session):
                return False
        fail_overtime(runtime.sessions, self._since)
        requeue_lost(runtime.sessions, self._since)
        fail_overdue(runtime.sessions, self._since)
        advance_joined(runtime.sessions, self._since)
        resend_unclaimed(runtime.sessions, self._since)
        Publisher(self._app, runtime.sessions).relay(self._since)
        if self._since is None:
            self._keep_schedules(runtime)
        return True

    def _lead(self, session: Session) -> bool:
        """Take or renew the leader's row, by the database's clock."""
        session.execute(
            insert_or_ignore(session, Leader).values(
                role=ROLE, holder=self._name, lease_until=database_now(LEASE_SECONDS), since=database_now()
            )
        )
        taken = session.execute(
            update(Leader)
            .where(Leader.role == ROLE, or_(Leader.holder == self._name, Leader.lease_until < database_now()))
            .values(holder=self._name, lease_until=database_now(LEASE_SECONDS))
        )
        return bool(taken.rowcount)  # type: ignore[attr-defined] # an UPDATE's result has it, its type does not say so

    def _keep_schedules(self, runtime: Runtime) -> None:
        now = utc_now()
        changed = False
        if now - self._synced >= SYNC_EVERY:
            self._synced = now
            if runtime.registry.refresh() or self._projected < self._started:
                with runtime.sessions.begin() as session:
                    changed = sync(session, runtime.registry, now)
        if changed or now - self._projected >= PROJECT_EVERY:
            self._projected = now
            with runtime.sessions() as session:
                rows = session.scalars(select(Schedule)).all()
            if touched := project(self._app, rows):
                log.info("%s alarms written", touched)
        for schedule_id in late_schedules(runtime.sessions):
            fire_schedule(self._app, schedule_id)


def beat(session: Session, process: str, kind: str, started: datetime) -> None:
    """Say that this process lives."""
    session.execute(
        insert_or_ignore(session, Heartbeat).values(
            process=process,
            kind=kind,
            host=platform.node(),
            pid=os.getpid(),
            started_at=started,
            seen_at=database_now(),
            detail={},
        )
    )
    session.execute(update(Heartbeat).where(Heartbeat.process == process).values(seen_at=database_now()))

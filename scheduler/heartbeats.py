"""Says in SQL that a process lives, for readiness and people. Nothing is decided by it."""

import logging
import os
import platform
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from presstime.clock import utc_now
from presstime.database import database_now, insert_or_ignore
from presstime.models import Heartbeat
from presstime.models.tables import HEARTBEATS

log = logging.getLogger("presstime.heartbeat")

PULSE_SECONDS = 2.0  # between two heartbeats


def process_name(kind: str) -> str:
    """kind-pid@host"""
    return f"{kind}-{os.getpid()}@{platform.node()}"


def beat(session: Session, process: str, kind: str, started: datetime) -> datetime:
    """Say that this process lives; the time by the database's clock."""
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
    now: datetime = session.execute(
        HEARTBEATS.update()
        .where(HEARTBEATS.c.process == process)
        .values(seen_at=database_now())
        .returning(HEARTBEATS.c.seen_at)
    ).scalar_one()
    return now


def newest_heartbeats(session: Session, limit: int) -> Sequence[Heartbeat]:
    """The processes that gave a sign of life, the newest sign first."""
    return session.scalars(select(Heartbeat).order_by(Heartbeat.seen_at.desc()).limit(limit)).all()


class Pulse:
    """The heartbeat of a loop that must not wait for the database: each `look` is one more sign of life.

    A loop that stands still gives none, although the thread that writes them goes on.
    """

    def __init__(self, kind: str, sessions: Callable[[], sessionmaker[Session]]) -> None:
        self._kind = kind
        self._sessions = sessions
        self._started = utc_now()
        self._again_at = 0.0
        self._looked = threading.Event()
        self._thread = threading.Thread(target=self._work, name="heartbeat", daemon=True)

    def look(self) -> None:
        now = time.monotonic()
        if now < self._again_at:
            return
        self._again_at = now + PULSE_SECONDS
        if not self._thread.is_alive():
            self._thread.start()
        self._looked.set()

    def _work(self) -> None:
        while True:
            self._looked.wait()
            self._looked.clear()
            try:
                with self._sessions().begin() as session:
                    beat(session, process_name(self._kind), self._kind, self._started)
            except Exception as error:  # noqa: BLE001 # whatever it is, alarms go on ringing
                log.warning("no heartbeat could be written: %s", (str(error).splitlines() or [""])[0])

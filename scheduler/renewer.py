"""Keeps the leases of one worker alive, from a process of its own: a step may hold the GIL for minutes.

It also ends what should not go on: a cancelled attempt, and what a step that died has left running. Takes the
worker's name and process id as arguments; ends when that process is gone.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psutil
from sqlalchemy import Row, bindparam, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from presstime.database import create_engine, create_sessions, database_now, reading, table_of
from presstime.logs import configure_logs
from presstime.models import Task, TaskState
from presstime.models.runs import HELD
from presstime.settings import Settings, load_settings
from scheduler.processes import descendants, exists, send, works

log = logging.getLogger("presstime.renewer")

RENEWALS_PER_LEASE = 3  # two may be missed before the lease runs out
LOOK = 0.5  # seconds between two looks at what the worker holds
LAST_LOOKS = 10  # after the worker's end, until its processes are gone too
CANCEL_SIGNAL = signal.SIGUSR2  # SIGUSR1 is Celery's own, for soft time limits
CANCEL_GRACE = 5.0  # seconds that a cancelled step has to clean up

TASKS = table_of(Task)
OURS = select(TASKS.c.id, TASKS.c.attempt, TASKS.c.pid, TASKS.c.state).where(
    text(HELD), TASKS.c.worker == bindparam("of_worker")
)
THIS_ONE = (
    TASKS.c.id == bindparam("task"),
    TASKS.c.attempt == bindparam("number"),
    TASKS.c.lease_until.is_not(None),
)
RENEW = update(TASKS).where(*THIS_ONE).values(lease_until=database_now(bindparam("seconds")))

Holding = tuple[UUID, int]  # task and attempt


@dataclass
class _Seen:
    """What is known of one attempt that this worker holds."""

    pid: int
    started: set[psutil.Process] = field(default_factory=set)  # by its step, as far as seen
    cancelled_at: float | None = None  # when it was told to stop; monotonic


class Renewer:
    """`signals` is off where a process does not stand for one attempt: threads and solo."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        worker: str,
        lease_seconds: float,
        *,
        signals: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._worker = worker
        self._lease_seconds = lease_seconds
        self._signals = signals
        self._clock = clock
        self._due = clock()
        self._seen: dict[Holding, _Seen] = {}

    def look(self) -> None:
        """One look at everything that the worker holds. Raises DBAPIError while the database is away."""
        with reading(self._sessions) as session:
            held = session.execute(OURS, {"of_worker": self._worker}).all()
        gone = [row for row in held if not exists(row.pid)]
        self._watch([row for row in held if exists(row.pid)])
        due = self._clock() >= self._due
        alive = [row for row in held if works(row.pid)] if due else []
        if gone or alive:
            self._write(alive, gone)
        if due:
            self._due = self._clock() + self._lease_seconds / RENEWALS_PER_LEASE

    def _write(self, alive: Sequence[Row[*tuple[Any, ...]]], gone: Sequence[Row[*tuple[Any, ...]]]) -> None:
        """Renew the leases of what works; let those of dead processes run out now, and not in a while."""
        seconds = [(row, self._lease_seconds) for row in alive] + [(row, -1.0) for row in gone]
        with self._sessions.begin() as session:
            session.execute(
                RENEW,
                [{"task": row.id, "number": row.attempt, "seconds": amount} for row, amount in seconds],
            )

    def _watch(self, held: Sequence[Row[*tuple[Any, ...]]]) -> None:
        """Note what steps start, and end what nobody waits for any more."""
        if not self._signals:
            return
        now = {(row.id, row.attempt): row for row in held}
        for holding in self._seen.keys() - now.keys():
            seen = self._seen.pop(holding)
            if not exists(seen.pid):  # it died; what it had started would go on alone
                send(seen.started, signal.SIGKILL)
        for holding, row in now.items():
            seen = self._seen.setdefault(holding, _Seen(row.pid))
            seen.started = descendants(row.pid)
            if row.state == TaskState.CANCELLED:
                self._end(seen)

    def _end(self, seen: _Seen) -> None:
        """First the polite way, then the other. The database said a moment ago that it is still at it."""
        if seen.cancelled_at is None:
            seen.cancelled_at = self._clock()
            log.info("cancelled: process %s is told to stop", seen.pid)
            send(seen.started, signal.SIGTERM)
            os.kill(seen.pid, CANCEL_SIGNAL)
        elif self._clock() - seen.cancelled_at >= CANCEL_GRACE:
            log.warning("cancelled: process %s did not stop and is killed", seen.pid)
            send(seen.started, signal.SIGKILL)
            os.kill(seen.pid, signal.SIGKILL)


def keep(renewer: Renewer, parent: int) -> None:
    """Look again and again, for as long as the worker lives and a little longer."""
    last_looks = LAST_LOOKS
    while last_looks:
        if os.getppid() != parent:
            last_looks -= 1
        try:
            renewer.look()
        except DBAPIError as error:
            log.warning("leases could not be renewed: %s", error.orig)
        except ProcessLookupError:
            pass  # it ended between the look and the signal
        time.sleep(LOOK)


def open_renewer(settings: Settings, worker: str) -> Renewer:
    sessions = create_sessions(create_engine(settings.effective_database_url))
    return Renewer(sessions, worker, settings.lease_seconds, signals=settings.worker_pool == "prefork")


def main() -> None:
    worker, parent = sys.argv[1], int(sys.argv[2])
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    # Ctrl-C reaches the whole terminal; the leases are needed until the worker itself is gone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep(open_renewer(settings, worker), parent)

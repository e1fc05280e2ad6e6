"""Keeps the leases of one worker alive, from a process of its own: a step may hold the GIL for minutes.

It also ends what should not go on: a cancelled attempt, and what a step that died has left running. Takes the
worker's name and process id as arguments; ends when that process is gone.
"""

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psutil
from sqlalchemy import Row, bindparam, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from presstime.database import create_engine, create_sessions, database_now, reading
from presstime.logs import configure_logs
from presstime.models import TaskState
from presstime.models.runs import HELD
from presstime.models.tables import TASKS
from presstime.settings import Settings, load_settings
from scheduler.processes import descendants, end_families, exists, lives, send, works

log = logging.getLogger("presstime.renewer")

RENEWALS_PER_LEASE = 3  # two may be missed before the lease runs out
LOOK = 0.5  # seconds between two looks at what the worker holds
LAST_LOOKS = 10  # after the worker's end, until its processes are gone too
CANCEL_SIGNAL = signal.SIGUSR2  # SIGUSR1 is Celery's own, for soft time limits

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


@dataclass(frozen=True)
class _Cancelled:
    """An attempt that was told to stop."""

    pid: int
    started: set[psutil.Process]  # by its step, until it was told, and by those since
    at: float  # monotonic


class Renewer:
    """`signals` is off where a process does not stand for one attempt: threads and solo."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        worker: str,
        lease_seconds: float,
        *,
        signals: bool,
        cancel_seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._worker = worker
        self._lease_seconds = lease_seconds
        self._signals = signals
        self._cancel_seconds = cancel_seconds
        self._clock = clock
        self._due = clock()
        # Processes that have had a task, until they end, with what each had started at the last look.
        self._pool: dict[psutil.Process, set[psutil.Process]] = {}
        self._cancelled: dict[Holding, _Cancelled] = {}

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
        self._look_after({row.pid for row in held})
        for row in held:
            if row.state == TaskState.CANCELLED and (row.id, row.attempt) not in self._cancelled:
                self._cancelled[row.id, row.attempt] = self._tell(row.pid)
        now = {(row.id, row.attempt) for row in held}
        for holding, cancelled in list(self._cancelled.items()):
            cancelled.started.update(*(descendants(child.pid) for child in cancelled.started if lives(child)))
            if self._clock() - cancelled.at >= self._cancel_seconds:
                del self._cancelled[holding]
                self._end(cancelled, at_it=holding in now)

    def _look_after(self, pids: set[int]) -> None:
        """What a process had started would go on alone after its death, such as by a time limit."""
        with contextlib.suppress(psutil.Error):
            self._pool |= {psutil.Process(pid): set() for pid in pids - {one.pid for one in self._pool}}
        for process, started in list(self._pool.items()):
            if lives(process):
                self._pool[process] = descendants(process.pid)
            else:
                del self._pool[process]
                end_families(started)

    def _tell(self, pid: int) -> _Cancelled:
        """The polite way first. The database said a moment ago that it is still at it."""
        log.info("cancelled: process %s is told to stop", pid)
        started = descendants(pid)
        send(started, signal.SIGTERM)
        os.kill(pid, CANCEL_SIGNAL)
        return _Cancelled(pid, started, self._clock())

    def _end(self, cancelled: _Cancelled, *, at_it: bool) -> None:
        """What its step had started may outlive it; the process itself does other work once it has let go."""
        if at_it:
            log.warning("cancelled: process %s did not stop and is killed", cancelled.pid)
            with contextlib.suppress(psutil.Error):
                end_families({psutil.Process(cancelled.pid)})
        end_families(cancelled.started)


def keep(renewer: Renewer, parent: int, stop: threading.Event) -> None:
    """Look again and again, for as long as the worker lives and a little longer; once more after `stop`."""
    last_looks = LAST_LOOKS
    while last_looks:
        if stop.is_set():
            last_looks = 0
        elif os.getppid() != parent:
            last_looks -= 1
        try:
            renewer.look()
        except DBAPIError as error:
            log.warning("leases could not be renewed: %s", error.orig)
        except ProcessLookupError:
            pass  # it ended between the look and the signal
        stop.wait(LOOK)


def open_renewer(settings: Settings, worker: str) -> Renewer:
    sessions = create_sessions(create_engine(settings.effective_database_url))
    return Renewer(
        sessions,
        worker,
        settings.lease_seconds,
        signals=settings.worker_pool == "prefork",
        cancel_seconds=settings.cancel_seconds,
    )


def main() -> None:
    worker, parent = sys.argv[1], int(sys.argv[2])
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    # Ctrl-C reaches the whole terminal; the leases are needed until the worker itself is gone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Told to stop when the worker's own processes have ended: what they held is free from now on.
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    keep(open_renewer(settings, worker), parent, stop)

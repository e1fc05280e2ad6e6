"""Keeps the leases of one worker alive, from a process of its own: a step may hold the GIL for minutes.

Takes the worker's name and process id as arguments; ends when that process is gone.
"""

import logging
import os
import signal
import sys
import time

import psutil
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from presstime.database import create_engine, create_sessions, database_now
from presstime.logs import configure_logs
from presstime.models import Task, TaskState
from presstime.settings import load_settings

log = logging.getLogger("presstime.renewer")

RENEWALS_PER_LEASE = 3  # two may be missed before the lease runs out
TICK = 0.5  # seconds between two looks at the parent
STOPPED = frozenset(
    {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD, psutil.STATUS_TRACING_STOP}
)


def renew(sessions: sessionmaker[Session], worker: str, lease_seconds: float) -> int:
    """Renew what this worker's living processes hold; how many leases that were."""
    with sessions.begin() as session:
        held = session.execute(
            select(Task.id, Task.attempt, Task.pid).where(
                Task.worker == worker, Task.state == TaskState.RUNNING, Task.lease_until.is_not(None)
            )
        ).all()
        alive = [(task_id, attempt) for task_id, attempt, pid in held if _works(pid)]
        for task_id, attempt in alive:
            session.execute(
                update(Task)
                .where(Task.id == task_id, Task.attempt == attempt, Task.state == TaskState.RUNNING)
                .values(lease_until=database_now(lease_seconds))
            )
    return len(alive)


def _works(pid: int | None) -> bool:
    """The process is there and not stopped: a stopped one must lose its lease like a dead one."""
    try:
        return pid is not None and psutil.Process(pid).status() not in STOPPED
    except psutil.Error:
        return False


def main() -> None:
    worker, parent = sys.argv[1], int(sys.argv[2])
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    # Ctrl-C reaches the whole terminal; the leases are needed until the worker itself is gone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sessions = create_sessions(create_engine(settings.effective_database_url))
    due = time.monotonic()
    while os.getppid() == parent:
        if time.monotonic() >= due:
            due = time.monotonic() + settings.lease_seconds / RENEWALS_PER_LEASE
            try:
                renew(sessions, worker, settings.lease_seconds)
            except DBAPIError as error:
                log.warning("leases could not be renewed: %s", error.orig)
        time.sleep(TICK)

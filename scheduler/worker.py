"""Runs one Celery worker and the renewer of its leases."""

import gc
import importlib
import logging
import os
import platform
import signal
import subprocess
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import Celery
from celery.exceptions import CPendingDeprecationWarning, SecurityWarning

from presstime.clock import utc_now
from presstime.settings import Settings
from scheduler.pool_upkeep import PoolUpkeep
from scheduler.projection import Projection
from scheduler.queues import read_queues
from scheduler.renewer import CANCEL_SIGNAL, RENEWALS_PER_LEASE
from scheduler.runtime import runtime_of
from scheduler.shutdown import GracePeriod
from scheduler.watchdog import Watchdog

log = logging.getLogger("presstime.worker")

RENEWER_LEAVES = 5.0  # seconds that it has for its last look
RENEWER_POLL = 1.0  # seconds between two looks whether it is still there
LEAST_DEAF_SECONDS = 5.0  # a worker that has just started takes its first message within that time
RENEWER_DELAY = 3.0  # seconds in which no lease needs renewing, and the pool needs the processor
RENEWER = "import sys, time; time.sleep(float(sys.argv.pop(1))); from scheduler.renewer import main; main()"


def run_worker(app: Celery, settings: Settings) -> int:
    """Work until told to stop; the exit code. The first SIGTERM gives running tasks their time to end."""
    queues = read_queues(settings.worker_queues)
    # What steps use is loaded before the pool forks: once, and shared.
    importlib.import_module("scheduler.attempts")
    name = f"worker-{uuid.uuid4().hex[:8]}@{platform.node() or 'localhost'}"
    # Celery warns a root worker of pickled messages; ours are JSON, and a container may well be root inside.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    # And after each lost connection, of a default that Celery 6 will change; this setting is chosen.
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)
    if settings.worker_pool != "prefork":
        log.warning(
            "pool %s: a step that exceeds its time limit is marked failed, but its thread is not killed",
            settings.worker_pool,
        )
    signal.signal(CANCEL_SIGNAL, signal.SIG_IGN)  # one that comes too early or late must end no process
    with _renewing(name, min(RENEWER_DELAY, settings.lease_seconds / RENEWALS_PER_LEASE)):
        grace = GracePeriod(app, name, settings.shutdown_seconds)
        slots = 1 if settings.worker_pool == "solo" else settings.concurrency
        Watchdog(app, queues, slots, max(settings.lease_seconds, LEAST_DEAF_SECONDS))
        app.steps["worker"].add(PoolUpkeep)
        worker = app.Worker(
            hostname=name,
            pool=settings.worker_pool,
            concurrency=slots,
            queues=queues,
            loglevel=settings.log_level,
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            pidfile=None,
        )
        # Celery looks through the whole heap before each fork; without what was imported, for which that takes
        # a fifth of a second in which no message moves, a child is replaced in a third of the time.
        gc.freeze()
        worker.start()
        grace.see_out()
        return int(worker.exitcode or 0)


@contextmanager
def _renewing(name: str, delay: float) -> Iterator[None]:
    """Have the leases renewed by a process of their own, and by another one should that end."""
    over = threading.Event()

    def keep() -> None:
        nonlocal delay
        while not over.is_set():
            renewer = subprocess.Popen(
                [sys.executable, "-P", "-c", RENEWER, str(delay), name, str(os.getpid())]
            )
            while renewer.poll() is None and not over.wait(RENEWER_POLL):
                pass
            delay = 0.0
        renewer.terminate()
        try:
            renewer.wait(RENEWER_LEAVES)
        except subprocess.TimeoutExpired:  # the database is away
            renewer.kill()
            renewer.wait()

    thread = threading.Thread(target=keep, name="renewer", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def run_beat(app: Celery, settings: Settings) -> None:
    """Ring the alarms until told to stop."""
    Projection(app, runtime_of(app).sessions).look_at_all(utc_now(), time.monotonic())
    beat = app.Beat(loglevel=settings.log_level, schedule=str(Path(os.devnull)), pidfile="")
    beat.run()

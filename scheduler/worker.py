"""Runs one Celery worker and the renewer of its leases."""

import importlib
import os
import platform
import subprocess
import sys
import uuid
import warnings
from pathlib import Path

from celery import Celery
from celery.exceptions import SecurityWarning
from sqlalchemy import select

from presstime.models import Schedule
from presstime.settings import Settings
from scheduler.queues import with_express
from scheduler.redbeat import project
from scheduler.runtime import runtime_of

RENEWER_DELAY = 3.0  # seconds in which no lease needs renewing, and the pool needs the processor
RENEWER = "import sys, time; time.sleep(float(sys.argv.pop(1))); from scheduler.renewer import main; main()"


def run_worker(app: Celery, settings: Settings) -> int:
    """Work until told to stop; the exit code. The first SIGTERM lets running tasks end."""
    # What steps use is loaded before the pool forks: once, and shared.
    importlib.import_module("scheduler.attempts")
    name = f"worker-{uuid.uuid4().hex[:8]}@{platform.node() or 'localhost'}"
    # Celery warns a root worker of pickled messages; ours are JSON, and a container may well be root inside.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    renewer = subprocess.Popen(
        [sys.executable, "-P", "-c", RENEWER, str(RENEWER_DELAY), name, str(os.getpid())]
    )
    try:
        worker = app.Worker(
            hostname=name,
            pool=settings.worker_pool,
            concurrency=1 if settings.worker_pool == "solo" else settings.concurrency,
            queues=with_express(settings.worker_queues.split(",")),
            loglevel=settings.log_level,
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            pidfile=None,
        )
        worker.start()
        return int(worker.exitcode or 0)
    finally:
        renewer.terminate()
        renewer.wait()


def run_beat(app: Celery, settings: Settings) -> None:
    """Ring the alarms until told to stop."""
    with runtime_of(app).sessions() as session:
        project(app, session.scalars(select(Schedule)).all())
    beat = app.Beat(loglevel=settings.log_level, schedule=str(Path(os.devnull)), pidfile="")
    beat.run()

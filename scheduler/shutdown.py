"""What a worker does with its running tasks when it is told to stop: they get a while, then go back to others."""

import logging
import os
import signal
import threading
import time

from celery import Celery
from celery.signals import worker_shutting_down
from sqlalchemy.exc import DBAPIError

from pipelines.runs.giving_back import hand_back, held_task
from presstime.models import TaskState
from scheduler.outbox import Publisher
from scheduler.processes import descendants, send
from scheduler.renewer import OURS
from scheduler.runtime import runtime_of

log = logging.getLogger("presstime.worker")

LEAVE_SECONDS = 5.0  # for Celery to end by itself once nothing runs any more


class GracePeriod:
    """Celery's own warm shutdown waits without limit, its soft one always to the end of its time."""

    def __init__(self, app: Celery, worker: str, seconds: float) -> None:
        self._app = app
        self._worker = worker
        self._seconds = seconds
        self._told = threading.Event()
        worker_shutting_down.connect(self._on_told)
        threading.Thread(target=self._wait, name="grace-period", daemon=True).start()

    def _on_told(self, **_: object) -> None:
        self._told.set()

    def _wait(self) -> None:
        self._told.wait()
        log.info("told to stop: running tasks have %s s", f"{self._seconds:g}")
        time.sleep(self._seconds)
        # Whoever ended by itself within that time has taken this thread along.
        try:
            self._hand_back()
        except DBAPIError as error:
            log.warning("tasks could not be handed back, their leases will run out: %s", error.orig)
        send(descendants(os.getpid()), signal.SIGKILL)
        time.sleep(LEAVE_SECONDS)
        os._exit(0)  # a thread that goes on computing holds nothing any more

    def _hand_back(self) -> None:
        runtime = runtime_of(self._app)
        with runtime.sessions() as session:
            held = session.execute(OURS, {"of_worker": self._worker}).all()
        for row in held:
            if row.state != TaskState.RUNNING:
                continue
            with runtime.sessions() as session, session.begin():
                task = held_task(session, row.id)
                if task.number == row.attempt and hand_back(session, task):
                    log.info("%s is handed back", task.node.name)
            Publisher(self._app, runtime).publish_asked(session)

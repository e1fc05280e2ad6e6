"""Stops a worker: its running tasks get a while to end, then they are handed back to others."""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterable

from celery import Celery
from celery.signals import worker_shutting_down
from celery.worker import state
from kombu.message import Message

from pipelines.runs.handback import hand_back, held_task
from presstime.models import TaskState
from scheduler.outbox import Publisher
from scheduler.processes import descendants, send
from scheduler.renewer import OURS
from scheduler.runtime import runtime_of

log = logging.getLogger("presstime.worker")

# They write fifty lines for each child that is killed.
MOURNERS = ("celery.app.trace", "celery.worker.request", "multiprocessing")


class GracePeriod:
    """Celery's own warm shutdown waits without limit, its soft one always to the end of its time."""

    def __init__(self, app: Celery, worker: str, seconds: float) -> None:
        self._app = app
        self._worker = worker
        self._seconds = seconds
        self._told = threading.Event()
        self._over = threading.Event()
        worker_shutting_down.connect(self._on_told)
        self._thread = threading.Thread(target=self._wait, name="grace-period", daemon=True)
        self._thread.start()

    def see_out(self) -> None:
        """Called when Celery has stopped, which it does as soon as its pool is killed: the rest comes first."""
        if self._over.is_set():
            self._thread.join()

    def _on_told(self, **_: object) -> None:
        self._told.set()

    def _wait(self) -> None:
        self._told.wait()
        log.info("told to stop: running tasks have %s s", f"{self._seconds:g}")
        time.sleep(self._seconds)
        # Whoever ended by itself within that time has taken this thread along.
        self._over.set()
        try:
            self._end()
        except Exception as error:  # noqa: BLE001 # whatever it is that is away: this worker has to go
            log.warning("not all was handed back, the keeper will see to the rest: %s", error)
        os._exit(0)  # Celery would wait for threads that compute for nobody any more

    def _end(self) -> None:
        # Noted first: Celery forgets the message of a dead child at once, and returns it some time later.
        messages = [request.message for request in tuple(state.requests.values())]
        for name in MOURNERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        # What is at work ends before another worker can begin it; only a thread does not.
        send(descendants(os.getpid()), signal.SIGKILL)
        self._hand_back()
        _return(messages)

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
            Publisher(self._app, runtime).publish_enqueued(session)


def _return(messages: Iterable[Message]) -> None:
    """What was received and not done goes to other workers now, and not when the broker gives this one up."""
    for message in messages:
        if not message.acknowledged:
            message.requeue()

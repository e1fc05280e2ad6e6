"""Ends a worker that went deaf: messages wait, it has room for one, and it takes none.

It happens when a connection breaks in the very moment in which Celery's consumer begins to listen again. The
supervisor starts another worker, as it does after a crash.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Sequence

from celery import Celery
from celery.signals import task_received, worker_ready, worker_shutting_down
from celery.worker import state

from scheduler.broker import BROKER_AWAY, waiting_messages

log = logging.getLogger("presstime.worker")

LOOKS = 3  # within the time after which a worker counts as deaf


class Watchdog:
    """Looks from a thread of its own, from when the worker is ready until it is told to stop."""

    def __init__(self, app: Celery, queues: Sequence[str], slots: int, seconds: float) -> None:
        self._app = app
        self._queues = queues
        self._slots = slots
        self._seconds = seconds
        self._over = threading.Event()
        self._heard = time.monotonic()
        worker_ready.connect(self._on_ready, weak=False)
        task_received.connect(self._on_received, weak=False)
        worker_shutting_down.connect(self._on_stop, weak=False)

    def _on_ready(self, **_: object) -> None:
        self._heard = time.monotonic()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def _on_received(self, **_: object) -> None:
        self._heard = time.monotonic()

    def _on_stop(self, **_: object) -> None:
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(self._seconds / LOOKS):
            if not (self._has_room() and self._something_waits()):
                self._heard = time.monotonic()
            elif time.monotonic() - self._heard > self._seconds:
                log.error(
                    "messages wait and none has come for %.0f s: this worker ends, to be started again",
                    time.monotonic() - self._heard,
                )
                os.kill(os.getpid(), signal.SIGTERM)
                return

    def _has_room(self) -> bool:
        return len(state.reserved_requests) < self._slots

    def _something_waits(self) -> bool:
        """False while the broker is away: there is nothing to be heard."""
        try:
            return any(waiting_messages(self._app, queue) for queue in self._queues)
        except BROKER_AWAY:
            return False

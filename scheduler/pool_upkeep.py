"""Replaces the pool's dead children at once."""

from typing import Any

from celery import bootsteps

PAUSE = 0.25  # seconds between two looks


class PoolUpkeep(bootsteps.StartStopStep):
    """Has Celery look for dead children four times a second.

    Celery hears at once that a child's pipe was closed, but looks only then and every 5 seconds: a process
    that takes a moment to die is missed, and its place stays empty until the next look.
    """

    requires = ("celery.worker.components:Pool",)

    def register_with_event_loop(self, worker: Any, hub: Any) -> None:  # Celery's classes carry no types
        hub.call_repeatedly(PAUSE, worker.pool.maintain_pool)  # other pools' own does nothing

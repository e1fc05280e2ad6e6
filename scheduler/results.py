"""Celery's result store on Redis, where it only counts the parts of chords. Nobody here waits for a result."""

import logging
from typing import Any

from celery.backends.redis import RedisBackend

from scheduler.broker import BROKER_AWAY

log = logging.getLogger("presstime.worker")

NAME = f"{__name__}:Backend"


class Backend(RedisBackend):
    """Neither keeps results nor watches for them, and does not mind when a part cannot be counted.

    What a task came to stands in SQL, and keeping Celery's word for it as well costs each task a round trip.

    Celery's own subscribes to each task of each chord that a process publishes and keeps an object for it until
    somebody asks for the result, which in a process that only publishes never happens. A count that is lost
    with its broker it takes for a failure of the task, which busies the worker's main process for seconds; here
    SQL knows that the part is done, and the keeper sees to the join.
    """

    def mark_as_done(self, *args: Any, **options: Any) -> None:
        try:
            super().mark_as_done(*args, **options)
        except BROKER_AWAY as error:
            log.warning("a chord's part could not be counted, the broker is away: %s", error)

    def mark_as_failure(self, *args: Any, **options: Any) -> None:
        try:
            super().mark_as_failure(*args, **options)
        except BROKER_AWAY as error:
            log.warning("a chord's part could not be counted, the broker is away: %s", error)

    def store_result(self, task_id: str, result: Any, *args: Any, **options: Any) -> Any:  # noqa: ARG002 # Celery's signature
        return result

    def on_task_call(self, producer: object, task_id: str) -> None:
        pass

    def add_pending_result(self, result: Any, weak: bool = False, start_drainer: bool = True) -> Any:  # noqa: ARG002 # Celery's signature
        return result

    def add_pending_results(self, results: list[Any], weak: bool = False) -> list[Any]:  # noqa: ARG002 # Celery's signature
        return results


def backend_url(redis_url: str) -> str:
    """The setting that has Celery use this class, for the URL of a Redis or Valkey."""
    return f"{NAME}+{redis_url.removeprefix('redis+')}"

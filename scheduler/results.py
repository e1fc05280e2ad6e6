"""Celery's result store on Redis, where it only counts the parts of chords. Nobody here waits for a result."""

from typing import Any

from celery.backends.redis import RedisBackend

NAME = f"{__name__}:Backend"


class Backend(RedisBackend):
    """Does not watch for results.

    Celery's own subscribes to each task of each chord that a process publishes and keeps an object for it until
    somebody asks for the result, which in a process that only publishes never happens.
    """

    def on_task_call(self, producer: object, task_id: str) -> None:
        pass

    def add_pending_result(self, result: Any, weak: bool = False, start_drainer: bool = True) -> Any:  # noqa: ARG002 # Celery's signature
        return result

    def add_pending_results(self, results: list[Any], weak: bool = False) -> list[Any]:  # noqa: ARG002 # Celery's signature
        return results


def backend_url(redis_url: str) -> str:
    """The setting that has Celery use this class, for the URL of a Redis or Valkey."""
    return f"{NAME}+{redis_url.removeprefix('redis+')}"

"""Breaks off the step that this process executes: its run was cancelled, or its time is over.

Only where a process has one step at a time, which Celery calls prefork.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from sqlalchemy import bindparam, select

from pipelines.markers import TimeLimit
from pipelines.runs.claims import Held
from presstime.database import reading
from presstime.models import TaskState
from presstime.models.tables import TASKS
from scheduler.renewer import CANCEL_SIGNAL
from scheduler.runtime import Runtime

TIME_LIMIT_SIGNAL = (
    signal.SIGUSR1
)  # sent by Celery at the soft time limit; its own exception is unknown to authors
STATE = select(TASKS.c.state).where(TASKS.c.id == bindparam("task"), TASKS.c.attempt == bindparam("number"))


class Cancelled(BaseException):
    """Raised inside a step whose run was cancelled. Not an Exception: steps catch those to try again."""


@contextmanager
def interruptible(runtime: Runtime, held: Held) -> Iterator[None]:
    """Raise Cancelled or TimeLimit inside the block when a signal says so, and never outside of it."""
    if runtime.settings.worker_pool != "prefork":
        yield
        return

    def on_cancel(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 # Python's signature
        # Between the renewer's look and its signal, this process may have gone on to another task.
        with reading(runtime.sessions) as session:
            state = session.execute(STATE, {"task": held.task_id, "number": held.number}).scalar_one_or_none()
        if state == TaskState.CANCELLED:
            raise Cancelled

    def on_time_limit(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 # Python's signature
        raise TimeLimit(held.node.soft_limit_s)

    signal.signal(CANCEL_SIGNAL, on_cancel)
    signal.signal(TIME_LIMIT_SIGNAL, on_time_limit)
    try:
        yield
    finally:
        # What has a result already is not broken off while that is written down.
        for number in (CANCEL_SIGNAL, TIME_LIMIT_SIGNAL):
            signal.signal(number, signal.SIG_IGN)

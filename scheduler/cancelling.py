"""Breaks off the step that this process executes, when its run was cancelled. Only where a process has one step."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, sessionmaker

from pipelines.runs.claims import TASKS, Held
from presstime.database import reading
from presstime.models import TaskState
from scheduler.renewer import CANCEL_SIGNAL

STATE = select(TASKS.c.state).where(TASKS.c.id == bindparam("task"), TASKS.c.attempt == bindparam("number"))


class Cancelled(BaseException):
    """Raised inside a step whose run was cancelled. Not an Exception: steps catch those to try again."""


@contextmanager
def cancellable(sessions: sessionmaker[Session], held: Held) -> Iterator[None]:
    """Raise Cancelled inside the block when the signal comes and the database says that it is meant."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_signal(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 # Python's signature
        # Between the renewer's look and its signal, this process may have gone on to another task.
        with reading(sessions) as session:
            state = session.execute(STATE, {"task": held.task_id, "number": held.number}).scalar_one_or_none()
        if state == TaskState.CANCELLED:
            raise Cancelled

    signal.signal(CANCEL_SIGNAL, on_signal)
    try:
        yield
    finally:
        signal.signal(CANCEL_SIGNAL, signal.SIG_IGN)

"""Runs of one schedule that wait for each other."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from pipelines.runs.outbox import ask
from pipelines.runs.states import IS_UNFINISHED
from presstime.models import Intent, Run, RunState


def held_back(session: Session, run: Run) -> bool:
    """A run whose schedule queues waits for the unfinished one before it; that one's end wakes it."""
    if run.state is not RunState.QUEUED or run.policies.get("overlap") != "queue":
        return False
    earlier = exists().where(Run.schedule_id == run.schedule_id, Run.id < run.id, IS_UNFINISHED)
    return bool(session.scalar(select(earlier)))


def wake_next(session: Session, run: Run) -> None:
    """Let the next waiting run of the same schedule begin, now that this one is final."""
    if run.schedule_id is None:
        return
    following = session.scalar(
        select(Run)
        .where(
            Run.schedule_id == run.schedule_id, Run.id > run.id, Run.state == RunState.QUEUED, IS_UNFINISHED
        )
        .order_by(Run.id)
        .limit(1)
    )
    if following is not None:
        ask(session, following.id, Intent.ADVANCE)

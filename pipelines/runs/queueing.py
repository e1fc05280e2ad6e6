"""Runs that wait for other runs: of one schedule in turn, of one pipeline a few at a time.

A run is admitted once nothing holds it back any more; until then none of its tasks is planned.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, not_, or_, select, text
from sqlalchemy.orm import Session, aliased

from pipelines.runs.outbox import enqueue
from pipelines.runs.states import IS_UNFINISHED
from presstime.database import database_now, take_turns
from presstime.models import Intent, Run, RunState
from presstime.models.runs import UNFINISHED

Before = aliased(Run, name="before")
EARLIER = exists().where(
    Before.schedule_id == Run.schedule_id, Before.id < Run.id, text(f"before.{UNFINISHED}")
)
IS_HELD = select(EARLIER).where(Run.id == bindparam("run"))
TAKES_TURNS = Run.policies["overlap"].as_string() == "queue"


def may_wait(policies: Mapping[str, Any]) -> bool:
    """Return whether a run of such policies can ever be held back."""
    return policies.get("overlap") == "queue" or "max_runs" in policies


def held_back(session: Session, run: Run) -> bool:
    """Return whether the run has to wait; whoever ends before it wakes it. Else it is admitted for good."""
    if run.state is not RunState.QUEUED or not may_wait(run.policies) or run.admitted_at is not None:
        return False
    if run.policies.get("overlap") == "queue" and session.scalar(IS_HELD, {"run": run.id}):
        return True
    if "max_runs" in run.policies:
        take_turns(session, f"runs of {run.pipeline}")
        if _under_way(session, run.pipeline) >= run.policies["max_runs"]:
            return True
    run.admitted_at = database_now()
    return False


def wake_next(session: Session, run: Run) -> None:
    """Let one waiting run of the same pipeline begin, now that this one is final; and the next of its backfill."""
    if run.backfill_id is not None:
        enqueue(session, run.id, Intent.BACKFILL)
    if run.schedule_id is None and "max_runs" not in run.policies:
        return
    following = session.scalar(
        select(Run.id)
        .where(
            IS_UNFINISHED,
            Run.pipeline == run.pipeline,
            Run.state == RunState.QUEUED,
            Run.admitted_at.is_(None),
            not_(and_(TAKES_TURNS, EARLIER)),
        )
        .order_by(Run.priority.desc(), Run.id)
        .limit(1)
    )
    if following is not None:
        enqueue(session, following, Intent.ADVANCE)


def _under_way(session: Session, pipeline: str) -> int:
    admitted = or_(Run.state == RunState.RUNNING, Run.admitted_at.is_not(None))
    return (
        session.scalar(select(func.count(Run.id)).where(IS_UNFINISHED, Run.pipeline == pipeline, admitted))
        or 0
    )

"""Decides whether a period has had its run already."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pipelines.interval import Interval
from pipelines.runs.states import RUN_FINAL
from presstime.models import Rerun, Run, RunState

BROKEN = frozenset({RunState.FAILED, RunState.CANCELLED})


def wants_run(
    session: Session, pipeline: str, interval: Interval, params: Mapping[str, Any], rerun: Rerun
) -> bool:
    """Return whether a run with these parameters is to be made; never beside one that is under way."""
    earlier = session.execute(
        select(Run.state, Run.params)
        .where(
            text("runs.interval_start IS NOT NULL"),  # in the words of the index
            Run.pipeline == pipeline,
            Run.interval_start == interval.start,
            Run.interval_end == interval.end,
        )
        .order_by(Run.id.desc())
    )
    states = [state for state, given in earlier if given == params]
    if any(state not in RUN_FINAL for state in states):
        return False
    if rerun is Rerun.ALL or not states:
        return True
    return rerun is Rerun.FAILED and states[0] in BROKEN

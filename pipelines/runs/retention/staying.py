"""Finds the old runs that stay: the newest of each pipeline, and those whose results others build on."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, cast, func, select, text
from sqlalchemy.orm import Session

from pipelines.runs.retention.policy import SUBMIT_TAKES, Cutoffs, Keep, Kept, Reason, RunFacts, is_old
from pipelines.runs.retention.pruning import FACTS
from presstime.ids import first_id
from presstime.models import PipelineRow, RunState
from presstime.models.runs import PINNING
from presstime.models.tables import RUNS

ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
PINS = cast(RUNS.c.pins, Text).label("pins")
PINNING_RUNS = select(*FACTS, PINS).where(text(PINNING)).order_by(RUNS.c.id)
ROWS_AT_ONCE = 1000  # fetched from the database


def staying(session: Session, keep: Keep, cutoffs: Cutoffs) -> Kept:
    """Return the runs that stay, by what is committed now."""
    own: dict[UUID, Reason] = {}
    newest = set()
    for name in session.scalars(select(PipelineRow.name)).all():
        mine = select(RUNS.c.id).where(RUNS.c.pipeline == name).order_by(RUNS.c.id.desc())
        own |= dict.fromkeys(session.scalars(mine.limit(keep.runs_count)), Reason.COUNT)
        succeeded = session.scalar(mine.where(RUNS.c.state == RunState.SUCCEEDED).limit(1))
        if succeeded is not None:
            newest.add(succeeded)
            newest |= _compared_with_next(session, name, succeeded)
    own |= dict.fromkeys(newest, Reason.NEWEST)
    rows, whole = _pinned(session, cutoffs, own, newest)
    return Kept({**dict.fromkeys(rows, Reason.PINNED), **own}, newest | whole)


def pinned_since(session: Session, now: datetime, ids: Sequence[UUID]) -> set[UUID]:
    """Those of `ids` that runs made since `now` build on. Call it when the rows of `ids` are locked.

    A run that pins locks the row of what it pins until it is committed. So it is either seen here, or it waits
    for the end of the caller's transaction, and then finds its choice gone.
    """
    recent = PINNING_RUNS.where(RUNS.c.id > first_id(now - SUBMIT_TAKES))
    return set(ids) & {run_id for row in session.execute(recent) for run_id in _ids(row.pins)}


def _compared_with_next(session: Session, pipeline: str, newest: UUID) -> set[UUID]:
    """Where steps take what was given the last time: the success of the last period for each set of parameters."""
    graph = session.scalar(select(RUNS.c.graph).where(RUNS.c.id == newest)) or {}
    if not any(node.get("previous") for node in graph.get("nodes", ())):
        return set()
    order = (RUNS.c.interval_start.desc(), RUNS.c.id.desc())
    rank = func.row_number().over(partition_by=cast(RUNS.c.params, Text), order_by=order)
    successes = select(RUNS.c.id, rank.label("rank")).where(
        RUNS.c.pipeline == pipeline, RUNS.c.state == RunState.SUCCEEDED, RUNS.c.results_pruned_at.is_(None)
    )
    ranked = successes.subquery()
    return set(session.scalars(select(ranked.c.id).where(ranked.c.rank == 1)))


def _pinned(
    session: Session, cutoffs: Cutoffs, own: Collection[UUID], newest: Collection[UUID]
) -> tuple[set[UUID], set[UUID]]:
    """Runs that stay because runs that stay of their own right build on them; and those that stay whole.

    Not the ones that these build on in turn: a chain of months would never end.
    """
    rows: set[UUID] = set()
    whole: set[UUID] = set()
    for row in session.execute(PINNING_RUNS).yield_per(ROWS_AT_ONCE):
        run = RunFacts(row.id, row.state, row.ended)
        if is_old(run, cutoffs.runs) and run.id not in own:
            continue
        pinned = list(_old_enough(_ids(row.pins), cutoffs))
        rows.update(pinned)
        if run.id in newest or not is_old(run, cutoffs.frames):
            whole.update(pinned)
    return rows, whole


def _old_enough(ids: Iterable[UUID], cutoffs: Cutoffs) -> Iterable[UUID]:
    """Without those that need no protection yet, so that the set stays small."""
    bounds = [cutoff.before_id for cutoff in (cutoffs.frames, cutoffs.events, cutoffs.runs) if cutoff]
    return (run_id for run_id in ids if bounds and run_id < max(bounds))


def _ids(pins: str) -> Iterable[UUID]:
    """Every id that the JSON names, whatever its shape."""
    return (UUID(text) for text in ID.findall(pins))

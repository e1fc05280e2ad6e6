"""Removes what the steps of old runs handed on, and what runs that are no more left in the store.

The store's own list says where there is something to remove. So whatever an interruption left behind is found
again, and a run whose results are all small, which stand in SQL, can go on however old it is.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update

from pipelines.runs.retention.policy import Cutoff, results_go
from pipelines.runs.retention.pruning import BATCH, Pruning, facts
from pipelines.runs.retention.rows import lock_old
from presstime.database import database_now
from presstime.models.tables import RUNS
from presstime.sweeping import children, delete_below, size_below

RESULTS = "runs"  # each attempt writes runs/{run}/{task}-{attempt}-*


def prune_frames(pruning: Pruning) -> None:
    """Remove whatever is below `runs/` of runs whose results are old, or whose rows are gone."""
    cutoff = pruning.cutoffs.results
    if cutoff is None:
        return
    pruning.heed()
    old = _old_ids(children(pruning.artifacts, RESULTS), cutoff)
    for start in range(0, len(old), BATCH):
        for run_id in _going(pruning, old[start : start + BATCH]):
            pruning.heed()
            look = size_below if pruning.dry else delete_below
            size = look(pruning.artifacts, f"{RESULTS}/{run_id}")
            pruning.tally.add("frames", size.objects, size.bytes)
            pruning.tally.add("runs_without_frames", 1)
        pruning.tell("frames", min(start + BATCH, len(old)), len(old))


def _old_ids(names: Sequence[str], cutoff: Cutoff) -> list[UUID]:
    """Even what belongs to no run stays until it is old: the rows may come back out of a backup."""
    ids = []
    for name in names:
        try:
            run_id = UUID(name)
        except ValueError:  # not ours
            continue
        if run_id < cutoff.before_id and str(run_id) == name:
            ids.append(run_id)
    return ids


def _going(pruning: Pruning, ids: Sequence[UUID]) -> list[UUID]:
    """Those whose results may go; their rows say so before the first object goes, and nobody tries them again.

    The store was listed before: a run's row is there before its first object, so one without a row is over.
    """
    with pruning.read() as session:
        runs = facts(session, ids)
    orphans = set(ids) - {run.id for run in runs}
    going = [run.id for run in runs if results_go(run, pruning.cutoffs, pruning.kept)]
    if going and not pruning.dry:
        going = _mark(pruning, going)
    return sorted(orphans.union(going))


def _mark(pruning: Pruning, ids: Sequence[UUID]) -> list[UUID]:
    if pruning.cutoffs.frames is None:  # a run that was busy when its time had come; next time it goes
        return []
    with pruning.write() as session:
        going = lock_old(session, pruning, pruning.cutoffs.frames, ids)
        session.execute(
            update(RUNS)
            .where(RUNS.c.id.in_(going), RUNS.c.results_pruned_at.is_(None))
            .values(results_pruned_at=database_now())
        )
    return going

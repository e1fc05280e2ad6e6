"""Removes what has been kept long enough, in an order in which nothing is lost when it is interrupted."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from pipelines.runs.retention.files import prune_files, settle
from pipelines.runs.retention.frames import prune_frames
from pipelines.runs.retention.policy import DRAFTS_LIVE, Cutoffs, Keep, Tally
from pipelines.runs.retention.pruning import Pruning, Tell, nobody_listens, nobody_minds
from pipelines.runs.retention.rows import prune_events, prune_runs
from pipelines.runs.retention.staying import staying
from pipelines.runs.retention.traces import prune_firings, prune_heartbeats, prune_keys, prune_lateness
from presstime.artifacts import FILES_PREFIX, Artifacts
from presstime.database import database_now, reading
from presstime.sweeping import objects_below, stale_drafts

PROBES = "health"  # where readiness writes a small object and removes it at once


def prune(  # what a pruning works on, then who listens
    sessions: sessionmaker[Session],
    artifacts: Artifacts,
    keep: Keep,
    now: datetime,
    *,
    dry: bool = False,
    settled: datetime | None = None,
    tell: Tell = nobody_listens,
    heed: Callable[[], None] = nobody_minds,
) -> Tally:
    """`now` by the database's clock; no other pruning has set a file aside since `settled`.

    Rows go before what they point to: what an interruption leaves in the store belongs to nobody, and is found
    the next time.
    """
    cutoffs = Cutoffs.of(keep, now)
    with reading(sessions) as session:
        kept = staying(session, keep, cutoffs)
    pruning = Pruning(sessions, artifacts, now, cutoffs, kept, dry, tell, heed)
    if settled is not None and not dry:
        settle(pruning, settled)
    for phase in (prune_keys, prune_runs, prune_firings, prune_lateness, prune_events, prune_heartbeats):
        phase(pruning)
    for phase in (prune_frames, prune_files, prune_drafts):
        phase(pruning)
    return pruning.tally


def prune_drafts(pruning: Pruning) -> None:
    """Remove drafts that killed processes left in the store. Those of a run go with its results."""
    before = pruning.now - DRAFTS_LIVE
    for path, size in stale_drafts(pruning.artifacts, FILES_PREFIX, before):
        pruning.heed()
        pruning.tally.add("drafts", 1, size)
        if not pruning.dry:
            path.unlink(missing_ok=True)
    for probe in [probe for page in objects_below(pruning.artifacts, PROBES) for probe in page]:
        if probe.modified < before:
            pruning.tally.add("drafts", 1, probe.bytes)
            if not pruning.dry:
                pruning.artifacts.delete(probe.key)


def clock(session: Session) -> datetime:
    """The database's time."""
    return session.scalars(select(database_now())).one()

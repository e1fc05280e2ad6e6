"""Removes rows that outlive their use: firings without a run, lateness, idempotency keys, heartbeats."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select

from pipelines.runs.retention.policy import HEARTBEATS_LIVE, KEYS_LIVE, Cutoff, run_goes
from pipelines.runs.retention.pruning import FACTS, Pruning, as_facts
from pipelines.runs.retention.rows import FIRST, affected
from presstime.ids import first_id
from presstime.models.tables import FIRINGS, HEARTBEATS, IDEMPOTENCY_KEYS, LATENESS, RUNS

BATCH = 1000  # rows of one transaction


def prune_keys(pruning: Pruning) -> None:
    """Idempotency keys, before the runs that they name: some go with these."""
    # A key is as old as its run, whose id says when that was, and is indexed.
    old = IDEMPOTENCY_KEYS.c.run_id < first_id(pruning.now - KEYS_LIVE)
    if pruning.dry:
        with pruning.read() as session:
            pruning.tally.add("idempotency_keys", session.scalar(select(func.count()).where(old)) or 0)
        return
    while True:
        with pruning.write() as session:
            some = select(IDEMPOTENCY_KEYS.c.key).where(old).limit(BATCH)
            count = affected(session, delete(IDEMPOTENCY_KEYS).where(IDEMPOTENCY_KEYS.c.key.in_(some)))
        pruning.tally.add("idempotency_keys", count)
        if count < BATCH:
            return


def prune_heartbeats(pruning: Pruning) -> None:
    """Processes that were not seen for a day."""
    old = HEARTBEATS.c.seen_at < pruning.now - HEARTBEATS_LIVE
    if pruning.dry:
        with pruning.read() as session:
            pruning.tally.add("heartbeats", session.scalar(select(func.count()).where(old)) or 0)
        return
    with pruning.write() as session:
        pruning.tally.add("heartbeats", affected(session, delete(HEARTBEATS).where(old)))


def prune_firings(pruning: Pruning) -> None:
    """Decisions about schedules that are as old as runs that go, unless their own run stays."""
    cutoff = pruning.cutoffs.runs
    if cutoff is None:
        return
    last = FIRST
    while True:
        with pruning.read() as session:
            page = session.execute(page_of_firings(cutoff, last)).all()
        if not page:
            return
        going = [
            row.firing
            for row in page
            if row.id is None or run_goes(as_facts(row[1:]), pruning.cutoffs, pruning.kept)
        ]
        last = page[-1].firing
        if pruning.dry:
            pruning.tally.add("firings", len(going))
            continue
        with pruning.write() as session:
            which = delete(FIRINGS).where(FIRINGS.c.id.in_(going), FIRINGS.c.run_id.is_(None))
            pruning.tally.add("firings", affected(session, which))


def prune_lateness(pruning: Pruning) -> None:
    """Remove what was late that long ago; a run that stays keeps its own mark of it."""
    cutoff = pruning.cutoffs.runs
    if cutoff is None:
        return
    old = LATENESS.c.id < cutoff.before_id
    if pruning.dry:
        with pruning.read() as session:
            pruning.tally.add("lateness", session.scalar(select(func.count()).where(old)) or 0)
        return
    with pruning.write() as session:
        pruning.tally.add("lateness", affected(session, delete(LATENESS).where(old)))


def page_of_firings(cutoff: Cutoff, after: UUID) -> Select[Any]:
    """Old firings, each with the facts of its run."""
    return (
        select(FIRINGS.c.id.label("firing"), *FACTS)
        .select_from(FIRINGS)
        .outerjoin(RUNS, RUNS.c.id == FIRINGS.c.run_id)
        .where(FIRINGS.c.id < cutoff.before_id, FIRINGS.c.id > after)
        .order_by(FIRINGS.c.id)
        .limit(BATCH)
    )

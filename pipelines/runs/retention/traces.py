"""Removes rows that outlive their use: firings without a run, lateness, idempotency keys, heartbeats."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select

from pipelines.runs.claims import RUNS
from pipelines.runs.retention.plan import FACTS, Plan, as_facts
from pipelines.runs.retention.policy import HEARTBEATS_LIVE, KEYS_LIVE, Cutoff, run_goes
from pipelines.runs.retention.rows import FIRST, affected
from presstime.database import table_of
from presstime.ids import first_id
from presstime.models import Firing, Heartbeat, IdempotencyKey, Lateness

FIRINGS, LATENESS = table_of(Firing), table_of(Lateness)
KEYS, HEARTBEATS = table_of(IdempotencyKey), table_of(Heartbeat)
BATCH = 1000  # rows of one transaction


def prune_keys(plan: Plan) -> None:
    """Idempotency keys, before the runs that they name: some go with these."""
    # A key is as old as its run, whose id says when that was, and is indexed.
    old = KEYS.c.run_id < first_id(plan.now - KEYS_LIVE)
    if plan.dry:
        with plan.read() as session:
            plan.tally.add("idempotency_keys", session.scalar(select(func.count()).where(old)) or 0)
        return
    while True:
        with plan.write() as session:
            some = select(KEYS.c.key).where(old).limit(BATCH)
            count = affected(session, delete(KEYS).where(KEYS.c.key.in_(some)))
        plan.tally.add("idempotency_keys", count)
        if count < BATCH:
            return


def prune_heartbeats(plan: Plan) -> None:
    """Processes that were not seen for a day."""
    old = HEARTBEATS.c.seen_at < plan.now - HEARTBEATS_LIVE
    if plan.dry:
        with plan.read() as session:
            plan.tally.add("heartbeats", session.scalar(select(func.count()).where(old)) or 0)
        return
    with plan.write() as session:
        plan.tally.add("heartbeats", affected(session, delete(HEARTBEATS).where(old)))


def prune_firings(plan: Plan) -> None:
    """Decisions about schedules that are as old as runs that go, unless their own run stays."""
    cutoff = plan.cutoffs.runs
    if cutoff is None:
        return
    last = FIRST
    while True:
        with plan.read() as session:
            found = session.execute(page_of_firings(cutoff, last)).all()
        if not found:
            return
        going = [
            row.firing
            for row in found
            if row.id is None or run_goes(as_facts(row[1:]), plan.cutoffs, plan.kept)
        ]
        last = found[-1].firing
        if plan.dry:
            plan.tally.add("firings", len(going))
            continue
        with plan.write() as session:
            which = delete(FIRINGS).where(FIRINGS.c.id.in_(going), FIRINGS.c.run_id.is_(None))
            plan.tally.add("firings", affected(session, which))


def prune_lateness(plan: Plan) -> None:
    """What was late that long ago; a run that stays keeps its own mark of it."""
    cutoff = plan.cutoffs.runs
    if cutoff is None:
        return
    old = LATENESS.c.id < cutoff.before_id
    if plan.dry:
        with plan.read() as session:
            plan.tally.add("lateness", session.scalar(select(func.count()).where(old)) or 0)
        return
    with plan.write() as session:
        plan.tally.add("lateness", affected(session, delete(LATENESS).where(old)))


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

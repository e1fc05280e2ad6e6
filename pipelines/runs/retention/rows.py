"""Removes rows: runs with all that hangs on them, and events and logs of runs that stay for longer."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import Delete, Select, Table, delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from pipelines.runs.retention.policy import Cutoff, Reason, RunFacts, events_go, run_goes
from pipelines.runs.retention.pruning import BATCH, Pruning, as_facts, facts, old_runs, page_of_old_runs
from pipelines.runs.retention.staying import pinned_since
from presstime.database import rows_changed
from presstime.models.runs import UNFINISHED
from presstime.models.tables import EVENTS, FAILED_ATTEMPTS, REPORTS, RUNS, SNAPSHOTS, STAGES, TASKS

FIRST = UUID(int=0)
TASKS_AT_ONCE = 1000  # in one transaction: about as long as 100 plain runs take
OF_RUN: tuple[tuple[str, Table], ...] = (  # in an order in which none refers to one that is gone
    ("reports", REPORTS),
    ("snapshots", SNAPSHOTS),
    ("events", EVENTS),
    ("tasks", TASKS),
    ("stages", STAGES),
)


def prune_runs(pruning: Pruning) -> None:
    """Runs whose time is over. Their results in the store are left to `frames`, their files to `files`."""
    cutoff = pruning.cutoffs.runs
    if cutoff is None:
        return
    with pruning.read() as session:
        total = session.scalar(select(func.count()).where(RUNS.c.id < cutoff.before_id)) or 0
        unfinished = select(func.count()).where(text(UNFINISHED), RUNS.c.id < cutoff.before_id)
        pruning.tally.kept[Reason.UNFINISHED] += session.scalar(unfinished) or 0
    done = 0
    for runs in _pages(pruning, cutoff):
        going = [run for run in runs if run_goes(run, pruning.cutoffs, pruning.kept)]
        pruning.tally.kept.update(pruning.kept.runs[run.id] for run in runs if run.id in pruning.kept.runs)
        for ids in _in_parts(pruning, [run.id for run in going]):
            if pruning.dry:
                with pruning.read() as session:
                    _count_runs(session, pruning, ids)
            else:
                with pruning.write() as session:
                    _delete_runs(session, pruning, cutoff, ids)
        done += len(runs)
        pruning.tell("runs", done, total)


def prune_events(pruning: Pruning) -> None:
    """Events and logs of runs that stay. An event that is left is what says that there is something to do."""
    cutoff = pruning.cutoffs.events
    if cutoff is None:
        return
    done, last = 0, FIRST
    while True:
        with pruning.read() as session:
            ids = session.scalars(page_with_events(cutoff, last)).all()
            runs = facts(session, ids)
        if not ids:
            return
        for part in _in_parts(
            pruning, [run.id for run in runs if events_go(run, pruning.cutoffs, pruning.kept)]
        ):
            _drop_events(pruning, cutoff, part)
        done, last = done + len(ids), ids[-1]
        pruning.tell("events", done, 0)


def page_with_events(cutoff: Cutoff, after: UUID) -> Select[UUID]:
    """Runs that have events, old by their id."""
    return (
        select(EVENTS.c.run_id)
        .where(EVENTS.c.run_id > after, EVENTS.c.run_id < cutoff.before_id)
        .distinct()
        .order_by(EVENTS.c.run_id)
        .limit(BATCH)
    )


def lock_old(session: Session, pruning: Pruning, cutoff: Cutoff, ids: Sequence[UUID]) -> list[UUID]:
    """Those of `ids` that are old still, locked, and on which nothing new builds. Busy ones are left out."""
    locked = session.scalars(
        select(RUNS.c.id)
        .where(RUNS.c.id.in_(ids), *old_runs(cutoff))
        .order_by(RUNS.c.id)
        .with_for_update(skip_locked=True)
    ).all()
    return sorted(set(locked) - pinned_since(session, pruning.now, locked))


def _pages(pruning: Pruning, cutoff: Cutoff) -> Iterator[list[RunFacts]]:
    last = FIRST
    while True:
        with pruning.read() as session:
            runs = [as_facts(row) for row in session.execute(page_of_old_runs(cutoff, last))]
        if not runs:
            return
        yield runs
        last = runs[-1].id


def _in_parts(pruning: Pruning, ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    """So few runs at a time that a transaction stays short."""
    if not ids:
        return
    with pruning.read() as session:
        counted = select(TASKS.c.run_id, func.count()).where(TASKS.c.run_id.in_(ids))
        tasks: dict[UUID, int] = dict(session.execute(counted.group_by(TASKS.c.run_id)).all())
    part: list[UUID] = []
    weight = 0
    for run_id in ids:
        if part and weight + tasks.get(run_id, 0) > TASKS_AT_ONCE:
            yield part
            part, weight = [], 0
        part.append(run_id)
        weight += tasks.get(run_id, 0)
    yield part


def _count_runs(session: Session, pruning: Pruning, ids: Sequence[UUID]) -> None:
    for kind, table in OF_RUN:
        count = session.scalar(select(func.count()).select_from(table).where(table.c.run_id.in_(ids)))
        pruning.tally.add(kind, count or 0)
    pruning.tally.add("runs", len(ids))


def _delete_runs(session: Session, pruning: Pruning, cutoff: Cutoff, ids: Sequence[UUID]) -> None:
    going = lock_old(session, pruning, cutoff, ids)
    if not going:
        return
    for kind, table in OF_RUN:
        pruning.tally.add(kind, affected(session, delete(table).where(table.c.run_id.in_(going))))
    pruning.tally.add("runs", affected(session, delete(RUNS).where(RUNS.c.id.in_(going))))


def _drop_events(pruning: Pruning, cutoff: Cutoff, ids: Sequence[UUID]) -> None:
    if pruning.dry:
        with pruning.read() as session:
            count = session.scalar(select(func.count()).select_from(EVENTS).where(EVENTS.c.run_id.in_(ids)))
        pruning.tally.add("events", count or 0)
        return
    with pruning.write() as session:
        going = lock_old(session, pruning, cutoff, ids)
        pruning.tally.add("events", affected(session, delete(EVENTS).where(EVENTS.c.run_id.in_(going))))
        nothing = {"log": None, "traceback": None}
        tasks = select(TASKS.c.id).where(TASKS.c.run_id.in_(going))
        session.execute(
            update(TASKS)
            .where(TASKS.c.run_id.in_(going), or_(TASKS.c.log.is_not(None), TASKS.c.traceback.is_not(None)))
            .values(nothing)
        )
        session.execute(update(FAILED_ATTEMPTS).where(FAILED_ATTEMPTS.c.task_id.in_(tasks)).values(nothing))


def affected(session: Session, statement: Delete) -> int:
    """Execute the statement, and return how many rows went."""
    return rows_changed(session.execute(statement))

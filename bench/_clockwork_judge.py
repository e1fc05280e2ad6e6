"""Compares what stands in the database with what the oracle prescribes. No complaint at all is what is wanted."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench._clockwork_oracle import Prescribed
from presstime.models import Cause, Decision, Firing, Run, RunState, Schedule


@dataclass(frozen=True)
class Row:
    """A firing: what was decided for `count` instants, the first and the last included."""

    first: datetime
    last: datetime
    count: int
    decision: Decision
    cause: Cause | None
    run: UUID | None


@dataclass(frozen=True)
class Book:
    """All that the database has of one schedule: its firings in order, its runs by id."""

    rows: Sequence[Row]
    runs: dict[UUID, tuple[datetime | None, RunState]]
    cursor: datetime
    next_at: datetime | None


def books(session: Session) -> dict[str, Book]:
    """By the names of the schedules."""
    rows, runs = (
        defaultdict[UUID, list[Row]](list),
        defaultdict[UUID | None, dict[UUID, tuple[datetime | None, RunState]]](dict),
    )
    for one in session.scalars(select(Firing).order_by(Firing.instant)):
        rows[one.schedule_id].append(
            Row(one.instant, one.last_instant, one.count, one.decision, one.cause, one.run_id)
        )
    for run, schedule, instant, state in session.execute(
        select(Run.id, Run.schedule_id, Run.scheduled_for, Run.state)
    ):
        runs[schedule][run] = (instant, state)
    found = session.scalars(select(Schedule))
    return {row.name: Book(rows[row.id], runs[row.id], row.cursor, row.next_at) for row in found}


def differences(book: Book, wanted: Prescribed) -> Iterator[str]:
    yield from wanted.complaints
    yield from _runs(book, wanted)
    yield from _rows(book)
    yield from _causes(book, wanted)
    if not wanted.removed and (book.cursor, book.next_at) != (wanted.cursor, wanted.next_at):
        said = f"cursor {book.cursor} and next_at {book.next_at}"
        yield f"{said} instead of {wanted.cursor} and {wanted.next_at}"


def _runs(book: Book, wanted: Prescribed) -> Iterator[str]:
    found = Counter(instant for instant, _ in book.runs.values())
    for instant, count in found.items():
        if count > 1:
            yield f"{instant} has {count} runs"
        if instant not in wanted.states:
            yield f"{instant} has a run that it must not have"
    for instant in wanted.states.keys() - found.keys():
        yield f"{instant} has no run"
    for instant, state in book.runs.values():
        if instant in wanted.states and state is not wanted.states[instant]:
            yield f"the run for {instant} is {state}, not {wanted.states[instant]}"


def _rows(book: Book) -> Iterator[str]:
    """Each for itself, and none into the next one."""
    for before, after in pairwise(book.rows):
        if after.first <= before.last:
            yield f"the decisions from {before.first} to {before.last} and from {after.first} overlap"
    told = Counter(row.run for row in book.rows if row.run is not None)
    for row in book.rows:
        if (row.decision is Decision.FIRED) != (row.cause is None):
            yield f"the decision at {row.first} is {row.decision}, its cause {row.cause}"
        if row.cause is None and (row.count != 1 or row.first != row.last):
            yield f"the decision at {row.first} fires {row.count} times"
        run = book.runs.get(row.run) if row.run is not None else None
        if row.cause is None and (run is None or run[0] != row.first):
            yield f"the decision at {row.first} names {'no run' if run is None else f'the run for {run[0]}'}"
        if row.cause is not None and row.run is not None:
            yield f"the decision at {row.first} names a run, and is {row.cause}"
    for run_id, (instant, _) in book.runs.items():
        if told[run_id] != 1:
            yield f"the run for {instant} stands in {told[run_id]} decisions"


def _causes(book: Book, wanted: Prescribed) -> Iterator[str]:
    """Each instant is covered by one row, and by one that says the same as the oracle."""
    instants = list(wanted.causes)
    position = 0
    for row in book.rows:
        while position < len(instants) and instants[position] < row.first:
            yield f"{instants[position]} ({_said(wanted.causes[instants[position]])}) was never decided"
            position += 1
        begun = position
        while position < len(instants) and instants[position] <= row.last:
            cause = wanted.causes[instants[position]]
            if cause is not row.cause:
                yield f"{instants[position]} is {_said(row.cause)}, not {_said(cause)}"
            position += 1
        if position - begun != row.count:
            yield f"{row.count} instants from {row.first} to {row.last}, not {position - begun}"
    for instant in instants[position:]:
        yield f"{instant} ({_said(wanted.causes[instant])}) was never decided"


def _said(cause: Cause | None) -> str:
    return "fired" if cause is None else str(cause)

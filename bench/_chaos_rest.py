"""Writes down what is left of runs that did not succeed, for whoever wants to know why."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from presstime.database import reading
from presstime.models import Base, Event, OutboxMessage, Run, RunState, Stage, Task
from scheduler.runtime import Runtime

LONG = frozenset({"graph", "policies", "output", "log"})  # columns that explain nothing here


def write_rest(runtime: Runtime, path: Path) -> None:
    """One line a row: the run, its stages, its tasks, its events, and what is still to be sent."""
    with reading(runtime.sessions) as session, path.open("w") as file:
        for run in session.scalars(select(Run).where(Run.state != RunState.SUCCEEDED).order_by(Run.id)):
            file.writelines(f"{line}\n" for line in _lines(session, run))


def _lines(session: Session, run: Run) -> Iterator[str]:
    yield _line(run)
    yield from map(_line, session.scalars(select(Stage).where(Stage.run_id == run.id).order_by(Stage.number)))
    yield from map(_line, session.scalars(select(Task).where(Task.run_id == run.id).order_by(Task.id)))
    yield from map(_line, session.scalars(select(Event).where(Event.run_id == run.id).order_by(Event.number)))
    yield from map(_line, session.scalars(select(OutboxMessage).where(OutboxMessage.run_id == run.id)))


def _line(row: Base) -> str:
    names = [column.key for column in row.__table__.columns if column.key not in LONG]
    return f"{row.__tablename__}: " + " ".join(f"{name}={getattr(row, name)}" for name in names)

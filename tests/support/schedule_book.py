"""A schedule and what its alarms came to, for the commands about it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from pipelines.loading.registry import Registry
from pipelines.runs.ending import end_run
from pipelines.runs.events import lock_run
from pipelines.schedules.fire import fire
from pipelines.schedules.sync import sync
from presstime.database import create_engine, create_sessions
from presstime.models import Run, RunState, Schedule
from tests.support.commands import ONE
from tests.support.servers.databases import sqlite_with_tables

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def with_schedule(folder: Path) -> None:
    text = ONE.replace("import Params, Pipeline", "import Cron, Params, Pipeline").replace(
        'period="month")',
        'period="day", timezone="America/New_York", schedules=[Cron("30 2 * * *", name="nightly")])',
    )
    (folder / "one.py").write_text(text)


class Book:
    """A schedule of half past two in New York, since 1 March, and what its alarms came to."""

    def __init__(self, data_dir: Path, folder: Path) -> None:
        self.engine = create_engine(sqlite_with_tables(data_dir / "presstime.db"))
        self.sessions: sessionmaker[Session] = create_sessions(self.engine)
        self.registry = Registry.load(folder, catalog=False, entry_points=False)
        assert self.registry.problems == ()
        with self.sessions.begin() as session:
            sync(session, self.registry, BEGAN)

    def ring(self, day: int) -> None:
        """In the middle of a day of March."""
        with self.sessions.begin() as session:
            row = session.scalars(select(Schedule.id)).one()
            fire(session, row, self.registry.get, lambda _: [], datetime(2026, 3, day, 12, tzinfo=UTC))

    def change(self, **values: Any) -> None:
        with self.sessions.begin() as session:
            session.execute(update(Schedule).values(**values))

    def end_newest(self, state: RunState, error: str | None = None) -> None:
        with self.sessions.begin() as session:
            newest = session.scalars(select(Run.id).order_by(Run.scheduled_for.desc()).limit(1)).one()
            end_run(session, lock_run(session, newest), state, error)

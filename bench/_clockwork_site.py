"""The product in the simulated world: SQLite, one tiny pipeline, and the functions that processes call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from bench._clockwork_plan import PIPELINE
from pipelines.loading.registry import Registry
from pipelines.runs.ending import end_run
from pipelines.runs.states import IS_UNFINISHED, move_run
from pipelines.schedules.fire import fire
from pipelines.schedules.pausing import NotPaused, pause, resume
from pipelines.schedules.sync import sync
from pipelines.timetables.kinds import Schedule as Declared
from presstime.database import create_engine, create_sessions, reading
from presstime.migrations import ensure_current
from presstime.models import Run, RunState, Schedule

SOURCE = f'''"""One trivial step."""

from pipelines import Pipeline

clockwork = Pipeline("{PIPELINE}")


@clockwork.extract
def one() -> int:
    return 1
'''


class Site:
    """In an empty folder. Each method is one transaction, as in the process that it stands for."""

    def __init__(self, folder: Path) -> None:
        source = folder / "pipelines"
        source.mkdir()
        (source / "clockwork.py").write_text(SOURCE)
        self._registry = Registry.load(source, catalog=False, entry_points=False)
        self._engine = create_engine(f"sqlite:///{folder / 'clockwork.db'}")
        ensure_current(self._engine, create=True)
        self.sessions = create_sessions(self._engine)
        self._ids: dict[str, UUID] = {}

    def close(self) -> None:
        self._engine.dispose()

    def deploy(self, declared: Mapping[str, Declared], now: datetime) -> None:
        """What the keeper does when the files of pipelines have changed."""
        self._registry.get(PIPELINE).pipeline.schedules = tuple(declared.values())
        with self.sessions.begin() as session:
            sync(session, self._registry, now)
        with reading(self.sessions) as session:
            self._ids = {row.name: row.id for row in session.scalars(select(Schedule))}

    def row(self, name: str) -> Schedule:
        with reading(self.sessions) as session:
            return session.get_one(Schedule, self._ids[name])

    def fire(self, name: str, now: datetime, *, killed: bool) -> datetime | None:
        """When it is due next. A process that is killed leaves nothing."""
        with self.sessions() as session:
            fire(session, self._ids[name], self._registry.get, lambda _: [], now)
            if killed:
                session.rollback()
            else:
                session.commit()
            row = session.get_one(Schedule, self._ids[name])
            return row.next_at if row.removed_at is None else None

    def pause(self, name: str, now: datetime, until: datetime | None) -> None:
        with self.sessions.begin() as session:
            pause(session, self._ids[name], now, by="ada", until=until)

    def resume(self, name: str, now: datetime) -> bool:
        """False when it is refused."""
        with self.sessions() as session:
            try:
                resume(session, self._ids[name], now)
            except NotPaused:
                return False
            session.commit()
            return True

    def unfinished(self, name: str) -> list[tuple[UUID, datetime]]:
        """Runs in the order in which they were made, and their instants."""
        with reading(self.sessions) as session:
            query = (
                select(Run.id, Run.scheduled_for)
                .where(IS_UNFINISHED, Run.schedule_id == self._ids[name])
                .order_by(Run.id)
            )
            return [(run, instant) for run, instant in session.execute(query) if instant is not None]

    def end(self, endings: Sequence[tuple[UUID, RunState]]) -> None:
        with self.sessions.begin() as session:
            for run_id, state in endings:
                run = session.get_one(Run, run_id, with_for_update=True)
                if state is RunState.SUCCEEDED:
                    move_run(session, run, RunState.RUNNING)
                end_run(session, run, state)

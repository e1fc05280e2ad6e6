"""One pruning: what it works on, how it writes, and who may interrupt it. Knows no rule."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, sessionmaker

from pipelines.runs.retention.policy import Cutoff, Cutoffs, Kept, RunFacts, Tally
from pipelines.runs.states import RUN_FINAL
from presstime.artifacts import Artifacts
from presstime.database import reading
from presstime.models.tables import RUNS

BATCH = 100  # runs looked at in one transaction
LONGEST_PAUSE = 0.2  # seconds
ENDED = func.coalesce(RUNS.c.finished_at, RUNS.c.created_at)
FACTS = (RUNS.c.id, RUNS.c.state, ENDED.label("ended"))

Tell = Callable[[str, int, int], None]  # what is looked at, how much is done, how much there is


def nobody_listens(what: str, done: int, total: int) -> None:
    """Report progress to nobody."""


def nobody_minds() -> None:
    """Never interrupt the pruning."""


@dataclass(frozen=True)
class Pruning:
    """`dry`: count what would go, change nothing. `heed` is called often, and raises to interrupt."""

    sessions: sessionmaker[Session]
    artifacts: Artifacts
    now: datetime
    cutoffs: Cutoffs
    kept: Kept
    dry: bool = False
    tell: Tell = nobody_listens
    heed: Callable[[], None] = nobody_minds
    tally: Tally = field(default_factory=Tally)

    @contextmanager
    def read(self) -> Iterator[Session]:
        self.heed()
        with reading(self.sessions) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A short transaction. Others who write get as much time as it took: SQLite has one writer."""
        self.heed()
        begun = time.monotonic()
        with self.sessions.begin() as session:
            yield session
        time.sleep(min(time.monotonic() - begun, LONGEST_PAUSE))


def old_runs(cutoff: Cutoff) -> tuple[ColumnElement[bool], ...]:
    """`policy.is_old` in SQL."""
    return (RUNS.c.id < cutoff.before_id, RUNS.c.state.in_(sorted(RUN_FINAL)), cutoff.instant > ENDED)


def facts(session: Session, ids: Sequence[UUID]) -> list[RunFacts]:
    return [as_facts(row) for row in session.execute(select(*FACTS).where(RUNS.c.id.in_(ids)))]


def as_facts(row: Sequence[Any]) -> RunFacts:
    """Return the RunFacts that the columns of FACTS hold."""
    run_id, state, ended = row
    return RunFacts(run_id, state, ended)


def page_of_old_runs(cutoff: Cutoff, after: UUID) -> Select[Any]:
    return select(*FACTS).where(*old_runs(cutoff), RUNS.c.id > after).order_by(RUNS.c.id).limit(BATCH)

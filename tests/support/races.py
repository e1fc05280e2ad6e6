"""A keeper that writes the rows of pipelines while somebody else is about to write the same."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from pipelines.loading.registry import Registry
from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from tests.support.waiting import until

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)

Answer = TypeVar("Answer")


@contextmanager
def keeper_between(sessions: sessionmaker[Session], registry: Registry) -> Iterator["Between"]:
    """The keeper has written its rows, and commits them only once what is called below waits for them.

    On PostgreSQL: SQLite lets one writer in at a time.
    """
    with ThreadPoolExecutor(1) as pool, sessions() as keeper:
        sync(keeper, registry, utc_now())
        keeper.flush()
        yield Between(pool, keeper, sessions)
        keeper.rollback()


class Between:
    """Calls what waits for the keeper's transaction, lets that commit, and gives what the call returned."""

    def __init__(self, pool: ThreadPoolExecutor, keeper: Session, sessions: sessionmaker[Session]) -> None:
        self._pool = pool
        self._keeper = keeper
        self._sessions = sessions

    def call(self, door: Callable[[], Answer]) -> Answer:
        called = self._pool.submit(door)
        until(lambda: called.done() or self._somebody_waits(), "somebody who waits for the keeper")
        assert not called.done(), called.result()
        self._keeper.commit()
        return called.result()

    def _somebody_waits(self) -> bool:
        with self._sessions() as session:  # a transaction of its own: within one the answer stays the same
            return bool(session.scalar(text(WAITING)))

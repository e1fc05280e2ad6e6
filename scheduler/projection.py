"""Brings RedBeat's entries in line with the schedule rows: all of them, or those that changed of late.

Entries can be thrown away: SQL has what they say, and what is due is fired without them, a little later.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from celery import Celery
from redbeat.schedulers import ensure_conf, get_redis
from redis.client import Pipeline
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from presstime.clock import utc_now
from presstime.database import reading
from presstime.errors import PresstimeError
from presstime.models import Schedule
from scheduler.broker import BROKER_AWAY
from scheduler.redbeat import Entry, name_of

log = logging.getLogger("presstime.beat")

T = TypeVar("T")

CHUNK = 500  # rows of one statement, entries of one round trip
OVERLAP = timedelta(
    seconds=60
)  # how far clocks may differ, and how long a transaction last that changes a row
WHOLE_EVERY = 300.0  # seconds; an entry may also be lost without a trace in the number of all
MISSING_EVERY = 5.0  # seconds between two looks at everything because the number of entries is wrong
KNOWN = select(
    Schedule.id,
    Schedule.pipeline,
    Schedule.name,
    Schedule.version,
    Schedule.updated_at,
    Schedule.removed_at,
)


class Projection:
    """The entries of one Redis, and what was seen of the rows when they were looked at last."""

    def __init__(self, app: Celery, sessions: sessionmaker[Session]) -> None:
        ensure_conf(app)
        self._app = app
        self._sessions = sessions
        self._prefix: str = app.redbeat_conf.key_prefix  # type: ignore[attr-defined] # set by the first line
        self._zset: str = app.redbeat_conf.schedule_key  # type: ignore[attr-defined] # as above
        self._count: int | None = None  # entries that there should be; None: not known yet
        self._whole_at = 0.0
        self._looked = datetime.max.replace(tzinfo=UTC)
        self._seen: dict[UUID, int] = {}  # versions of the rows that changed of late

    def look(self, now: datetime, monotonic: float) -> int:
        """Follow what changed since the last look, or look at everything when its time has come.

        How many entries had to be touched. Raises what redis-py raises while Redis is away.
        """
        waited = monotonic - self._whole_at
        if self._count is None or waited >= WHOLE_EVERY:
            return self.look_at_all(now, monotonic)
        if waited >= MISSING_EVERY and get_redis(self._app).zcard(self._zset) != self._count:
            log.warning("alarms are missing, or there are too many: all are compared")
            return self.look_at_all(now, monotonic)
        return self._follow(now)

    def look_at_all(self, now: datetime, monotonic: float) -> int:
        """Write, change and remove entries until RedBeat has what the rows say."""
        present = self._present()
        stale: list[UUID] = []
        right = 0
        seen: dict[UUID, int] = {}
        with reading(self._sessions) as session:
            query = KNOWN.where(Schedule.removed_at.is_(None)).execution_options(yield_per=CHUNK)
            for row in session.execute(query):
                if present.pop(name_of(row.pipeline, row.name), None) == row.version:
                    right += 1
                else:
                    stale.append(row.id)
                if row.updated_at > now - OVERLAP:
                    seen[row.id] = row.version
            written, _ = self._write(session, stale)
        removed, _ = self._remove(present)
        self._count, self._seen = right + written, seen
        self._looked, self._whole_at = now, monotonic
        return written + removed

    def _follow(self, now: datetime) -> int:
        # Not from now alone: Redis may have been away for a while, or the machine asleep.
        since = min(now, self._looked) - OVERLAP
        with reading(self._sessions) as session:
            changed = session.execute(KNOWN.where(Schedule.updated_at > since)).all()
            fresh = [row for row in changed if self._seen.get(row.id) != row.version]
            written, added = self._write(session, [row.id for row in fresh if row.removed_at is None])
        found, removed = self._remove(
            name_of(row.pipeline, row.name) for row in fresh if row.removed_at is not None
        )
        self._looked, self._seen = now, {row.id: row.version for row in changed}
        self._count = (self._count or 0) + added - removed
        return written + found

    def _present(self) -> dict[str, int | None]:
        """The version of each entry by its name; None where its hash is gone."""
        redis = get_redis(self._app)
        found: dict[str, int | None] = {}
        for keys in _chunks(redis.zrange(self._zset, 0, -1)):
            with redis.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.hget(key, "version")
                versions = pipe.execute()
            for key, version in zip(keys, versions, strict=True):
                found[key.removeprefix(self._prefix)] = int(version) if version is not None else None
        return found

    def _write(self, session: Session, ids: Sequence[UUID]) -> tuple[int, int]:
        """How many entries were written, and how many of them are new."""
        written = added = 0
        for chunk in _chunks(ids):
            rows = session.scalars(select(Schedule).where(Schedule.id.in_(chunk))).all()
            session.expunge_all()
            with get_redis(self._app).pipeline(transaction=False) as pipe:
                for row in rows:
                    written += self._add(pipe, row)
                added += sum(pipe.execute()[1::2])
        return written, added

    def _add(self, pipe: Pipeline, row: Schedule) -> bool:
        try:
            Entry.of_row(row, self._app).write(pipe)
        except PresstimeError as error:  # one row that cannot be read keeps no other from being written
            log.warning("schedule %s gets no alarm: %s", name_of(row.pipeline, row.name), error)
            return False
        return True

    def _remove(self, names: Iterable[str]) -> tuple[int, int]:
        """How many entries were to go, and how many of them were there."""
        redis = get_redis(self._app)
        found = removed = 0
        for chunk in _chunks([self._prefix + name for name in names]):
            found += len(chunk)
            removed += redis.zrem(self._zset, *chunk)
            redis.delete(*chunk)
        return found, removed


class ProjectionThread:
    """Looks in a thread of its own, so that a Redis which hangs, or is empty, holds up nobody."""

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._requested = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._work, name="alarms", daemon=True)

    def look(self) -> None:
        """Have it look, if it does not do so already."""
        if not self._thread.is_alive():
            self._thread.start()
        self._requested.set()

    def close(self) -> None:
        self._over = True
        self._requested.set()

    def _work(self) -> None:
        while self._requested.wait() and not self._over:
            self._requested.clear()
            try:
                if touched := self._projection.look(utc_now(), time.monotonic()):
                    log.info("%s alarms written", touched)
            except (DBAPIError, *BROKER_AWAY) as error:  # what is due is fired all the same
                log.warning("alarms could not be written: %s", str(error).splitlines()[0])
            except Exception:
                log.exception("alarms could not be written")


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(items), CHUNK):
        yield items[first : first + CHUNK]

"""Prunes each day, and never twice at once: a row of `leaders` says who is at it.

The keeper's lease is short, so that another one follows within seconds. This one outlasts the slowest request to
the store: who has lost it has nothing under way any more.
"""

import logging
import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from pipelines.runs.retention.policy import Keep, Tally
from pipelines.runs.retention.prune import clock, prune
from pipelines.runs.retention.pruning import Tell, nobody_listens
from presstime.database import database_now, insert_or_ignore, reading, rows_changed
from presstime.errors import PresstimeError
from presstime.models import Leader
from presstime.settings import Settings
from scheduler.leading import is_gone
from scheduler.runtime import Runtime

log = logging.getLogger("presstime.keeper")

ROLE = "prune"
NOBODY = ""
LEASE_SECONDS = 300.0  # longer than any single request to the store, with its own retries
RENEW_SECONDS = 15.0
LOOK_EVERY = timedelta(seconds=30)  # how often the keeper asks whether it is time


class PruneUnderWay(PresstimeError):
    def __init__(self, holder: str, since: datetime) -> None:
        super().__init__(
            f"another prune is under way: {holder}, since {since:%Y-%m-%d %H:%M:%S}Z. Wait for its end."
        )


class PruneInterrupted(PresstimeError):
    """The prune was interrupted. What is done is done; the next one goes on with the rest."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the prune was interrupted: {why}. The next one goes on with what is left.")


@dataclass
class Lease:
    """The right to prune. `settled`: when those before were certainly done."""

    sessions: sessionmaker[Session]
    holder: str
    now: datetime
    settled: datetime
    stop: threading.Event | None = None
    renewed: tuple[float, ...] = ()

    def heed(self) -> None:
        """Called between any two things that are done; raises PruneInterrupted."""
        if self.stop is not None and self.stop.is_set():
            raise PruneInterrupted("its process stops")
        clocks = _clocks()
        if self.renewed and max(map(float.__sub__, clocks, self.renewed)) < RENEW_SECONDS:
            return
        with self.sessions.begin() as session:
            kept = session.execute(
                update(Leader)
                .where(Leader.role == ROLE, Leader.holder == self.holder)
                .values(lease_until=database_now(LEASE_SECONDS))
            )
        if not rows_changed(kept):
            raise PruneInterrupted("it stood still for too long, and another one began")
        self.renewed = clocks


def _clocks() -> tuple[float, ...]:
    """Two, because while a laptop sleeps one of them stands still."""
    return time.monotonic(), time.time()


def keep_of(settings: Settings) -> Keep:
    return Keep(
        settings.keep_frames_days,
        settings.keep_events_days,
        settings.keep_runs_days,
        settings.keep_runs_count,
    )


def run_prune(
    runtime: Runtime,
    *,
    dry: bool = False,
    stop: threading.Event | None = None,
    tell: Tell = nobody_listens,
) -> Tally:
    """Prune now, or count what would go. Raises PruneUnderWay, PruneInterrupted."""
    keep = keep_of(runtime.settings)
    if dry:
        with reading(runtime.sessions) as session:
            now = clock(session)
        return prune(runtime.sessions, runtime.artifacts, keep, now, dry=True, tell=tell)
    with holding(runtime.sessions, stop) as lease:
        return prune(
            runtime.sessions,
            runtime.artifacts,
            keep,
            lease.now,
            settled=lease.settled,
            tell=tell,
            heed=lease.heed,
        )


@contextmanager
def holding(sessions: sessionmaker[Session], stop: threading.Event | None = None) -> Iterator[Lease]:
    """Alone; raises PruneUnderWay. The row then says when this one began, and when it was done."""
    holder = f"prune-{uuid4().hex[:8]}-{os.getpid()}@{platform.node()}"
    with sessions.begin() as session:
        row = leader_row(session)
        now = clock(session)
        if row.holder != NOBODY and row.lease_until > now and not is_gone(row.holder):
            raise PruneUnderWay(row.holder, row.since)
        lease = Lease(sessions, holder, now, settled=min(row.lease_until, now), stop=stop)
        row.holder, row.since = holder, now
        row.lease_until = now + timedelta(seconds=LEASE_SECONDS)
    try:
        yield lease
    finally:
        with sessions.begin() as session:
            session.execute(
                update(Leader)
                .where(Leader.role == ROLE, Leader.holder == holder)
                .values(holder=NOBODY, lease_until=database_now())
            )


def leader_row(session: Session) -> Leader:
    """The row, locked; made as if a prune had ended just now, so that the first one waits for its hour."""
    session.execute(
        insert_or_ignore(session, Leader).values(
            role=ROLE, holder=NOBODY, lease_until=database_now(), since=database_now()
        )
    )
    return session.scalars(select(Leader).where(Leader.role == ROLE).with_for_update()).one()


def last_hour(at: str, now: datetime) -> datetime | None:
    """The newest instant at which the clock showed `at` (HH:MM, in UTC); None: never."""
    if not at:
        return None
    hour, minute = map(int, at.split(":"))
    today = now.astimezone(UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


class DailyPrune:
    """The prune of each day: the keeper that leads starts it, and a thread of its own does the work."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._look_at = datetime.min.replace(tzinfo=UTC)

    def look(self, now: datetime) -> bool:
        """Begin if it is time; True when it began. One that was missed comes now. Asks SQL only now and then."""
        if now < self._look_at or (self._thread is not None and self._thread.is_alive()):
            return False
        self._look_at = now + LOOK_EVERY
        if not self._due(now):
            return False
        self._thread = threading.Thread(target=self._prune, name="prune", daemon=True)
        self._thread.start()
        return True

    def close(self, seconds: float = 5.0) -> None:
        """Interrupt what is under way, and wait for it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def _due(self, now: datetime) -> bool:
        """Whether nobody has begun since the hour last came."""
        hour = last_hour(self._runtime.settings.prune_at, now)
        if hour is None:
            return False
        with reading(self._runtime.sessions) as session:
            since = session.scalar(select(Leader.since).where(Leader.role == ROLE))
        if since is None:
            with self._runtime.sessions.begin() as session:
                since = leader_row(session).since
        return since < hour

    def _prune(self) -> None:
        log.info("the daily prune begins")
        try:
            tally = self._carry_out()
        except (PresstimeError, DBAPIError, OSError) as error:
            log.warning("the daily prune did not come to its end: %s", str(error).splitlines()[0])
        except Exception:  # a mistake here must not keep the keeper from its other work
            log.exception("the daily prune did not come to its end")
        else:
            said = ", ".join(f"{count:,} {kind}" for kind, count in sorted(tally.counts.items()))
            log.info("the daily prune removed %s", said or "nothing: nothing is old enough")

    def _carry_out(self) -> Tally:
        # Durable: after a power cut no row may come back whose objects are gone.
        runtime = Runtime.open(self._runtime.settings, durable=True)
        try:
            return run_prune(runtime, stop=self._stop)
        finally:
            runtime.engine.dispose()

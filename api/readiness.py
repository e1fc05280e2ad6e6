"""Asks whether the parts that serving rests on answer, each within a time limit. One that hangs hangs nobody."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from uuid import uuid4

from celery import Celery
from sqlalchemy import Engine

from presstime.artifacts import Artifacts, ArtifactsUnavailable
from presstime.migrations import DatabaseForeign, DatabaseOutdated, ensure_current
from scheduler.broker import ping_broker

log = logging.getLogger("presstime.api")

LIMIT = 3.0  # seconds for all parts together
BROKER_WAIT = 1.0  # seconds for each of the two times that a broker is tried
# Said to anybody who asks, so without addresses: those are in the log.
REASONS: Mapping[type[Exception], str] = {
    DatabaseOutdated: "its tables are of another version; run: presstime migrate",
    DatabaseForeign: "its tables are not of this Presstime",
}

Check = Callable[[], None]  # passes, or raises


@dataclass(frozen=True)
class Outcome:
    """`reason` says why the part is not ready."""

    ready: bool
    reason: str | None = None


class Probe:
    """One check in a thread of its own, never twice at once: a hung one is waited for, not repeated."""

    def __init__(self, name: str, check: Check) -> None:
        self._name = name
        self._check = check
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"ready-{name}")
        self._running: Future[None] | None = None

    async def outcome(self, seconds: float) -> Outcome:
        if self._running is None or self._running.done():
            self._running = self._pool.submit(self._check)
        try:
            await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._running)), seconds)
        except TimeoutError:
            return self._failed(f"no answer within {seconds:g} s", f"no answer within {seconds:g} s")
        except Exception as error:  # noqa: BLE001 # whatever is wrong with a part, the others are told too
            return self._failed(REASONS.get(type(error), "refused, or cannot be reached"), str(error))
        return Outcome(ready=True)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _failed(self, reason: str, text: str) -> Outcome:
        log.warning("not ready: %s: %s", self._name, (text.splitlines() or [""])[0])
        return Outcome(ready=False, reason=reason)


class Readiness:
    """Every probe of this process."""

    def __init__(self, engine: Engine, broker: Celery, artifacts: Artifacts) -> None:
        readers = engine.execution_options(sqlite_begin="DEFERRED")  # waits for no writer
        self._probes = {
            name: Probe(name, check)
            for name, check in (
                ("database", lambda: ensure_current(readers, create=False)),
                ("broker", lambda: ping_broker(broker, BROKER_WAIT)),
                ("artifacts", lambda: check_artifacts(artifacts)),
            )
        }

    async def outcomes(self) -> dict[str, Outcome]:
        found = await asyncio.gather(*(probe.outcome(LIMIT) for probe in self._probes.values()))
        return dict(zip(self._probes, found, strict=True))

    def close(self) -> None:
        for probe in self._probes.values():
            probe.close()


def check_artifacts(artifacts: Artifacts) -> None:
    """Write a small object, read it back, remove it. Raises ArtifactsUnavailable."""
    key = f"health/{uuid4().hex}"
    body = key.encode()
    try:
        with artifacts.draft(key) as path:
            path.write_bytes(body)
        if artifacts.read(key) != body:
            raise ArtifactsUnavailable(artifacts.url, "does not give back what was written")
    finally:
        artifacts.delete(key)

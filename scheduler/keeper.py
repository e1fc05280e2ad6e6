"""Looks, once a second, for what the fast path left undone, and puts it right. Several may run; one acts."""

import logging
import threading
import time
from datetime import datetime, timedelta
from uuid import UUID

from celery import Celery
from sqlalchemy.exc import DBAPIError

from pipelines.schedules.sync import sync
from presstime.clock import utc_now
from presstime.database import reading
from scheduler import repairs
from scheduler.broker import BROKER_AWAY, BrokerMemory, waiting_messages
from scheduler.canvas import read_stage
from scheduler.deadlines import judge_deadlines
from scheduler.heartbeats import beat, process_name
from scheduler.leading import Leadership
from scheduler.outbox import Publisher
from scheduler.projection import Projection, ProjectionThread
from scheduler.pruning import DailyPrune
from scheduler.renewer import RENEWALS_PER_LEASE
from scheduler.repairs import Hands
from scheduler.runtime import Runtime, runtime_of
from scheduler.tasks import fire_schedules

log = logging.getLogger("presstime.keeper")

SYNC_EVERY = timedelta(seconds=2)  # pipelines' files may change at any time


class Gap:
    """Notices a stretch of time in which no lease could be renewed: a laptop slept, the database was away."""

    def __init__(self, lease_seconds: float) -> None:
        self._lease_seconds = lease_seconds
        self.patience = lease_seconds * 2 / RENEWALS_PER_LEASE
        self._last: tuple[datetime, float] | None = None
        self._patient_until = 0.0

    def looked(self, now: datetime, monotonic: float) -> bool:
        """Note a look, by the database's clock and this process's; True when it came after such a stretch."""
        last, self._last = self._last, (now, monotonic)
        if last is None:
            return False
        passed = max((now - last[0]).total_seconds(), monotonic - last[1])
        if passed < self._lease_seconds / 2:
            return False
        # Whoever lives is late with renewing, does so at its next look, and has time for a second try.
        self._patient_until = monotonic + self.patience
        return True

    def over(self, monotonic: float) -> bool:
        return monotonic >= self._patient_until


class Keeper:
    """The rounds of a keeper. `since` limits repairs to later runs, and leaves schedules and old results alone."""

    def __init__(self, app: Celery, *, since: datetime | None = None) -> None:
        self._app = app
        self._since = since
        self._runtime = runtime_of(app)
        self._publisher = Publisher(app, self._runtime)
        self._hands = Hands(self._runtime.sessions, self._publisher.publish_enqueued, since)
        self._memory = BrokerMemory(app)
        self._gap = Gap(self._runtime.settings.lease_seconds)
        self._leadership = Leadership("keeper", process_name("keeper"))
        self._prune = DailyPrune(self._runtime)
        self._started = utc_now()
        self._alarms = ProjectionThread(Projection(app, self._runtime.sessions))
        self._synced: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Round after round, until `stop` is set. A failing one is logged, the next tries again."""
        while not stop.wait(self._runtime.settings.keeper_seconds):
            try:
                self.round()
            except (DBAPIError, *BROKER_AWAY) as error:
                log.warning("this round could not be finished: %s", str(error).splitlines()[0])
            except Exception:  # a mistake in one repair must not keep all others from being made
                log.exception("this round could not be finished")
        self._alarms.close()
        self._prune.close()

    def round(self) -> bool:
        """One look at everything; False when another keeper leads."""
        with self._runtime.sessions.begin() as session:
            now = beat(session, self._leadership.name, "keeper", self._started)
            leads = self._leadership.take(session)
        slept = self._gap.looked(now, time.monotonic())
        if not leads:
            return False
        if slept:
            log.warning(
                "nothing could be renewed for a while: nobody is taken to be lost for %g s",
                self._gap.patience,
            )
            repairs.restart_limits(self._hands)
        if self._gap.over(time.monotonic()):
            repairs.fail_overtime(self._hands)
            repairs.requeue_lost(self._hands)
        repairs.fail_overdue(self._hands)
        repairs.advance_joined(self._hands)
        repairs.wake_turned_away(self._hands)
        self._publisher.relay(self._since)
        self._resend()
        if self._since is None:
            self._keep_schedules(self._runtime)
            self._prune.look(now)
        return True

    def _resend(self) -> None:
        try:
            forgotten = self._memory.forgot()
            repairs.resend_unclaimed(
                self._hands, forgotten=forgotten, waits=self._waits, has_code=self._has_code
            )
        except BROKER_AWAY as error:
            log.warning("the broker is away: %s", str(error).splitlines()[0])

    def _waits(self, stage_id: UUID) -> bool:
        """Whether messages stand in the queues of the stage's tasks: then its own may be among them."""
        with reading(self._runtime.sessions) as session:
            queues = {task.queue for branch in read_stage(session, stage_id) for task in branch}
        return any(waiting_messages(self._app, queue) for queue in queues)

    def _has_code(self, pipeline: str, code_version: str) -> bool:
        return self._runtime.pipeline(pipeline, code_version) is not None

    def _keep_schedules(self, runtime: Runtime) -> None:
        now = utc_now()
        if self._synced is None or now - self._synced >= SYNC_EVERY:
            if runtime.registry.refresh() or self._synced is None:
                with runtime.sessions.begin() as session:
                    sync(session, runtime.registry, now)
            self._synced = now
        self._alarms.look()
        fire_schedules(self._app, repairs.late_schedules(runtime.sessions))
        judge_deadlines(runtime.sessions)

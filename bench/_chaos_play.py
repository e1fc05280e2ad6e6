"""The course of one chaos: runs are asked for, blows fall, and when they are over, everything is waited for."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from bench._chaos_asking import Asking
from bench._chaos_fault import Fault
from bench._chaos_faults import Striker
from bench._chaos_ledger import Watch
from bench._chaos_plan import Plan
from bench._chaos_site import Site
from pipelines.runs.states import RUN_FINAL
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import Run, Schedule, Task

POLL = 0.05  # seconds between two looks at the processes
SAMPLE = 0.2  # seconds between two looks at the leases
START_SECONDS = 60.0  # until every worker is there


@dataclass(frozen=True)
class Played:
    faults: list[Fault]
    watch: Watch
    first: datetime  # the schedule decides about instants after this one ...
    last: datetime  # ... up to this one
    calm: float  # seconds from the end of the chaos until everything was final
    asking_retries: int


class _Course:
    """Does at each tick what has to be done all the time."""

    def __init__(self, plan: Plan, site: Site) -> None:
        self.site = site
        self.watch = Watch()
        self.striker = Striker(site, plan.form)
        self._sampled = 0.0

    def until(self, met: Callable[[], bool], seconds: float) -> bool:
        """Whether `met` came true in time."""
        deadline = time.monotonic() + seconds
        while not met():
            if time.monotonic() > deadline:
                return False
            self.tick()
            time.sleep(POLL)
        return True

    def settle(self, seconds: float) -> None:
        """Return once every run is final, or once no task has ended for so long."""
        ended = -1
        while (now := _ended(self.site)) is not None and now != ended:
            ended = now
            self.until(lambda: _ended(self.site) is None, seconds)

    def tick(self) -> None:
        self.site.tend()
        self.striker.tick()
        if not self.site.broker_alive():
            self.site.kill_broker()  # what is left of it
            self.site.start_broker()
        if time.monotonic() - self._sampled >= SAMPLE:
            self._sampled = time.monotonic()
            self.watch.sample(self.site)


def play(plan: Plan, site: Site) -> Played:
    course = _Course(plan, site)
    first = _cursor(site)
    # A worker that is still starting is nothing to be hit.
    if not course.until(site.ready, START_SECONDS):
        raise site.installation.failed("a worker did not start")
    asking = Asking(site.runtime, plan.asks())
    try:
        began = time.monotonic()
        for blow in plan.blows():
            course.until(lambda at=blow.at: time.monotonic() - began >= at, plan.seconds)  # type: ignore[misc] # a default binds it
            course.tick()  # late for the next blow or not
            course.striker.strike(blow)
        patience = plan.seconds + plan.form.patience
        course.until(lambda: asking.done and not course.striker.busy, patience)
        over, calm = utc_now(), time.monotonic()
        paused: list[datetime] = []
        if not course.until(lambda: _pause(site, over, paused), plan.form.patience):
            raise site.installation.failed("the schedule's instants were not decided")
        course.settle(plan.form.patience)
        took = time.monotonic() - calm
    finally:
        asking.close()
    return Played(course.striker.faults, course.watch, first, paused[0], took, asking.retries)


def _pause(site: Site, over: datetime, paused: list[datetime]) -> bool:
    """Let the schedule rest once everything due in the chaos has been decided; up to when, is appended."""
    try:
        with site.runtime.sessions.begin() as session:
            schedule = session.scalars(
                select(Schedule).where(Schedule.pipeline == "chaos").with_for_update()
            ).one()
            decided = schedule.next_at is None or schedule.next_at > over
            if decided:
                schedule.paused_at = utc_now()
                paused[:] = [schedule.cursor]
            return decided
    except DBAPIError:
        return False


def _cursor(site: Site) -> datetime:
    with reading(site.runtime.sessions) as session:
        return session.scalars(select(Schedule.cursor).where(Schedule.pipeline == "chaos")).one()


def _ended(site: Site) -> int | None:
    """How many tasks have ended; None once every run is final."""
    try:
        with reading(site.runtime.sessions) as session:
            unfinished = select(func.count()).select_from(Run).where(Run.state.not_in(RUN_FINAL))
            if session.scalar(unfinished) == 0:
                return None
            return session.scalar(select(func.count()).where(Task.finished_at.is_not(None))) or 0
    except DBAPIError:
        return 0

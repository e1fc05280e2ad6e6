"""One schedule in the simulated world: who rings it, what becomes of the messages, when its runs end."""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

from bench._clockwork_agenda import Agenda
from bench._clockwork_facts import Deployed, Ended, Fact, Paused, Rang, Resumed
from bench._clockwork_plan import ENDINGS, Moved, Plan
from bench._clockwork_site import Site
from bench._clockwork_weather import KEEPER, REDIS, Weather
from pipelines.timetables.kinds import Schedule as Declared
from scheduler.repairs import ALARM_GRACE

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0  # seconds
# Shares of all messages, or of all alarms that are served.
LOST, TWICE, REPLAYED, KILLED = 0.03, 0.06, 0.04, 0.01
SLOW, STUCK = 0.08, 0.02  # messages that wait for minutes, or for hours
STALE, VERY_STALE = 0.05, 0.01  # served by a process that had looked at the clock long before


class Life:
    """What happened is in `facts`. `counts` are those of the whole world."""

    def __init__(  # noqa: PLR0917 # the parts of the world
        self, plan: Plan, agenda: Agenda, weather: Weather, site: Site, chance: Random, counts: Counter[str]
    ) -> None:
        self.plan, self.facts = plan, list[Fact]()
        self._agenda, self._weather, self._site = agenda, weather, site
        self._chance, self._counts = chance, counts
        self._exists = False
        self._look = 0  # the keeper's next one, so that an earlier wish for one is forgotten
        self._rang: datetime | None = None
        self._ends: dict[UUID, datetime] = {}
        for moved in plan.moves:
            agenda.at(moved.at, partial(self._move, moved))

    def deployed(self, at: datetime, declared: Declared | None) -> None:
        row = self._site.row(self.plan.name)
        self.facts.append(Deployed(at, declared, row.cursor))
        self._exists = declared is not None
        self._expect_keeper(at, row.next_at if row.removed_at is None else None)

    def send(self, at: datetime) -> None:
        """A message that beat put into its queue: it comes, late or twice, or never."""
        chance = self._chance
        if chance.random() < LOST:
            self._counts["lost"] += 1
            return
        self._carry(at, at + self._seconds(0.05, 3))
        if chance.random() < TWICE:
            self._carry(at, at + self._seconds(0, 10 * MINUTE), again=True)
        if chance.random() < REPLAYED:
            self._carry(at, at + self._seconds(HOUR, 30 * DAY), again=True)

    def _carry(self, sent: datetime, due: datetime, *, again: bool = False) -> None:
        fate = self._chance.random()
        if fate < SLOW:
            due += self._seconds(0, 20 * MINUTE)
        elif fate < SLOW + STUCK:
            due += self._seconds(HOUR, 2 * DAY)
        moment = self._weather.ready(due, REDIS)
        if self._weather.forgot(sent, moment):
            self._counts["lost"] += 1
            return
        self._agenda.at(moment, lambda at: self._deliver(at, again=again))

    def _deliver(self, at: datetime, *, again: bool) -> None:
        self._counts["replays" if again else "rings by beat"] += 1
        fate, now = self._chance.random(), at
        if fate < STALE:
            now -= self._seconds(0, 10 * MINUTE)
        elif fate < STALE + VERY_STALE:
            now -= self._seconds(0, 5 * HOUR)
        self._ring(at, now)

    def _ring(self, at: datetime, now: datetime) -> None:
        self._end_runs(at)
        killed = self._chance.random() < KILLED
        due = self._site.fire(self.plan.name, now, killed=killed)
        if killed:
            self._counts["killed"] += 1
            self._agenda.at(at + self._seconds(0, 10 * MINUTE), lambda at: self._ring(at, at))
        else:
            self._rang = at
            self.facts.append(Rang(at, now))
        self._expect_keeper(at, due)

    def _expect_keeper(self, at: datetime, due: datetime | None) -> None:
        """It looks each second, and waits a little for beat."""
        self._look += 1
        look = self._look
        if due is not None:
            late = max(due + timedelta(seconds=ALARM_GRACE), at) + self._seconds(0.05, 1)
            self._agenda.at(self._weather.ready(late, KEEPER), lambda at: self._keep(at, look))

    def _keep(self, at: datetime, look: int) -> None:
        if look == self._look:
            self._counts["rings by the keeper"] += 1
            self._ring(at, at)

    def _move(self, moved: Moved, at: datetime) -> None:
        if not self._exists:
            return
        if not moved.pauses:
            taken = self._site.resume(self.plan.name, at)
            self.facts.append(Resumed(at, refused=not taken))
        elif moved.until is None or moved.until > at:
            self._site.pause(self.plan.name, at, moved.until)
            self.facts.append(Paused(at, moved.until))

    def _end_runs(self, at: datetime) -> None:
        """Those whose time has come, at the latest when somebody could notice: before the next alarm."""
        found = self._site.unfinished(self.plan.name)
        ends: dict[UUID, datetime] = {}
        for run, _ in found:
            began = self._rang or at
            length = self.plan.run_length * self._chance.expovariate(1)
            ends[run] = self._ends.get(run) or began + length
        self._ends = ends
        over = [(run, instant, self._chance.choice(ENDINGS)) for run, instant in found if ends[run] <= at]
        if over:
            self._site.end([(run, state) for run, _, state in over])
            self.facts += [Ended(at, instant, state) for _, instant, state in over]

    def _seconds(self, least: float, most: float) -> timedelta:
        return timedelta(seconds=self._chance.uniform(least, most))

"""RedBeat's entry of one schedule, in a Redis that may lose it, and two beats that look at it.

The alarm is the real one with another clock; the steps around it are RedBeat's own, which are worse than ours: it
notes the time of a ring before it sends the message, and an entry that is written anew keeps that of its last ring.
"""

from collections import Counter
from datetime import datetime, timedelta
from random import Random

from celery import Celery

from bench._clockwork_agenda import Agenda
from bench._clockwork_life import Life
from bench._clockwork_site import Site
from bench._clockwork_weather import BEATS, KEEPER, REDIS, Weather
from pipelines.schedules.stored import timetable_of
from scheduler.redbeat import Alarm

PROJECTED = timedelta(seconds=5)  # within which the keeper writes what was changed, or was lost
AT_ONCE = timedelta(seconds=2)  # within which the second beat may have read what the first one changed
BOTH = 0.3  # how often it has


class Entry:
    def __init__(  # noqa: PLR0917 # the parts of the world
        self, life: Life, agenda: Agenda, weather: Weather, site: Site, chance: Random, counts: Counter[str]
    ) -> None:
        self._life, self._agenda, self._weather, self._site = life, agenda, weather, site
        self._chance, self._counts = chance, counts
        self._app = Celery(set_as_current=False)
        self._alarm: Alarm | None = None
        self._last = agenda.now
        self._turn = 0

    def stale(self, at: datetime) -> None:
        """The row was changed: the keeper writes the entry anew, once it and Redis are up."""
        moment = self._weather.ready(at, KEEPER, REDIS) + PROJECTED * self._chance.random()
        self._agenda.at(self._weather.ready(moment, KEEPER, REDIS), self._project)

    def forget(self, at: datetime) -> None:
        self._alarm = None
        self._turn += 1
        self.stale(at)

    def _project(self, at: datetime) -> None:
        row = self._site.row(self._life.plan.name)
        if row.removed_at is not None:
            self._alarm = None
            self._turn += 1
            return
        offset = timetable_of(row).offset.total_seconds()
        alarm = Alarm(row.spec, row.timezone, offset, row.version, self._app, lambda: self._agenda.now)
        decided = row.cursor + timedelta(seconds=alarm.jitter)
        if self._alarm is None:
            self._last = decided
        self._alarm = alarm
        self._await(alarm, decided, at)

    def _await(self, alarm: Alarm, last: datetime, at: datetime) -> None:
        """Both beats look at it when it is due by RedBeat's score."""
        self._turn += 1
        remaining = alarm.remaining_estimate(last)
        if remaining is not None:
            for beat in BEATS:
                self._expect(beat, max(last + remaining, at), self._turn)

    def _expect(self, beat: str, due: datetime, turn: int) -> None:
        moment = due + timedelta(seconds=self._chance.uniform(0.01, 1))
        self._agenda.at(self._weather.ready(moment, beat, REDIS), lambda at: self._look(at, beat, turn))

    def _look(self, at: datetime, beat: str, turn: int) -> None:
        alarm = self._alarm
        if alarm is None:
            return
        if turn != self._turn:
            if at - self._last < AT_ONCE and self._chance.random() < BOTH:
                self._counts["rings by both beats"] += 1
                self._life.send(at)
            return
        due, seconds = alarm.is_due(self._last)
        if due:
            self._last = at
            self._await(alarm, at, at)
            self._life.send(at)
        else:
            self._expect(beat, at + timedelta(seconds=seconds), turn)

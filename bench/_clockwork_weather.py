"""When the parts of the simulated world are down, and when one that is wanted is there again. Seeded."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

BEATS = ("beat one", "beat two")
REDIS, KEEPER = "redis", "keeper"
PARTS = (*BEATS, REDIS, KEEPER)

SHORTEST_HOURS, LONGEST_HOURS = 0.5, 24.0 * 16
FORGETFUL = 0.5  # how often a Redis that comes back has lost what it held
CALM = timedelta(hours=2)  # at the end everything is up, so that the last instants are decided too

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Weather:
    """`down` has for each part its stretches without it, in order; `forgets`, when Redis lost its memory."""

    down: Mapping[str, Sequence[Stretch]]
    forgets: Sequence[datetime]

    def ready(self, moment: datetime, *parts: str, lasting: timedelta = timedelta()) -> datetime:
        """The first moment from then on at which all of the parts are up, and stay so for a while."""
        while (back := self._back(moment, parts, lasting)) is not None:
            moment = back
        return moment

    def forgot(self, after: datetime, until: datetime) -> bool:
        return bisect_right(self.forgets, after) < bisect_right(self.forgets, until)

    def _back(self, moment: datetime, parts: Sequence[str], lasting: timedelta) -> datetime | None:
        for part in parts:
            stretches = self.down[part]
            begun = bisect_right(stretches, moment + lasting, key=lambda stretch: stretch[0])
            if begun and (back := stretches[begun - 1][1]) > moment:
                return back
        return None


def weather_of(seed: int, begin: datetime, end: datetime, up_days: float) -> Weather:
    """Each part is down for hours to weeks, again and again, and up for about `up_days` in between."""
    down = {part: _stretches(Random(f"{seed}/{part}"), begin, end - CALM, up_days) for part in PARTS}
    chance = Random(f"{seed}/memory")
    forgets = [back for _, back in down[REDIS] if chance.random() < FORGETFUL]
    # FLUSHALL, or a restart too short to be noticed otherwise.
    count = int((end - begin) / timedelta(days=3 * up_days))
    forgets += [begin + (end - CALM - begin) * chance.random() for _ in range(count)]
    return Weather(down, sorted(forgets))


def downtime(weather: Weather) -> dict[str, timedelta]:
    return {
        part: sum((back - gone for gone, back in found), timedelta()) for part, found in weather.down.items()
    }


def silences(weather: Weather) -> int:
    """How often nothing could ring: both beats or Redis down, and the keeper too."""
    moments = sorted(gone for found in weather.down.values() for gone, _ in found)
    return sum(not any(_up(weather, moment, *way) for way in _ways()) for moment in moments)


def _ways() -> list[tuple[str, ...]]:
    return [(KEEPER,), *((beat, REDIS) for beat in BEATS)]


def _up(weather: Weather, moment: datetime, *parts: str) -> bool:
    return weather.ready(moment, *parts) == moment


def _stretches(chance: Random, begin: datetime, end: datetime, up_days: float) -> list[Stretch]:
    found = []
    moment = begin + timedelta(days=chance.expovariate(1 / up_days))
    while moment < end:
        hours = SHORTEST_HOURS * (LONGEST_HOURS / SHORTEST_HOURS) ** chance.random()
        back = min(moment + timedelta(hours=hours), end)
        found.append((moment, back))
        moment = back + timedelta(days=chance.expovariate(1 / up_days))
    return found


def within(moments: Sequence[datetime], begin: datetime, end: datetime) -> Sequence[datetime]:
    """Those of the sorted moments with `begin <= moment < end`."""
    return moments[bisect_left(moments, begin) : bisect_left(moments, end)]

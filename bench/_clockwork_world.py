"""The simulated world: some schedules, everything that rings them, and a clock that jumps through the years."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from bench._clockwork_agenda import Agenda
from bench._clockwork_beat import Entry
from bench._clockwork_life import Life
from bench._clockwork_plan import Form, deployments, plan_of
from bench._clockwork_site import Site
from bench._clockwork_weather import KEEPER, Weather, weather_of
from pipelines.timetables.kinds import Schedule as Declared


@dataclass(frozen=True)
class Lived:
    """What is left at the end, for the judge."""

    site: Site
    weather: Weather
    lives: Sequence[Life]
    counts: Counter[str]
    end: datetime


def live(form: Form, seed: int, numbers: Sequence[int], folder: Path) -> Lived:
    """Let the schedules of those numbers live from the beginning to the end, in an empty folder."""
    world = _World(form, seed, numbers, Site(folder))
    world.agenda.run(form.end)
    return Lived(world.site, world.weather, world.lives, world.counts, form.end)


class _World:
    def __init__(self, form: Form, seed: int, numbers: Sequence[int], site: Site) -> None:
        self.site, self.counts = site, Counter[str]()
        self.agenda = Agenda(form.begin)
        self.weather = weather_of(seed, form.begin, form.end, form.up_days)
        deployed = deployments(form, seed)
        plans = [plan_of(form, seed, number, deployed) for number in numbers]
        self.lives, self._entries = list[Life](), dict[str, Entry]()
        for plan in plans:
            chance = Random(f"{seed}/{plan.name}/world")
            life = Life(plan, self.agenda, self.weather, site, chance, self.counts)
            self.lives.append(life)
            self._entries[plan.name] = Entry(life, self.agenda, self.weather, site, chance, self.counts)
        self._declared: dict[str, Declared] = {}
        changes: dict[datetime, list[tuple[Life, Declared | None]]] = defaultdict(list)
        for life in self.lives:
            for moment, declared in life.plan.versions:
                changes[moment].append((life, declared))
        for moment in sorted(changes):
            self._plan_deployment(moment, changes[moment])
        for moment in self.weather.forgets:
            self.agenda.at(moment, self._forget)

    def _plan_deployment(self, moment: datetime, changed: Sequence[tuple[Life, Declared | None]]) -> None:
        """The keeper reads the files of pipelines, once it is up."""
        self.agenda.at(self.weather.ready(moment, KEEPER), lambda at: self._deploy(at, changed))

    def _deploy(self, at: datetime, changed: Sequence[tuple[Life, Declared | None]]) -> None:
        for life, declared in changed:
            if declared is None:
                self._declared.pop(life.plan.name, None)
            else:
                self._declared[life.plan.name] = declared
        self.site.deploy(self._declared, at)
        for life, declared in changed:
            life.deployed(at, declared)
            self._entries[life.plan.name].stale(at)

    def _forget(self, at: datetime) -> None:
        for life in self.lives:
            if life.facts:  # it has a row
                self._entries[life.plan.name].forget(at)

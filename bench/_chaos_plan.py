"""What the chaos does and when: all of it follows from a seed and the form. Knows no process."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

CHILD_KILL, WORKER_KILL = "child killed", "worker killed"
CHILD_STOP, WORKER_STOP = "child stopped", "worker stopped"
BROKER_KILL, CUT, FLUSH = "Valkey killed", "connections cut", "FLUSHALL"
ALARMS_GONE = "alarms deleted"
BEAT_KILL, KEEPER_KILL = "beat killed", "keeper killed"
DATABASE = "database away"

KINDS = (
    CHILD_KILL,
    WORKER_KILL,
    CHILD_STOP,
    WORKER_STOP,
    BROKER_KILL,
    CUT,
    FLUSH,
    ALARMS_GONE,
    BEAT_KILL,
    KEEPER_KILL,
    DATABASE,
)


@dataclass(frozen=True)
class Form:
    """Quick or full. Times in seconds; settings that are not named keep their defaults."""

    name: str
    runs: int
    seconds: float  # of chaos, for that many runs
    workers: int
    every: int  # between two instants of the schedule
    lease: float
    stopped: float  # how long a stopped process stands still: longer than its lease
    locked: float  # how long SQLite is locked
    database_down: float  # how long PostgreSQL is stopped
    patience: float  # after the chaos: so long without the end of any task, and what is left is stuck
    recovery: float  # `--check`: the longest that what was hit may stand still
    counts: Mapping[str, int]
    settings: Mapping[str, str]


FULL = Form(
    name="full",
    runs=300,
    seconds=660,
    workers=3,
    every=20,
    lease=15,
    stopped=20,
    locked=40,
    database_down=10,
    patience=90,
    recovery=30,
    counts={
        CHILD_KILL: 55,
        WORKER_KILL: 27,
        CHILD_STOP: 10,
        WORKER_STOP: 5,
        BROKER_KILL: 16,
        CUT: 8,
        FLUSH: 6,
        ALARMS_GONE: 5,
        BEAT_KILL: 5,
        KEEPER_KILL: 5,
        DATABASE: 2,
    },
    settings={},
)
QUICK = Form(
    name="quick",
    runs=20,
    seconds=15,
    workers=2,
    every=8,
    lease=4,
    stopped=6,
    locked=5,
    database_down=3,
    patience=30,
    recovery=45,  # its faults follow each other so quickly that most of what is hit is hit again
    counts={**dict.fromkeys(KINDS, 1), CHILD_KILL: 3},
    settings={"PRESSTIME_LEASE_SECONDS": "4", "PRESSTIME_KEEPER_SECONDS": "0.3"},
)
ROOM = 1.15  # seconds from one fault to the next, at least, however few the runs
# `--check`: so many of them have to strike something in the full form.
LEAST = {CHILD_KILL: 50, WORKER_KILL: 25, BROKER_KILL: 15, FLUSH: 5}


@dataclass(frozen=True)
class Blow:
    """One fault to come: `at` seconds after the start, and `dice` for what it chooses."""

    at: float
    kind: str
    dice: random.Random


@dataclass(frozen=True)
class Plan:
    form: Form
    seed: int
    runs: int

    @property
    def seconds(self) -> float:
        return max(self.form.seconds * self.runs / self.form.runs, ROOM * len(list(self._kinds())))

    def asks(self) -> list[float]:
        """When each run is asked for, in seconds after the start."""
        dice = random.Random(f"asks/{self.seed}")
        return sorted(dice.uniform(0, self.seconds * 0.97) for _ in range(self.runs))

    def blows(self) -> list[Blow]:
        """The faults in the order of their times, and no two at once."""
        dice = random.Random(f"blows/{self.seed}")
        kinds = list(self._kinds())
        dice.shuffle(kinds)
        room = self.seconds / len(kinds)
        return [
            Blow((place + dice.uniform(0.1, 0.9)) * room, kind, random.Random(dice.random()))
            for place, kind in enumerate(kinds)
        ]

    def _kinds(self) -> Iterator[str]:
        """At least one of each kind, however few the runs."""
        for kind, count in self.form.counts.items():
            yield from [kind] * max(1, round(count * self.runs / self.form.runs))

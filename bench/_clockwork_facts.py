"""What happened to one schedule in the simulated world, in order: all that the oracle is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from pipelines.timetables.kinds import Schedule as Declared
from presstime.models import RunState


@dataclass(frozen=True)
class Deployed:
    """The code was read, and said this about the schedule; nothing: it is gone from it.

    `cursor` is up to where the product then takes its instants to be settled.
    """

    at: datetime
    declared: Declared | None
    cursor: datetime


@dataclass(frozen=True)
class Paused:
    at: datetime
    until: datetime | None


@dataclass(frozen=True)
class Resumed:
    at: datetime
    refused: bool  # it was not paused


@dataclass(frozen=True)
class Rang:
    """An alarm was served and committed at `at`, by a process that had looked at the clock at `now`."""

    at: datetime
    now: datetime


@dataclass(frozen=True)
class Ended:
    """The run for this instant became final by itself."""

    at: datetime
    instant: datetime
    state: RunState


Fact: TypeAlias = Deployed | Paused | Resumed | Rang | Ended

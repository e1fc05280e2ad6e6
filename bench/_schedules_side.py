"""What is compared: somebody who keeps very many schedules and rings those that are due."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import ClassVar

from celery import Celery
from redbeat.schedulers import RedBeatScheduler, ensure_conf, get_redis

from bench._installation import Installation

HOURS_AHEAD, HOURS = 6, 12  # within which nobody is due while this measures, and over which all are spread


class Side(ABC):
    """On a Valkey of its own. Processes that it starts are ended by the installation."""

    name: ClassVar[str]
    app: Celery

    def __init__(self, installation: Installation) -> None:
        self.installation = installation

    @abstractmethod
    def load(self, size: int) -> float:
        """Write so many entries for RedBeat; the seconds that this takes."""

    @abstractmethod
    def scheduler(self) -> RedBeatScheduler: ...

    @abstractmethod
    def make_due(self, keys: list[str]) -> None: ...

    @abstractmethod
    def start_beat(self) -> int:
        """The process id of a beat that has begun to tick."""

    @abstractmethod
    def start_worker(self) -> int:
        """Its process id."""

    @abstractmethod
    def ring_at(self, instant: datetime, together: int) -> list[float]:
        """Have so many more due at the instant; the seconds from it until each of them was seen."""

    @abstractmethod
    def finish(self) -> None:
        """Return once nothing runs of what was due, so that it holds up nothing of the next instant."""

    @abstractmethod
    def close(self) -> None: ...

    def keys(self, count: int) -> list[str]:
        found: list[str] = get_redis(self.app).zrange(ensure_conf(self.app).schedule_key, 0, count - 1)
        return found


def lines(size: int) -> Iterator[str]:
    """A cron line for each schedule: daily, at some minute of the afternoon, as seen from now."""
    hour = datetime.now(UTC).hour
    for number in range(size):
        yield f"{number % 60} {(hour + HOURS_AHEAD + number // 60 % HOURS) % 24} * * *"


def sleep_until(instant: datetime) -> None:
    time.sleep(max(0.0, instant.timestamp() - time.time()))

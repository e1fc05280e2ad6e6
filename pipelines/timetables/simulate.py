"""Simulates a schedule: its next instants in local time, their intervals and oddities. Pure time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from pipelines.interval import Interval, Period, interval_for
from pipelines.timetables.describe import oddities
from pipelines.timetables.occurrences import Occurrence, Timetable

MOST_LEFT_OUT = (
    1_000  # instants that are told although a calendar leaves them out: it may leave out all of them
)


@dataclass(frozen=True)
class Planned:
    """One instant: when by the schedule's own clock, on which period its run would report, what is odd."""

    local: datetime  # aware, in the schedule's zone
    fires: bool
    interval: Interval | None
    oddities: tuple[str, ...]


def simulate(
    timetable: Timetable, after: datetime, count: int, period: Period | None = None
) -> Iterator[Planned]:
    """The `count` instants that follow `after`; those that a calendar leaves out are told, and not counted.

    `period` is the pipeline's, and `timetable.zone` its zone: they say on what a run of each instant reports.
    """
    for occurrence in islice(timetable.following(after), count + MOST_LEFT_OUT):
        yield _planned(timetable, occurrence, period)
        count -= occurrence.fires
        if count == 0:
            return


def _planned(timetable: Timetable, occurrence: Occurrence, period: Period | None) -> Planned:
    local = occurrence.instant.astimezone(timetable.tz)
    interval = interval_for(period, timetable.zone, occurrence.instant) if period else None
    return Planned(local, occurrence.fires, interval, tuple(oddities(timetable, occurrence)))

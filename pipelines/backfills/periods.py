"""The periods that lie in a stretch of the past, and the instant of each one's run. Pure time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pipelines.interval import BadInterval, Interval, Period, bounds, interval_containing, interval_for
from pipelines.timetables.occurrences import Timetable
from presstime.errors import PresstimeError

MOST = 10_000  # periods of one backfill


class BadStretch(PresstimeError):
    """There is nothing to make runs of."""


@dataclass(frozen=True)
class Slot:
    """A period, and the instant at which its run would have been made."""

    interval: Interval
    as_of: datetime


def stretch(first: str, last: str, zone: str) -> tuple[datetime, datetime]:
    """Return the start of what `first` names and the end of what `last` names. Raises BadStretch."""
    try:
        start, end = bounds(first, zone)[0], bounds(last, zone)[1]
    except BadInterval as error:
        raise BadStretch(str(error)) from error
    if end <= start:
        raise BadStretch(f"{last} ends before {first} starts; there is no period between them")
    return start, end


def slots(
    within: tuple[datetime, datetime], now: datetime, period: Period, zone: str, timetable: Timetable | None
) -> list[Slot]:
    """The whole periods in a stretch that are over, oldest first. Raises BadStretch.

    With a timetable, those that its instants report on alone: its closed days have none.
    """
    start, end = within
    every = _scheduled(timetable, start, period, zone) if timetable else _all(start, period, zone)
    chosen = []
    for slot in every:
        if slot.interval.end > end or slot.interval.end > now or slot.as_of > now:
            break
        if slot.interval.start >= start:
            chosen.append(slot)
        if len(chosen) > MOST:
            raise BadStretch(f"that is more than {MOST:,} periods; take them in several parts")
    if not chosen:
        raise BadStretch(f"no whole {period} that is over lies in that stretch")
    return chosen


def _all(start: datetime, period: Period, zone: str) -> Iterator[Slot]:
    interval = interval_containing(period, zone, start)
    while True:
        yield Slot(interval, interval.end)
        interval = interval_containing(period, zone, interval.end)


def _scheduled(timetable: Timetable, start: datetime, period: Period, zone: str) -> Iterator[Slot]:
    """Each period once, with its first instant."""
    last = None
    for occurrence in timetable.following(start):
        if occurrence.fires and (interval := interval_for(period, zone, occurrence.instant)) != last:
            yield Slot(interval, occurrence.instant)
            last = interval

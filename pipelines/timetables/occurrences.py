"""The instants of a schedule, in order, none twice: its lines, its calendar, its start and end. Pure time."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from pipelines.timetables.calendars import DAY, LONGEST_CLOSED, Calendar
from pipelines.timetables.cron import HORIZON, merged_instants
from pipelines.timetables.kinds import BadSchedule, Cron, Every, Schedule
from pipelines.zones import instant_of, zone_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Occurrence:
    """One instant of a schedule, in UTC.

    `closed` says why its calendar leaves it out, or why it was moved here from `moved_from`.
    """

    instant: datetime
    closed: str | None = None
    moved_from: datetime | None = None

    @property
    def fires(self) -> bool:
        return self.closed is None or self.moved_from is not None


@dataclass(frozen=True)
class Timetable:
    """A schedule and the zone of its pipeline, which it is in unless it has its own.

    `offset` is how long after each instant its alarm rings: its share of the jitter.
    """

    schedule: Schedule
    zone: str
    offset: timedelta = timedelta()

    @property
    def tz(self) -> ZoneInfo:
        return zone_of(self.schedule.timezone or self.zone)

    def occurrences(self, after: datetime, until: datetime) -> Iterator[Occurrence]:
        """Those with `after < instant <= until`, lazily. Raises BadSchedule."""
        for problem in self.schedule.problems():
            raise BadSchedule(self.schedule.name, problem)
        return self._bounded(after.astimezone(UTC), until.astimezone(UTC))

    def next(self, after: datetime) -> Occurrence | None:
        """The first one after `after`; None when there is none within 41 years, so none at all."""
        return next(self.following(after), None)

    def following(self, after: datetime) -> Iterator[Occurrence]:
        """All after `after`, as far as 41 years."""
        return self.occurrences(after, min(after.astimezone(UTC), LAST - HORIZON) + HORIZON)

    def rings(self, after: datetime) -> datetime | None:
        """Return when the alarm rings for the first instant after `after`."""
        occurrence = self.next(after)
        return occurrence.instant + self.offset if occurrence else None

    def deadline(self, instant: datetime) -> datetime | None:
        """Return when the run of an instant has to be finished, in UTC; None when nobody says so."""
        by = self.schedule.by
        if by is None or isinstance(by, timedelta):
            return None if by is None else instant + by
        local = instant.astimezone(self.tz)
        day = local.date() if local.time() < by else local.date() + DAY
        return instant_of(datetime.combine(day, by), self.tz)

    def _bounded(self, after: datetime, until: datetime) -> Iterator[Occurrence]:
        schedule = self.schedule
        if schedule.starts is not None:
            after = max(after, schedule.starts.astimezone(UTC) - MOMENT)
        if schedule.ends is not None:
            until = min(until, schedule.ends.astimezone(UTC) - MOMENT)
        if schedule.calendar is None:
            return (Occurrence(instant) for instant in _nominal(schedule, self.tz, after, until))
        if schedule.calendar.on_closed == "skip":
            return _open_or_left_out(schedule, schedule.calendar, self.tz, after, until)
        return _moved(schedule, schedule.calendar, self.tz, after, until)


def offset_of(key: str, jitter: timedelta | None) -> timedelta:
    """A part of `jitter`, whole milliseconds, always the same for one key: that of a schedule among others."""
    if not jitter:
        return timedelta()
    share = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64
    return timedelta(milliseconds=int(share * (jitter / timedelta(milliseconds=1))))


def _nominal(schedule: Schedule, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """What the lines alone say."""
    if isinstance(schedule, Cron):
        yield from merged_instants(schedule.expressions, zone, after, until)
    elif isinstance(schedule, Every):
        yield from _steps(schedule, after, until)
    elif after < (moment := schedule.at.astimezone(UTC)) <= until:
        yield moment


def _steps(schedule: Every, after: datetime, until: datetime) -> Iterator[datetime]:
    anchor = (schedule.anchor or EPOCH).astimezone(UTC)
    instant = anchor + ((after - anchor) // schedule.interval + 1) * schedule.interval
    while instant <= until:
        yield instant
        instant += schedule.interval


def _open_or_left_out(
    schedule: Schedule, calendar: Calendar, zone: ZoneInfo, after: datetime, until: datetime
) -> Iterator[Occurrence]:
    for instant in _nominal(schedule, zone, after, until):
        yield Occurrence(instant, calendar.closed(instant.astimezone(zone).date()))


def _moved(
    schedule: Schedule, calendar: Calendar, zone: ZoneInfo, after: datetime, until: datetime
) -> Iterator[Occurrence]:
    """Day by day of those that instants are moved to; what comes to stand on one instant is one."""
    early, late = _reach(calendar, zone, after, until)
    nominal = _nominal(schedule, zone, early, late)
    for target, group in groupby(nominal, lambda instant: _target(calendar, instant.astimezone(zone).date())):
        there = sorted(
            (_move(calendar, instant, target, zone) for instant in group),
            key=lambda occurrence: (occurrence.instant, occurrence.moved_from is not None),
        )
        last = after
        for occurrence in there:
            if last < occurrence.instant <= until:
                yield occurrence
                last = occurrence.instant


def _target(calendar: Calendar, day: date) -> date:
    return calendar.shifted(day) or day


def _move(calendar: Calendar, instant: datetime, target: date, zone: ZoneInfo) -> Occurrence:
    local = instant.astimezone(zone)
    reason = calendar.closed(local.date())
    if reason is None or target == local.date():  # open, or closed for longer than anything is moved
        return Occurrence(instant, reason)
    moved = instant_of(local.replace(tzinfo=None, fold=0) + (target - local.date()), zone)
    return Occurrence(moved, reason, moved_from=instant)


def _reach(calendar: Calendar, zone: ZoneInfo, after: datetime, until: datetime) -> tuple[datetime, datetime]:
    """From when to when instants may be moved into the stretch: as far as its ends lie beside closed days."""
    if calendar.on_closed == "next":
        first = _past_closed(calendar, after.astimezone(zone).date(), -DAY)
        return min(after, instant_of(_midnight(first), zone) - MOMENT), until
    if until >= LAST - (LONGEST_CLOSED + 2) * DAY:
        return after, until
    last = _past_closed(calendar, until.astimezone(zone).date(), DAY)
    return after, max(until, instant_of(_midnight(last + DAY), zone))


def _past_closed(calendar: Calendar, day: date, step: timedelta) -> date:
    """The last day of the closed ones that lie beside `day`."""
    for _ in range(LONGEST_CLOSED + 1):
        if calendar.closed(day + step) is None:
            break
        day += step
    return day


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 # wall clock; the zone comes next

"""A schedule and the oddities of its instants in plain words. Pure time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pipelines.timetables.calendars import NAMES, WEEKDAYS, Calendar
from pipelines.timetables.cron import parse_cron
from pipelines.timetables.kinds import Cron, Every, Schedule
from pipelines.timetables.occurrences import Occurrence, Timetable

SECOND = timedelta(seconds=1)
UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
MOVED = {"next": "to the next open day", "previous": "to the open day before"}


def describe(timetable: Timetable) -> str:
    """One sentence: when, where, and what its calendar does."""
    schedule, tz = timetable.schedule, timetable.tz
    parts = [_when(schedule, tz)]
    if isinstance(schedule, Cron):
        parts.append(spoken_zone(str(tz)))
    if schedule.calendar is not None:
        parts.append(_rests(schedule.calendar))
    if schedule.starts is not None:
        parts.append(f"from {_local(schedule.starts, tz)}")
    if schedule.ends is not None:
        parts.append(f"until {_local(schedule.ends, tz)}")
    if isinstance(schedule.by, timedelta):
        parts.append(f"finished within {spoken_duration(schedule.by)}")
    elif schedule.by is not None:
        parts.append(f"finished by {schedule.by:%H:%M}")
    return ", ".join(parts)


def spoken_zone(zone: str) -> str:
    return zone if zone == "UTC" else f"{zone.rpartition('/')[2].replace('_', ' ')} time"


def spoken_duration(length: timedelta) -> str:
    """`90 minutes`, `1 day`: in the largest unit of which it is a whole number, with fractions of a second."""
    seconds = length.total_seconds()
    for unit, size in UNITS:
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"{count:,} {unit}{'s' if count != 1 else ''}"
    return f"{seconds:g} seconds"


def oddities(timetable: Timetable, occurrence: Occurrence) -> list[str]:
    """Say what is unusual about one of its instants: clocks that change, a closed day, a move."""
    notes = []
    if not isinstance(timetable.schedule, Every):
        notes = list(_clock_changes(timetable.schedule, timetable.tz, occurrence.instant))
    if occurrence.moved_from is not None:
        notes.append(f"moved from {_local(occurrence.moved_from, timetable.tz)}: {occurrence.closed}")
    elif occurrence.closed is not None:
        notes.append(f"left out: {occurrence.closed}")
    return notes


def _when(schedule: Schedule, zone: ZoneInfo) -> str:
    if isinstance(schedule, Cron):
        said = [parse_cron(line).explain() for line in schedule.expressions]
        return "; ".join([said[0], *(f"{text[:1].lower()}{text[1:]}" for text in said[1:])])
    if isinstance(schedule, Every):
        anchor = f", counted from {_local(schedule.anchor, zone)}" if schedule.anchor else ""
        return f"Every {spoken_duration(schedule.interval)}{anchor}".replace("Every 1 ", "Every ")
    return f"Once, at {_local(schedule.at, zone)} {spoken_zone(str(zone))}"


def _rests(calendar: Calendar) -> str:
    days = [f"{NAMES[WEEKDAYS.index(day)]}s" for day in calendar.weekend]
    if calendar.country is not None:
        where = f"{calendar.country}-{calendar.region}" if calendar.region else calendar.country
        days.append(f"public holidays of {where}")
    if calendar.dates:
        days.append(f"{len(calendar.dates)} date{'s' if len(calendar.dates) > 1 else ''} of its own")
    closed = f"{', '.join(days[:-1])} and {days[-1]}" if len(days) > 1 else "".join(days)
    if calendar.on_closed == "skip":
        return f"not on {closed}"
    return f"moved from {closed} {MOVED[calendar.on_closed]}"


def _clock_changes(schedule: Schedule, zone: ZoneInfo, instant: datetime) -> Iterator[str]:
    here = instant.astimezone(zone)
    before = (instant - SECOND).astimezone(zone)
    jump = (here.utcoffset() or timedelta()) - (before.utcoffset() or timedelta())
    first = (before + SECOND).replace(tzinfo=None)  # what the clock would show if it went on
    local = here.replace(tzinfo=None)
    if jump > timedelta() and isinstance(schedule, Cron):
        skipped = _skipped(schedule, first, local)
        if skipped:
            times = ", ".join(f"{moment:%H:%M}" for moment in skipped)
            yield f"{times} does not exist on {first:%Y-%m-%d}: clocks go from {first:%H:%M} to {local:%H:%M}"
    if here.replace(fold=0).astimezone(UTC) != here.replace(fold=1).astimezone(UTC) and _exists(here, zone):
        which = "second" if here.fold else "first"
        yield f"{local:%H:%M} comes twice on {local:%Y-%m-%d}: clocks go back; this is the {which}"


def _skipped(schedule: Cron, first: datetime, end: datetime) -> list[datetime]:
    """Local times of the lines that a gap swallows, apart from lines that follow the clock."""
    skipped = set()
    for line in schedule.expressions:
        fields = parse_cron(line)
        if fields.parts[1].startswith("*") or fields.parts[2].startswith("*"):
            continue
        moment = first
        while moment < end:
            fits = moment.minute in fields.minutes and moment.hour in fields.hours
            if fits and moment.month in fields.months and fields.match_day(moment.date()):
                skipped.add(moment)
            moment += timedelta(minutes=1)
    return sorted(skipped)


def _exists(here: datetime, zone: ZoneInfo) -> bool:
    return here.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == here.replace(tzinfo=None)


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%A %Y-%m-%d %H:%M}"

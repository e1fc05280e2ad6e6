"""Instants of a cron line in a time zone, by the rules of Debian's cron. Nothing here asks for now.

cronsim reads the fields; the walk is ours, because starting cronsim between two instants of a repeated or
skipped hour gives instants twice, or before the start.
"""

import heapq
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from pipelines.zones import instant_of
from presstime.errors import PresstimeError

HORIZON = timedelta(days=41 * 365)  # 29 February on a given weekday comes back within 40 years, 2100 included
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LAST_MINUTE = 59
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
FIELDS = (
    ("minute", "0 to 59"),
    ("hour", "0 to 23"),
    ("day of month", "1 to 31 or L (the last), LW (the last weekday)"),
    ("month", "1 to 12 or JAN to DEC"),
    ("day of week", "0 to 7 or SUN to SAT, with #2 for the second of the month"),
)
ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@annually": "0 0 1 1 *",
    "@yearly": "0 0 1 1 *",
}


class BadCron(PresstimeError):
    """A cron line cannot be read, or names no instant at all."""

    def __init__(self, expression: object, reason: str) -> None:
        self.expression = expression
        super().__init__(f"cron line {expression!r}: {reason}")


@lru_cache(maxsize=512)
def parse_cron(expression: str) -> CronSim:
    """The fields of a line of five, or of an alias such as @daily. Its iterator is not used."""
    if expression == "@reboot":
        raise BadCron(expression, "names no time; a pipeline is started by hand instead")
    line = ALIASES.get(expression.lower(), expression)
    if (count := len(line.split())) != 5:
        raise BadCron(
            expression, f"has {count} fields, not 5 (minute, hour, day of month, month, day of week)"
        )
    try:
        return CronSim(line, EPOCH)
    except (CronSimError, ValueError, TypeError) as error:
        raise BadCron(expression, _reason(line)) from error


def _reason(line: str) -> str:
    """Which field cannot be read, and what it may hold."""
    fields = line.split()
    for position, (name, allowed) in enumerate(FIELDS):
        alone = ["*"] * 5
        alone[position] = fields[position]
        try:
            CronSim(" ".join(alone), EPOCH)
        except (CronSimError, ValueError, TypeError):
            others = "a list (1,2), range (1-5) or step (*/5) of it"
            return f"{name} {fields[position]!r} is not {allowed}, nor {others}"
    return f"day of month {fields[2]!r} never comes in month {fields[3]!r}"


def cron_instants(expression: str, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """Instants in UTC with `after < instant <= until`, in order, none twice."""
    fields = parse_cron(expression)
    floating = fields.parts[1].startswith("*") or fields.parts[2].startswith("*")
    walk = _by_wall_clock if floating else _by_date
    last = after
    for instant in walk(fields, zone, after, until):
        if instant > until:
            return
        if instant > last:
            yield instant
            last = instant


def merged_instants(
    expressions: tuple[str, ...], zone: ZoneInfo, after: datetime, until: datetime
) -> Iterator[datetime]:
    """Instants of several lines together; one that they share comes once."""
    last = after
    for instant in heapq.merge(*(cron_instants(line, zone, after, until) for line in expressions)):
        if instant > last:
            yield instant
            last = instant


def _by_date(fields: CronSim, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """Fixed times of day: the first of two, or once at the end of the gap that swallows them."""
    day, last_day = after.astimezone(zone).date() - DAY, until.astimezone(zone).date()
    while day <= last_day:
        if _matches(fields, day):
            for hour in sorted(fields.hours):
                for minute in sorted(fields.minutes):
                    yield instant_of(datetime.combine(day, time(hour, minute)), zone)
        day += DAY


def _by_wall_clock(fields: CronSim, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """Whenever local time matches: nothing in a gap, both halves of a repeat. One UTC day at a time."""
    start = after.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while start <= until:
        shift = start.astimezone(zone).utcoffset()
        if shift == (start + DAY).astimezone(zone).utcoffset():
            yield from _steady_day(fields, start, shift or timedelta(), after)
        else:
            yield from _changing_day(fields, zone, start)
        start += DAY


def _steady_day(fields: CronSim, start: datetime, shift: timedelta, after: datetime) -> Iterator[datetime]:
    """The matching minutes of a UTC day through which local time is UTC plus `shift`, from about `after` on."""
    local = (start + shift).replace(tzinfo=None)
    # Most who ask want the first instant alone, and a line may match every minute before it.
    first = max(local, (after.astimezone(UTC) + shift).replace(tzinfo=None))
    for day in (local.date(), local.date() + DAY):
        if day < first.date() or not _matches(fields, day):
            continue
        for hour in sorted(fields.hours):
            if datetime.combine(day, time(hour, LAST_MINUTE)) < first - MINUTE:
                continue
            for minute in sorted(fields.minutes):
                moment = datetime.combine(day, time(hour, minute))
                if local <= moment < local + DAY:
                    yield (moment - shift).replace(tzinfo=UTC)


def _changing_day(fields: CronSim, zone: ZoneInfo, start: datetime) -> Iterator[datetime]:
    """The same for a day on which clocks change: each of its minutes is looked at."""
    for minutes in range(24 * 60):
        instant = start + minutes * MINUTE
        local = instant.astimezone(zone)
        if local.minute in fields.minutes and local.hour in fields.hours and _matches(fields, local.date()):
            yield instant


def _matches(fields: CronSim, day: date) -> bool:
    return day.month in fields.months and fields.match_day(day)

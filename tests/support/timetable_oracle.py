"""Cron by brute force: a walk over minutes with a reading of the fields of its own. Slow, and plain to check."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
LONGEST_REPEAT = timedelta(hours=4)  # longer than any stretch of local time that came twice since 1990
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def walk(expression: str, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """Debian's rule: what local times pass, or are jumped over, from one minute to the next."""
    line = Line.read(expression)
    instant = after.replace(second=0, microsecond=0) - LONGEST_REPEAT
    before = (instant - MINUTE).astimezone(zone).replace(tzinfo=None)
    seen: set[datetime] = set()
    while instant <= until:
        here = instant.astimezone(zone).replace(tzinfo=None)
        passed = [here]
        if not line.follows_clock:
            moment = before + MINUTE
            while moment < here:  # a gap
                passed.append(moment)
                moment += MINUTE
        fresh = [moment for moment in passed if line.follows_clock or moment not in seen]
        seen.update(passed)
        if instant > after and any(map(line.matches, fresh)):
            yield instant
        before, instant = here, instant + MINUTE


@dataclass(frozen=True)
class Line:
    minutes: frozenset[int]
    hours: frozenset[int]
    day: str
    months: frozenset[int]
    weekday: str
    follows_clock: bool

    @classmethod
    def read(cls, expression: str) -> "Line":
        minute, hour, day, month, weekday = expression.lower().split()
        return cls(
            frozenset(_numbers(minute, 0, 59)),
            frozenset(_numbers(hour, 0, 23)),
            day,
            frozenset(_numbers(month, 1, 12, MONTHS)),
            weekday,
            minute.startswith("*") or hour.startswith("*"),
        )

    def matches(self, moment: datetime) -> bool:
        return (
            moment.minute in self.minutes
            and moment.hour in self.hours
            and moment.month in self.months
            and self._day_fits(moment)
        )

    def _day_fits(self, moment: datetime) -> bool:
        by_day = any(_is_day(part, moment) for part in self.day.split(","))
        by_weekday = any(_is_weekday(part, moment) for part in self.weekday.split(","))
        if self.day.startswith("*") or self.weekday.startswith("*"):
            return by_day and by_weekday
        return by_day or by_weekday


def _is_day(part: str, moment: datetime) -> bool:
    if part == "l":
        return (moment + timedelta(days=1)).day == 1
    return moment.day in _numbers(part, 1, 31)


def _is_weekday(part: str, moment: datetime) -> bool:
    of_week = (moment.weekday() + 1) % 7
    name, _, nth = part.partition("#")
    numbers = _numbers(name, 0, 6) if part.startswith("*") else _numbers(name, 0, 7, WEEKDAYS)
    days = {number % 7 for number in numbers}
    return of_week in days and (not nth or (moment.day - 1) // 7 + 1 == int(nth))


def _numbers(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> set[int]:
    """Lists of ranges with steps; a single number with a step goes on to the end."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = low if span == "*" else _number(first, names, low)
        to_the_end = high if span == "*" or step else start
        end = _number(last, names, low) if last else to_the_end
        found.update(range(start, end + 1, int(step or 1)))
    return found


def _number(word: str, names: tuple[str, ...], low: int) -> int:
    return names.index(word) + low if word in names else int(word)

"""The period that a run reports on, in the pipeline's zone. Pure time: nothing here asks for now."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, Literal, get_args
from zoneinfo import ZoneInfo

from pipelines.zones import instant_of, zone_of
from presstime.errors import PresstimeError
from reports.periods import period_words

Period = Literal["hour", "day", "week", "month", "quarter", "year"]
PERIODS: tuple[Period, ...] = get_args(Period)

HOUR = timedelta(hours=1)
FORMS: dict[Period, re.Pattern[str]] = {
    "year": re.compile(r"(\d{4})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "month": re.compile(r"(\d{4})-(\d\d)"),
    "week": re.compile(r"(\d{4})-W(\d\d)"),
    "day": re.compile(r"(\d{4})-(\d\d)-(\d\d)"),
    "hour": re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d)([+-]\d{4})?"),
}
KNOWN = "2013, 2013-Q1, 2013-01, 2013-W05, 2013-01-05, 2013-01-05T06 or start/end"


class BadInterval(PresstimeError):
    """A text does not say which period is meant."""

    def __init__(self, text: str, reason: str) -> None:
        self.text = text
        super().__init__(f"interval {text!r} {reason}")


@dataclass(frozen=True)
class Interval:
    """The instants `start <= t < end`, both aware and in `zone`. `label` is fit for a file name."""

    __presstime_provider__: ClassVar[str] = "interval"

    start: datetime
    end: datetime
    label: str
    zone: str

    @property
    def days(self) -> list[date]:
        """Every date of the zone that the interval touches, in order."""
        last = (self.end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(self.end.tzinfo).date()
        return [self.start.date() + timedelta(days=n) for n in range((last - self.start.date()).days + 1)]

    @property
    def first_day(self) -> date:
        return self.start.date()

    @property
    def last_day(self) -> date:
        return self.days[-1]

    @property
    def words(self) -> str:
        """The interval as a reader says it: `January 2013`."""
        return period_words(self.start, self.end, self.zone)

    @property
    def before(self) -> "Interval":
        """The period of the same length that ends where this one starts."""
        return preceding(self)

    def __contains__(self, instant: datetime) -> bool:
        return self.start.astimezone(UTC) <= instant.astimezone(UTC) < self.end.astimezone(UTC)

    def __str__(self) -> str:
        return self.label


def interval_for(period: Period, zone: str, before: datetime) -> Interval:
    """The last whole `period` of `zone` that ended by `before`."""
    tz = zone_of(zone)
    moment = before.astimezone(tz)
    if period == "hour":
        end = _full_hour(before, moment)
        return interval_between(end - HOUR, end, zone)
    first = _floor(period, moment.replace(tzinfo=None))
    while instant_of(first, tz) > before:
        first = _floor(period, first - HOUR)
    earlier = _floor(period, first - HOUR)
    return interval_between(instant_of(earlier, tz), instant_of(first, tz), zone)


def interval_containing(period: Period, zone: str, instant: datetime) -> Interval:
    """The `period` of `zone` in which `instant` lies."""
    tz = zone_of(zone)
    moment = instant.astimezone(tz)
    if period == "hour":
        start = _full_hour(instant, moment)
        return interval_between(start, start + HOUR, zone)
    first = _floor(period, moment.replace(tzinfo=None))
    return interval_between(instant_of(first, tz), instant_of(_after(period, first), tz), zone)


def preceding(interval: Interval) -> Interval:
    """The period of the same length that ends where this one starts: before 2026-03 comes 2026-02.

    What is no whole period is as long on the clocks of its zone: before 2026-03-10--2026-03-12 come the two days
    before.
    """
    tz, start = zone_of(interval.zone), interval.start.astimezone(UTC)
    period = _period_of(start, interval.end.astimezone(UTC), tz)
    if period is not None:
        return interval_for(period, interval.zone, start)
    first, last = (moment.astimezone(tz).replace(tzinfo=None) for moment in (interval.start, interval.end))
    return interval_between(instant_of(first - (last - first), tz), start, interval.zone)


def parse_interval(text: str, period: Period | None, zone: str) -> Interval:
    """The interval that a person named: a whole period of any length, or `start/end` with `end` left out.

    It need not be as long as the pipeline's own `period`; a pipeline without a period takes none.
    """
    if period is None:
        raise BadInterval(text, "is not for a pipeline without a period; give it none")
    cleaned = text.strip()
    head, slash, tail = cleaned.partition("/" if "/" in cleaned else "--")
    start, end = bounds(head, zone, text)
    if slash:
        end = bounds(tail, zone, text)[0]
    if end <= start:
        raise BadInterval(text, "ends before it starts" if end < start else "is empty: start and end are one")
    return interval_between(start, end, zone)


def interval_between(start: datetime, end: datetime, zone: str, label: str | None = None) -> Interval:
    """Return the interval from `start` to `end`, both aware, in `zone`; its label is made where none is given."""
    tz = zone_of(zone)
    return Interval(start.astimezone(tz), end.astimezone(tz), label or _label(start, end, tz), zone)


def _full_hour(instant: datetime, local: datetime) -> datetime:
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return instant.astimezone(UTC) - past


def _label(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """The name of the period from `start` to `end` (in UTC), or both ends where there is none."""
    there = start.astimezone(zone)
    period = _period_of(start, end, zone)
    if period is None:
        return f"{_edge(there)}--{_edge(end.astimezone(zone))}"
    twice = period == "hour" and _twice(there)
    return _name(period, there.replace(tzinfo=None)) + (there.strftime("%z") if twice else "")


def _period_of(start: datetime, end: datetime, zone: ZoneInfo) -> Period | None:
    """The whole period from `start` to `end` (in UTC), if it is one."""
    local = start.astimezone(zone).replace(tzinfo=None)
    for period in PERIODS[1:]:
        first = _floor(period, local)
        if instant_of(first, zone) == start and instant_of(_after(period, first), zone) == end:
            return period
    return (
        "hour" if end - start == HOUR and local == local.replace(minute=0, second=0, microsecond=0) else None
    )


def _twice(there: datetime) -> bool:
    return there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()


def _edge(instant: datetime) -> str:
    if instant.hour == instant.minute == instant.second == instant.microsecond == 0:
        return f"{instant:%Y-%m-%d}"
    text = instant.strftime("%Y-%m-%dT%H%M%S" if instant.second else "%Y-%m-%dT%H%M")
    return text + (instant.strftime("%z") if _twice(instant) else "")


def _name(period: Period, local: datetime) -> str:
    if period == "week":
        year, week, _ = local.isocalendar()
        return f"{year:04}-W{week:02}"
    if period == "quarter":
        return f"{local.year:04}-Q{(local.month + 2) // 3}"
    width = {"year": 4, "month": 7, "day": 10, "hour": 13}[period]
    return local.isoformat()[:width]


def _floor(period: Period, local: datetime) -> datetime:
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if period == "week":
        return day - timedelta(days=day.weekday())
    if period == "month":
        return day.replace(day=1)
    if period == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1) if period == "year" else day


def _after(period: Period, first: datetime) -> datetime:
    """The start of the period that follows the one starting at `first`."""
    longest = {"hour": 0, "day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[period]
    return _floor(period, first + timedelta(days=longest))


def bounds(word: str, zone: str, text: str | None = None) -> tuple[datetime, datetime]:
    """Start and end, in UTC, of the period that one word of `text` names; an instant is both."""
    tz = zone_of(zone)
    word = word.strip()
    try:
        for period, numbers in _matches(word):
            if period == "hour":
                start = _hour(word, zone)
                return start, start + HOUR
            first = _first(period, numbers)
            return instant_of(first, tz), instant_of(_after(period, first), tz)
        moment = datetime.fromisoformat(word)
    except (ValueError, OverflowError) as error:
        raise BadInterval(text or word, f"is not one of {KNOWN}") from error
    instant = instant_of(moment, tz) if moment.tzinfo is None else moment.astimezone(UTC)
    return instant, instant


def _matches(word: str) -> Iterator[tuple[Period, list[int]]]:
    for period, form in FORMS.items():
        if found := form.fullmatch(word):
            yield period, [int(part) for part in found.groups() if part and part.isdigit()]


def _first(period: Period, numbers: list[int]) -> datetime:
    if period == "week":
        return datetime.fromisocalendar(numbers[0], numbers[1], 1)
    if period == "quarter":
        return datetime(numbers[0], numbers[1] * 3 - 2, 1)  # noqa: DTZ001 # wall clock; the zone comes next
    year, month, day = (*numbers, 1, 1)[:3]
    return datetime(year, month, day)  # noqa: DTZ001 # wall clock; the zone comes next


def _hour(word: str, zone: str) -> datetime:
    moment = datetime.fromisoformat(word)
    return instant_of(moment, zone_of(zone)) if moment.tzinfo is None else moment.astimezone(UTC)

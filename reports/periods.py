"""A period as people say it: `January 2013` instead of `2013-01`."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# In English whatever the language of the machine is: the same report has the same words everywhere.
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def period_words(start: datetime, end: datetime, zone: str) -> str:
    """The aware instants `start` <= t < `end`, as seen in `zone`.

    `2013`, `January to March 2013`, `January 2013`, `28 January to 3 February 2013`, `5 January 2013`; what is not
    of whole days has its hours and the zone: `5 January 2013, 06:00 to 07:00 (Europe/Berlin)`.
    """
    first, after = (moment.astimezone(ZoneInfo(zone)) for moment in (start, end))
    if first.time() == after.time() == time.min:
        return _of_days(first.date(), after.date() - timedelta(days=1))
    clock = "%H:%M" if first.utcoffset() == after.utcoffset() else "%H:%M %Z"  # the clocks were changed
    until = after.strftime(clock)
    until = until if after.date() == first.date() else f"{_day(after)}, {until}"
    return f"{_day(first)}, {first.strftime(clock)} to {until} ({zone})"


def _of_days(first: date, last: date) -> str:
    if first.day > 1 or (last + timedelta(days=1)).day > 1:
        return _span(_day(first), _day(last))
    if (first.month, last.month) == (1, len(MONTHS)):
        return _span(str(first.year), str(last.year))
    return _span(_month(first), _month(last))


def _day(day: date) -> str:
    return f"{day.day} {_month(day)}"


def _month(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


def _span(first: str, last: str) -> str:
    """What both end with is said once: `3 to 9 February 2013`."""
    if first == last:
        return first
    head, tail = first.split(), last.split()
    while len(head) > 1 and head[-1] == tail[-1]:
        del head[-1], tail[-1]
    return f"{' '.join(head)} to {last}"

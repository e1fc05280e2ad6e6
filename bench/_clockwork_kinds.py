"""What authors may write: lines, intervals, zones with odd clock changes, calendars and policies, by chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, get_args

from pipelines.timetables.calendars import Calendar, OnClosed, Weekday
from pipelines.timetables.kinds import Cron, Every, Once
from pipelines.timetables.kinds import Schedule as Declared

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONES = (
    *("UTC", "Europe/Berlin", "Europe/London", "America/New_York", "Australia/Sydney", "Asia/Kathmandu"),
    *("Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "Pacific/Fiji", "Pacific/Honolulu"),
    *("Africa/Casablanca", "Africa/Cairo", "Asia/Tehran", "Asia/Gaza", "Asia/Amman", "Europe/Istanbul"),
    *("America/St_Johns", "America/Havana", "America/Santiago", "America/Asuncion", "America/Sao_Paulo"),
    *("Atlantic/Azores", "America/Scoresbysund", "Europe/Moscow", "Europe/Kaliningrad"),
)
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHLY = (
    *("{m} {h} {d} * *", "{m} {h} 29-31 * *", "{m} {h} L * *", "{m} {h} LW * *", "{m} {h} * * {w}#2"),
    *("{m} {h} 13 */2 FRI", "{m} {h} 1,15 * *", "{m} {h} 31 * *"),
)
DAILY = ("{m} {h} * * *", "{m} {h} * * MON-FRI", "{m} {h},{g} * * *", "{m} */12 * * *", "0 {h} * * 1-6")
HOURLY = ("{m} * * * *", "{m} */2 * * *", "{m} 0-23 * * *", "0,30 1-5 * * *", "{m} */3 * * MON-FRI")
OFTEN = ("*/10 * * * *", "*/15 * * * *", "7,37 0-4 * * *", "*/5 0-3 * * *", "59 * * * *")
CLOSED: tuple[tuple[Weekday, ...], ...] = (
    *(("sat", "sun"), ("fri", "sat"), ("sun",), ("mon", "tue", "wed"), ()),
)
PLACES = (
    *(("US", None), ("US", "NY"), ("DE", None), ("DE", "BY"), ("GB", None), ("JP", None), ("BR", None)),
    *((None, None), (None, None), (None, None)),
)


@dataclass(frozen=True)
class Pace:
    """How often, by its lines or its intervals; `life` is how long such a schedule goes on, on average."""

    lines: tuple[str, ...]
    intervals: tuple[timedelta, ...]
    gap: timedelta
    life: timedelta
    bounded: bool = True  # by its start and end: without them it would have too many instants


PACES = {
    "month": Pace(MONTHLY, (30 * DAY, 28 * DAY + HOUR), 20 * DAY, 700 * DAY, bounded=False),
    "week": Pace(("{m} {h} * * {w}",), (7 * DAY, 5 * DAY, 100 * HOUR), 7 * DAY, 700 * DAY, bounded=False),
    "day": Pace(DAILY, (DAY, 36 * HOUR, 25 * HOUR), DAY, 90 * DAY),
    "hour": Pace(HOURLY, (HOUR, 90 * MINUTE, 3 * HOUR), 2 * HOUR, 9 * DAY),
    "minutes": Pace(OFTEN, (7 * MINUTE, 12 * MINUTE, timedelta(seconds=1_000)), 15 * MINUTE, 2 * DAY),
    "once": Pace((), (), DAY, 60 * DAY, bounded=False),
}


def declared_of(
    chance: Random, pace: str, begin: datetime, end: datetime, policies: Mapping[str, Any]
) -> Declared:
    """A schedule of that pace; a single instant lies between `begin` and `end`."""
    if pace == "once":
        return Once((begin + (end - begin) * chance.random()).replace(microsecond=0), **policies)
    if chance.random() < 0.25:
        anchor = begin.replace(microsecond=0) + 1_000 * MINUTE * chance.random()
        return Every(
            chance.choice(PACES[pace].intervals), anchor if chance.random() < 0.5 else None, **policies
        )
    lines = tuple(_line(chance, pace) for _ in range(chance.choice((1, 1, 1, 2))))
    return Cron(lines if len(lines) > 1 else lines[0], **policies)


def policies_of(chance: Random, pace: str) -> dict[str, Any]:
    """What becomes of what was missed, and when it rests."""
    gap = PACES[pace].gap
    return {
        "timezone": chance.choice(ZONES),
        "catch_up": chance.choice(("latest", "latest", "all", "all", "none")),
        "overlap": chance.choice(("queue", "skip", "cancel_running", "allow")),
        "grace": chance.choice((None, None, None, 10 * MINUTE, 2 * HOUR, DAY, 3 * gap)),
        "jitter": chance.choice((None, None, None, MINUTE, 30 * MINUTE, min(6 * HOUR, gap * 1.5))),
        "calendar": _calendar(chance) if chance.random() < 0.4 else None,
    }


def _line(chance: Random, pace: str) -> str:
    form = chance.choice(PACES[pace].lines)
    night, other = chance.choice((0, 0, 1, 1, 2, 2, 3)), chance.randrange(24)
    hours = (night, other) if chance.random() < 0.6 else (other, night)
    return form.format(
        m=chance.choice((0, 0, 1, 30, chance.randrange(60))),
        h=hours[0],
        g=hours[1],
        d=chance.randint(1, 28),
        w=chance.choice(WEEKDAYS),
    )


def _calendar(chance: Random) -> Calendar:
    country, region = chance.choice(PLACES)
    return Calendar(
        country=country,
        region=region,
        weekend=chance.choice(CLOSED),
        on_closed=chance.choice(get_args(OnClosed)),
    )

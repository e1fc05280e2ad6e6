"""IANA time zones: finding one by name, and what a wall-clock time means where it is skipped or repeated."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pipelines.names import did_you_mean
from presstime.errors import PresstimeError


class UnknownZone(PresstimeError):
    """A time zone's name is not in the IANA database."""

    def __init__(self, name: object) -> None:
        self.name = name
        guess = did_you_mean(name, available_timezones()) if isinstance(name, str) else ""
        super().__init__(f"time zone {name!r} is not an IANA name such as 'Europe/Berlin'{guess}")


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        raise UnknownZone(name) from error


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a naive wall-clock time: the first of two, or the end of the gap it falls in."""
    first = local.replace(tzinfo=zone, fold=0)
    instant = first.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    return _change_between(local.replace(tzinfo=zone, fold=1).astimezone(UTC), instant, zone)


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second after `before` at which the zone's offset is what it is at `after`."""
    target = after.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == target:
            high = middle
        else:
            low = middle
    return before + timedelta(seconds=high)

"""A schedule, or changes of one, as a command line says it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.names import did_you_mean
from pipelines.timetables.calendars import Calendar, read_dates
from pipelines.timetables.kinds import BadSchedule, Cron, Every, Once, Schedule, to_json
from pipelines.zones import instant_of, zone_of
from presstime.errors import PresstimeError

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhdw])+")
PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
SAY_WHEN = "say when with exactly one of --cron (several times for several lines), --every and --at"
CLEARED: dict[str, tuple[str, Any]] = {  # what --clear names, and how a specification is without it
    "zone": ("timezone", None),
    "param": ("params", {}),
    "starts": ("starts", None),
    "ends": ("ends", None),
    "calendar": ("calendar", None),
    "grace": ("grace", None),
    "jitter": ("jitter", None),
    "by": ("by", None),
    "stop-after": ("stop_after", None),
}


class BadOption(PresstimeError):
    """An option cannot be read, or does not go with another one."""


@dataclass(frozen=True)
class Wanted:
    """The options as they were typed; what is None was not given."""

    cron: Sequence[str] = ()
    every: str | None = None
    at: str | None = None
    zone: str | None = None
    country: str | None = None
    region: str | None = None
    closed_file: str | None = None
    on_closed: str | None = None
    param: Sequence[str] = ()
    starts: str | None = None
    ends: str | None = None
    catch_up: str | None = None
    grace: str | None = None
    overlap: str | None = None
    jitter: str | None = None
    by: str | None = None
    stop_after: int | None = None
    clear: Sequence[str] = field(default=())

    @property
    def says_when(self) -> bool:
        return bool(self.cron or self.every or self.at)

    @property
    def says_anything(self) -> bool:
        return self != Wanted()

    def schedule(self, name: str, zone: str = "UTC") -> Schedule:
        """`zone` is the pipeline's. Raises BadOption or BadSchedule, in one line."""
        if not self.says_when:
            raise BadOption(SAY_WHEN)
        schedule = self._schedule(name, zone_of(self.zone or zone))
        for problem in schedule.problems():
            raise BadSchedule(name, problem)
        return schedule

    def changes(self, name: str, zone: str) -> dict[str, Any]:
        """The fields of a specification that the options change, in JSON. `zone` is its present one."""
        given = to_json(self._schedule(name, zone_of(self.zone or zone)))
        changed = dict.fromkeys(self._policies(zone_of(self.zone or zone)))
        when = {"expression", "interval", "at"} if self.says_when else set()
        fields = {key: value for key, value in given.items() if key in changed or key in when}
        for word in self.clear:
            if word not in CLEARED:
                guess = did_you_mean(word, CLEARED)
                raise BadOption(f"--clear {word!r} is not one of {', '.join(CLEARED)}{guess}")
            key, empty = CLEARED[word]
            fields[key] = empty
        return fields

    def _schedule(self, name: str, place: ZoneInfo) -> Schedule:
        if sum(map(bool, (self.cron, self.every, self.at))) > 1:
            raise BadOption(SAY_WHEN)
        policies = self._policies(place)
        if self.cron:
            lines = self.cron[0] if len(self.cron) == 1 else tuple(self.cron)
            return Cron(lines, name=name, **policies)
        if self.every:
            return Every(read_duration("--every", self.every), name=name, **policies)
        return Once(read_instant("--at", self.at or "1970-01-01", place), name=name, **policies)

    def _policies(self, place: ZoneInfo) -> dict[str, Any]:
        """Those that were given, as values."""
        read = {
            "timezone": self.zone,
            "params": read_pairs(self.param) or None,
            "starts": read_instant("--starts", self.starts, place) if self.starts else None,
            "ends": read_instant("--ends", self.ends, place) if self.ends else None,
            "calendar": self._calendar(),
            "catch_up": self.catch_up,
            "grace": read_duration("--grace", self.grace) if self.grace else None,
            "overlap": self.overlap,
            "jitter": read_duration("--jitter", self.jitter) if self.jitter else None,
            "by": read_deadline(self.by) if self.by else None,
            "stop_after": self.stop_after,
        }
        return {name: value for name, value in read.items() if value is not None}

    def _calendar(self) -> Calendar | None:
        if not (self.country or self.region or self.closed_file or self.on_closed):
            return None
        return Calendar(
            country=self.country,
            region=self.region,
            dates=read_dates(self.closed_file) if self.closed_file else (),
            on_closed=self.on_closed or "skip",  # type: ignore[arg-type] # `problems` refuses other words
        )


def read_duration(option: str, text: str) -> timedelta:
    """`90s`, `15m`, `1h30m`, `1d`."""
    if not DURATION.fullmatch(text):
        raise BadOption(f"{option} {text!r}: write a duration such as 90s, 15m, 1h30m, 1d or 1w")
    parts = {UNITS[unit]: 0.0 for _, unit in PART.findall(text)}
    for number, unit in PART.findall(text):
        parts[UNITS[unit]] += float(number)
    return timedelta(**parts)


def read_instant(option: str, text: str, zone: ZoneInfo) -> datetime:
    """An ISO date or time, in UTC; one without an offset is in `zone`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadOption(f"{option} {text!r}: write a time such as 2026-03-08 or 2026-03-08T06:00") from error
    return instant_of(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)


def read_deadline(text: str) -> time | timedelta:
    """`07:30`, or how long after its instant: `90m`."""
    if DURATION.fullmatch(text):
        return read_duration("--by", text)
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise BadOption(
            f"--by {text!r}: write a time of day such as 07:30, or a duration such as 90m"
        ) from error


def read_pairs(texts: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadOption(f"--param {text}: write it as name=value, such as --param origin=JFK")
        pairs[name] = value
    return pairs

"""A schedule as a command line says it."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pipelines.schedules.calendars import Calendar, read_dates
from pipelines.schedules.kinds import BadSchedule, Cron, Every, Once, Schedule
from pipelines.zones import instant_of, zone_of
from presstime.errors import PresstimeError

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhdw])+")
PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")


class BadOption(PresstimeError):
    """An option cannot be read, or does not go with another one."""


@dataclass(frozen=True)
class Wanted:
    """The options as they were typed; what is None was not given."""

    cron: list[str] = field(default_factory=list)
    every: str | None = None
    at: str | None = None
    zone: str | None = None
    country: str | None = None
    region: str | None = None
    closed_file: str | None = None
    on_closed: str | None = None

    @property
    def says_when(self) -> bool:
        return bool(self.cron or self.every or self.at)

    @property
    def says_anything(self) -> bool:
        return self != Wanted()

    def schedule(self, name: str) -> Schedule:
        """Raises BadOption or BadSchedule, in one line."""
        if sum(map(bool, (self.cron, self.every, self.at))) != 1:
            raise BadOption(
                "say when with exactly one of --cron (several times for several lines), --every and --at"
            )
        calendar = self._calendar()
        schedule: Schedule
        if self.cron:
            lines = self.cron[0] if len(self.cron) == 1 else tuple(self.cron)
            schedule = Cron(lines, name=name, timezone=self.zone, calendar=calendar)
        elif self.every:
            every = read_duration("--every", self.every)
            schedule = Every(every, name=name, timezone=self.zone, calendar=calendar)
        else:
            at = read_instant("--at", str(self.at), zone_of(self.zone or "UTC"))
            schedule = Once(at, name=name, timezone=self.zone, calendar=calendar)
        for problem in schedule.problems():
            raise BadSchedule(name, problem)
        return schedule

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
    """An ISO date or time; in `zone` unless it has an offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadOption(f"{option} {text!r}: write a time such as 2026-03-08 or 2026-03-08T06:00") from error
    return instant_of(moment, zone) if moment.tzinfo is None else moment

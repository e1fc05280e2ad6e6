"""Reads a schedule, or changes of one, from the options of a command line."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cli.options import ScheduleOptions
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


def schedule_of(options: ScheduleOptions, name: str, zone: str = "UTC") -> Schedule:
    """Return the schedule that options describe; `zone` is the pipeline's. Raises BadOption or BadSchedule."""
    if not options.says_when:
        raise BadOption(SAY_WHEN)
    schedule = _schedule(options, name, zone_of(options.zone or zone))
    for problem in schedule.problems():
        raise BadSchedule(name, problem)
    return schedule


def changes_of(options: ScheduleOptions, name: str, zone: str) -> dict[str, Any]:
    """Return the fields of a specification that options change, in JSON. `zone` is its present one."""
    own_zone = zone_of(options.zone or zone)
    given = to_json(_schedule(options, name, own_zone))
    changed = dict.fromkeys(_policies(options, own_zone))
    when = {"expression", "interval", "at"} if options.says_when else set()
    changes = {key: value for key, value in given.items() if key in changed or key in when}
    for word in options.clear or ():
        if word not in CLEARED:
            guess = did_you_mean(word, CLEARED)
            raise BadOption(f"--clear {word!r} is not one of {', '.join(CLEARED)}{guess}")
        key, empty = CLEARED[word]
        changes[key] = empty
    return changes


def _schedule(options: ScheduleOptions, name: str, zone: ZoneInfo) -> Schedule:
    if sum(map(bool, (options.cron, options.every, options.at))) > 1:
        raise BadOption(SAY_WHEN)
    policies = _policies(options, zone)
    if options.cron:
        lines = options.cron[0] if len(options.cron) == 1 else tuple(options.cron)
        return Cron(lines, name=name, **policies)
    if options.every:
        return Every(read_duration("--every", options.every), name=name, **policies)
    return Once(read_instant("--at", options.at or "1970-01-01", zone), name=name, **policies)


def _policies(options: ScheduleOptions, zone: ZoneInfo) -> dict[str, Any]:
    """Those that were given, as values."""
    values = {
        "timezone": options.zone,
        "params": read_pairs(options.param or ()) or None,
        "starts": read_instant("--starts", options.starts, zone) if options.starts else None,
        "ends": read_instant("--ends", options.ends, zone) if options.ends else None,
        "calendar": _calendar(options),
        "catch_up": options.catch_up,
        "grace": read_duration("--grace", options.grace) if options.grace else None,
        "overlap": options.overlap,
        "jitter": read_duration("--jitter", options.jitter) if options.jitter else None,
        "by": read_deadline(options.by) if options.by else None,
        "stop_after": options.stop_after,
    }
    return {name: value for name, value in values.items() if value is not None}


def _calendar(options: ScheduleOptions) -> Calendar | None:
    if not (options.country or options.region or options.closed_file or options.on_closed):
        return None
    return Calendar(
        country=options.country,
        region=options.region,
        dates=read_dates(options.closed_file) if options.closed_file else (),
        on_closed=options.on_closed or "skip",  # type: ignore[arg-type] # `problems` refuses other words
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
    """Parameters, each written as `name=value`."""
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadOption(f"--param {text}: write it as name=value, such as --param origin=JFK")
        pairs[name] = value
    return pairs

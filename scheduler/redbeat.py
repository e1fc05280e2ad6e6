"""RedBeat as the alarm clock: an entry for each schedule row, which rings `fire` at its instants.

Entries are a projection of the rows and can be thrown away: `project` writes them anew.
"""

import json
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from celery import Celery
from celery.schedules import BaseSchedule, schedstate
from redbeat.decoder import RedBeatJSONDecoder, RedBeatJSONEncoder
from redbeat.schedulers import RedBeatScheduler, RedBeatSchedulerEntry, ensure_conf, get_redis

from pipelines.schedules.kinds import from_json
from pipelines.schedules.occurrences import Timetable
from pipelines.schedules.stored import timetable_of
from presstime.clock import Clock, utc_now
from presstime.models import Schedule

log = logging.getLogger("presstime.beat")

TYPE = "presstime"  # marks our schedules in RedBeat's JSON
FAR = 86_400.0  # seconds until a schedule without further instants is looked at again
NEVER_RANG = 2000  # RedBeat says "never" with a date in the year 1


class Alarm(BaseSchedule):
    """When a schedule is due, in its own zone. RedBeat's crontab would forget the zone."""

    def __init__(  # noqa: PLR0917 # what RedBeat's JSON has of it
        self,
        spec: dict[str, Any],
        zone: str,
        jitter: float,
        version: int,
        app: Celery | None = None,
        clock: Clock = utc_now,
    ) -> None:
        super().__init__(nowfun=clock, app=app)
        self.spec, self.zone, self.jitter, self.version = spec, zone, jitter, version

    @classmethod
    def of_row(cls, row: Schedule, app: Celery) -> "Alarm":
        timetable = timetable_of(row)
        return cls(row.spec, timetable.zone, timetable.offset.total_seconds(), row.version, app)

    def is_due(self, last_run_at: datetime) -> schedstate:
        now = self.now()
        if last_run_at.year < NEVER_RANG:
            return schedstate(True, self._seconds(now))
        following = self._next(last_run_at)
        if following is not None and following <= now:
            return schedstate(True, self._seconds(now))
        return schedstate(False, (following - now).total_seconds() if following else FAR)

    def remaining_estimate(self, last_run_at: datetime) -> timedelta | None:  # type: ignore[override] # RedBeat: None is never
        following = self._next(last_run_at)
        return following - last_run_at if following is not None else None

    @cached_property
    def _timetable(self) -> Timetable:
        return Timetable(from_json(self.spec), self.zone, timedelta(seconds=self.jitter))

    def _next(self, after: datetime) -> datetime | None:
        return self._timetable.rings(after - self._timetable.offset)

    def _seconds(self, now: datetime) -> float:
        following = self._next(now)
        return (following - now).total_seconds() if following is not None else FAR

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Alarm):
            return NotImplemented
        return self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((json.dumps(self.spec, sort_keys=True), *self._parts()[1:]))

    def __reduce__(self) -> tuple[type["Alarm"], tuple[dict[str, Any], str, float, int]]:
        return type(self), self._parts()

    def _parts(self) -> tuple[dict[str, Any], str, float, int]:
        return self.spec, self.zone, self.jitter, self.version


class Encoder(RedBeatJSONEncoder):  # type: ignore[misc] # RedBeat has no types
    def default(self, obj: object) -> Any:
        if isinstance(obj, Alarm):
            parts = {"spec": obj.spec, "zone": obj.zone, "jitter": obj.jitter, "version": obj.version}
            return {"__type__": TYPE, **parts}
        return super().default(obj)


class Decoder(RedBeatJSONDecoder):  # type: ignore[misc] # RedBeat has no types
    def dict_to_object(self, d: dict[str, Any]) -> Any:
        if d.get("__type__") == TYPE:
            return Alarm(d["spec"], d["zone"], d.get("jitter", 0.0), d["version"])
        return super().dict_to_object(d)


class Entry(RedBeatSchedulerEntry):  # type: ignore[misc] # RedBeat has no types
    @staticmethod
    def decode_definition(definition: str) -> Any:
        return json.loads(definition, cls=Decoder)

    def save(self) -> "Entry":
        definition = {
            "name": self.name,
            "task": self.task,
            "args": self.args,
            "kwargs": self.kwargs,
            "options": self.options,
            "schedule": self.schedule,
            "enabled": self.enabled,
        }
        with get_redis(self.app).pipeline() as pipe:
            pipe.hset(self.key, "definition", json.dumps(definition, cls=Encoder))
            pipe.hsetnx(self.key, "meta", json.dumps({"last_run_at": self.last_run_at}, cls=Encoder))
            pipe.zadd(self.app.redbeat_conf.schedule_key, {self.key: self.score})
            pipe.execute()
        return self


class Scheduler(RedBeatScheduler):  # type: ignore[misc] # RedBeat has no types
    Entry = Entry


def project(app: Celery, schedules: Iterable[Schedule]) -> int:
    """Write, change and remove entries until RedBeat has what the rows say; how many had to be touched."""
    ensure_conf(app)
    conf = app.redbeat_conf  # type: ignore[attr-defined] # set by the line before
    redis = get_redis(app)
    wanted = {_name(row): row for row in schedules if row.removed_at is None}
    prefix = conf.key_prefix
    present = {
        key.removeprefix(prefix): score
        for key, score in redis.zrange(conf.schedule_key, 0, -1, withscores=True)
    }
    touched = 0
    for name in present.keys() - wanted.keys():
        Entry(name, app=app).delete()
        touched += 1
    for name, row in wanted.items():
        if name not in present or _version(redis.hget(prefix + name, "definition")) != row.version:
            _entry(app, name, row).save()
            touched += 1
    return touched


def _entry(app: Celery, name: str, row: Schedule) -> Entry:
    alarm = Alarm.of_row(row, app)
    entry = Entry(
        name=name,
        task="presstime.fire",
        schedule=alarm,
        args=[str(row.id)],
        options={"queue": "control"},
        app=app,
    )
    # It rings from where the decisions ended: an instant missed meanwhile makes it ring at once.
    entry.last_run_at = row.cursor + timedelta(seconds=alarm.jitter)
    return entry


def _name(row: Schedule) -> str:
    return f"{row.pipeline}/{row.name}"


def _version(definition: str | None) -> int | None:
    if not definition:
        return None
    version = json.loads(definition)["schedule"].get("version")
    return int(version) if version is not None else None

"""An entry of RedBeat for each schedule row, which rings `fire` at its instants: what Redis holds of it."""

import json
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from celery import Celery
from celery.schedules import BaseSchedule, schedstate
from redbeat.decoder import RedBeatJSONDecoder, RedBeatJSONEncoder
from redbeat.schedulers import RedBeatSchedulerEntry, get_redis
from redis.client import Pipeline

from pipelines.schedules.stored import timetable_of
from pipelines.timetables.kinds import from_json
from pipelines.timetables.occurrences import Timetable
from presstime.clock import Clock, utc_now
from presstime.models import Schedule
from scheduler.queues import CONTROL

TYPE = "presstime"  # marks our schedules in RedBeat's JSON
FAR = 86_400.0  # seconds until a schedule without further instants is looked at again
OVER = -1.0  # the score of an entry that never rings again
NEVER_RANG = 2000  # RedBeat says "never" with a date in the year 1


class Alarm(BaseSchedule):
    """The alarm of a schedule: when it is due, in its own zone. RedBeat's crontab would forget the zone."""

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
        alarm = cls(row.spec, timetable.zone, timetable.offset.total_seconds(), row.version, app)
        alarm.__dict__["_timetable"] = timetable  # not read a second time
        return alarm

    def is_due(self, last_run_at: datetime) -> schedstate:
        now = self.now()
        if last_run_at.year < NEVER_RANG:
            return schedstate(True, self._seconds(now))
        following = self.following(last_run_at)
        if following is not None and following <= now:
            return schedstate(True, self._seconds(now))
        return schedstate(False, (following - now).total_seconds() if following else FAR)

    def remaining_estimate(self, last_run_at: datetime) -> timedelta | None:  # type: ignore[override] # RedBeat: None is never
        following = self.following(last_run_at)
        return following - last_run_at if following is not None else None

    @cached_property
    def _timetable(self) -> Timetable:
        return Timetable(from_json(self.spec), self.zone, timedelta(seconds=self.jitter))

    def following(self, after: datetime) -> datetime | None:
        """Return when the alarm rings next; raises BadSchedule."""
        return self._timetable.rings(after - self._timetable.offset)

    def _seconds(self, now: datetime) -> float:
        following = self.following(now)
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
    """Its hash has a third field, `version`: that of the row, so that comparing the two reads no definition."""

    @classmethod
    def of_row(cls, row: Schedule, app: Celery) -> "Entry":
        """Raises BadSchedule."""
        alarm = Alarm.of_row(row, app)
        entry = cls(
            name=name_of(row.pipeline, row.name),
            task="presstime.fire",
            schedule=alarm,
            args=[str(row.id)],
            options={"queue": CONTROL},
            app=app,
        )
        # It rings from where the decisions ended: an instant missed meanwhile makes it ring at once.
        entry.last_run_at = row.cursor + timedelta(seconds=alarm.jitter)
        return entry

    @staticmethod
    def decode_definition(definition: str) -> Any:
        return json.loads(definition, cls=Decoder)

    @property
    def score(self) -> float:
        """RedBeat's own is cut to whole seconds, and an alarm with jitter would ring before its time."""
        due: datetime | None = self.due_at
        return due.timestamp() if due is not None else OVER

    def save(self) -> "Entry":
        with get_redis(self.app).pipeline() as pipe:
            self.write(pipe)
            pipe.execute()
        return self

    def write(self, pipe: Pipeline) -> None:
        """Two commands; the second says whether the entry is new."""
        definition = {
            "name": self.name,
            "task": self.task,
            "args": self.args,
            "kwargs": self.kwargs,
            "options": self.options,
            "schedule": self.schedule,
            "enabled": self.enabled,
        }
        fields: dict[bytes | bytearray | memoryview[int] | str | float, Any] = {
            "definition": json.dumps(definition, cls=Encoder),
            "meta": meta_of(self.last_run_at),
            "version": self.schedule.version,
        }
        pipe.hset(self.key, mapping=fields)
        pipe.zadd(self.app.redbeat_conf.schedule_key, {self.key: self.score})


def name_of(pipeline: str, schedule: str) -> str:
    return f"{pipeline}/{schedule}"


def meta_of(last_run_at: datetime) -> str:
    """Return what RedBeat keeps beside the definition, for people and tools: the score decides, not `is_due`."""
    return json.dumps({"last_run_at": last_run_at}, cls=Encoder)

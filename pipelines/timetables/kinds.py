"""The kinds of schedules that an author or an operator writes: cron, every, once. Values with a JSON form."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, get_args

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from pipelines.names import kebab_problem
from pipelines.timetables.calendars import Calendar
from pipelines.timetables.cron import BadCron, parse_cron
from pipelines.timetables.field_types import type_problems
from pipelines.zones import UnknownZone, zone_of
from presstime.errors import PresstimeError

CatchUp = Literal["latest", "all", "none"]
Overlap = Literal["queue", "skip", "cancel_running", "allow"]
SHORTEST = timedelta(seconds=1)


def _clock_time(value: object) -> object:
    """A time of day out of `07:30`, which pydantic would take for seven and a half hours."""
    return time.fromisoformat(value) if isinstance(value, str) and value[:1].isdigit() else value


Deadline = Annotated[time | timedelta, BeforeValidator(_clock_time)]


class BadSchedule(PresstimeError):
    """A schedule cannot be followed, or its stored form not be read."""

    def __init__(self, name: object, reason: str) -> None:
        self.name = name
        super().__init__(f"schedule {name!r}: {reason}")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The options that every kind of schedule has beside its instants.

    `catch_up` says what is started for instants that were missed, `grace` how long an instant may be missed
    and still count, `overlap` what happens while an earlier run of this schedule is unfinished. Runs start at
    some moment of `jitter` after their instant, the same each time. `params` are what its runs get.

    `by` is when a run has to be finished: so long after its instant, or by the first such time of day in the
    schedule's zone that follows it. One that is not is late, which is noted and changes nothing else. After
    `stop_after` failures in a row the schedule pauses itself.
    """

    name: str
    timezone: str | None = None
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    starts: datetime | None = None
    ends: datetime | None = None
    calendar: Calendar | None = None
    catch_up: CatchUp = "latest"
    grace: timedelta | None = None
    overlap: Overlap = "queue"
    jitter: timedelta | None = None
    by: Deadline | None = None
    stop_after: int | None = None

    def problems(self) -> Iterator[str]:
        """Everything that is wrong with the schedule; found when its pipeline loads.

        Where types are wrong, only those: what cannot be compared cannot be checked further.
        """
        wrong_types = tuple(self._type_problems())
        yield from wrong_types or self._value_problems()

    def _type_problems(self) -> Iterator[str]:
        yield from type_problems(self)

    def _value_problems(self) -> Iterator[str]:
        if problem := kebab_problem(self.name):
            yield problem
        if self.timezone is not None:
            try:
                zone_of(self.timezone)
            except UnknownZone as error:
                yield str(error)
        yield from self._bound_problems()
        if self.calendar is not None:
            yield from self.calendar.problems()
        for name, words in (("catch_up", get_args(CatchUp)), ("overlap", get_args(Overlap))):
            if (word := getattr(self, name)) not in words:
                yield f"{name}={word!r} is not one of {', '.join(map(repr, words))}"
        yield from self._length_problems()

    def _bound_problems(self) -> Iterator[str]:
        for name in ("starts", "ends"):
            value = getattr(self, name)
            if value is not None and value.tzinfo is None:
                yield f"{name}={value.isoformat()} has no time zone; give it one with tzinfo="
                return
        if self.starts is not None and self.ends is not None and self.ends <= self.starts:
            yield f"ends={self.ends.isoformat()} is not after starts={self.starts.isoformat()}"

    def _length_problems(self) -> Iterator[str]:
        if isinstance(self.by, timedelta) and self.by <= timedelta():
            yield f"by={self.by!r} leaves no time"
        if isinstance(self.by, time) and self.by.tzinfo is not None:
            yield f"by={self.by.isoformat()} is in the schedule's zone; leave its tzinfo out"
        if self.stop_after is not None and self.stop_after < 1:
            yield f"stop_after={self.stop_after} is less than one"
        for name in ("grace", "jitter"):
            value = getattr(self, name)
            if value is not None and value < timedelta():
                yield f"{name}={value!r} is less than nothing"


@dataclass(frozen=True)
class Cron(Policy):
    """Starts runs at the instants of one cron line, or of several together, in `timezone` or the pipeline's."""

    kind: ClassVar[str] = "cron"

    expression: str | Sequence[str]

    def __post_init__(self) -> None:
        if isinstance(self.expression, list):
            object.__setattr__(self, "expression", tuple(self.expression))

    @property
    def expressions(self) -> tuple[str, ...]:
        return (self.expression,) if isinstance(self.expression, str) else tuple(self.expression)

    def _type_problems(self) -> Iterator[str]:
        yield from super()._type_problems()
        given: object = self.expression
        if not (isinstance(given, Sequence) and all(isinstance(line, str) for line in given)):
            yield f"cron line {given!r} is not text such as '0 6 * * *', nor a list of it"

    def _value_problems(self) -> Iterator[str]:
        yield from super()._value_problems()
        if not self.expressions:
            yield "has no cron line"
        for line in self.expressions:
            try:
                parse_cron(line)
            except BadCron as error:
                yield str(error)


@dataclass(frozen=True)
class Every(Policy):
    """Starts runs at `anchor` (default: 1970-01-01 UTC) and every whole `interval` from it, whatever clocks do."""

    kind: ClassVar[str] = "every"

    interval: timedelta
    anchor: datetime | None = None

    def _value_problems(self) -> Iterator[str]:
        yield from super()._value_problems()
        if self.interval < SHORTEST:
            yield f"interval {self.interval!r} is shorter than one second"
        if self.anchor is not None and self.anchor.tzinfo is None:
            yield f"anchor {self.anchor.isoformat()} has no time zone; give it one with tzinfo="


@dataclass(frozen=True)
class Once(Policy):
    """Starts a run at one instant."""

    kind: ClassVar[str] = "once"

    at: datetime

    def _value_problems(self) -> Iterator[str]:
        yield from super()._value_problems()
        if self.at.tzinfo is None:
            yield f"at={self.at.isoformat()} has no time zone; give it one with tzinfo="


Schedule: TypeAlias = Cron | Every | Once
KINDS: dict[str, type[Schedule]] = {kind.kind: kind for kind in (Cron, Every, Once)}


def to_json(schedule: Schedule) -> dict[str, object]:
    """The schedule as a row keeps it; `from_json` reads it back equal."""
    fields: dict[str, object] = _adapter(schedule.kind).dump_python(schedule, mode="json")
    return {"kind": schedule.kind, **fields}


def from_json(spec: Mapping[str, object]) -> Schedule:
    """Raises BadSchedule for a form that cannot be read; whether it makes sense is for `problems` to say."""
    fields = dict(spec)
    kind = str(fields.pop("kind", None))
    if kind not in KINDS:
        raise BadSchedule(spec.get("name"), f"kind {spec.get('kind')!r} is not one of {', '.join(KINDS)}")
    try:
        schedule: Schedule = _adapter(kind).validate_python(fields)
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors() if fault["loc"])
        raise BadSchedule(spec.get("name"), faults or str(error)) from error
    return schedule


@lru_cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind])

"""When runs of a pipeline start: cron, every, once. Pure time: values, instants, and a JSON form."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Literal, TypeAlias, get_args

from pydantic import TypeAdapter, ValidationError

from pipelines.cron import HORIZON, BadCron, merged_instants, parse_cron
from pipelines.names import kebab_problem
from pipelines.zones import UnknownZone, zone_of
from presstime.errors import PresstimeError

CatchUp = Literal["latest", "all", "none"]
Overlap = Literal["queue", "skip", "cancel_running", "allow"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHORTEST = timedelta(seconds=1)


class BadSchedule(PresstimeError):
    """A schedule cannot be followed, or its stored form not be read."""

    def __init__(self, name: object, reason: str) -> None:
        self.name = name
        super().__init__(f"schedule {name!r}: {reason}")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What every kind of schedule has beside its instants.

    `catch_up` says what is started for instants that were missed, `grace` how long an instant may be missed
    and still count, `overlap` what happens while an earlier run of this schedule is unfinished.
    """

    name: str
    timezone: str | None = None
    catch_up: CatchUp = "latest"
    grace: timedelta | None = None
    overlap: Overlap = "queue"

    def problems(self) -> Iterator[str]:
        """Everything that is wrong with the schedule; found when its pipeline loads."""
        if problem := kebab_problem(self.name):
            yield problem
        if self.timezone is not None:
            try:
                zone_of(self.timezone)
            except UnknownZone as error:
                yield str(error)
        if self.catch_up not in get_args(CatchUp):
            yield f"catch_up={self.catch_up!r} is not one of {_listed(CatchUp)}"
        if self.overlap not in get_args(Overlap):
            yield f"overlap={self.overlap!r} is not one of {_listed(Overlap)}"
        if self.grace is not None and self.grace < timedelta():
            yield f"grace={self.grace!r} is less than nothing"


@dataclass(frozen=True)
class Cron(Policy):
    """At the instants of one cron line, or of several together, in `timezone` or else the pipeline's."""

    kind: ClassVar[str] = "cron"

    expression: str | Sequence[str]

    def __post_init__(self) -> None:
        if isinstance(self.expression, list):
            object.__setattr__(self, "expression", tuple(self.expression))

    @property
    def expressions(self) -> tuple[str, ...]:
        return (self.expression,) if isinstance(self.expression, str) else tuple(self.expression)

    def problems(self) -> Iterator[str]:
        yield from super().problems()
        if not self.expressions:
            yield "has no cron line"
        for line in self.expressions:
            try:
                parse_cron(line)
            except BadCron as error:
                yield str(error)


@dataclass(frozen=True)
class Every(Policy):
    """At `anchor` (default: 1970-01-01 UTC) and every whole `interval` from it, whatever the clocks do."""

    kind: ClassVar[str] = "every"

    interval: timedelta
    anchor: datetime | None = None

    def problems(self) -> Iterator[str]:
        yield from super().problems()
        if self.interval < SHORTEST:
            yield f"interval {self.interval!r} is shorter than one second"
        if self.anchor is not None and self.anchor.tzinfo is None:
            yield f"anchor {self.anchor.isoformat()} has no time zone; give it one with tzinfo="


@dataclass(frozen=True)
class Once(Policy):
    """At one instant."""

    kind: ClassVar[str] = "once"

    at: datetime

    def problems(self) -> Iterator[str]:
        yield from super().problems()
        if self.at.tzinfo is None:
            yield f"at={self.at.isoformat()} has no time zone; give it one with tzinfo="


Schedule: TypeAlias = Cron | Every | Once
KINDS: dict[str, type[Schedule]] = {kind.kind: kind for kind in (Cron, Every, Once)}


def instants(schedule: Schedule, zone: str, after: datetime, until: datetime) -> Iterator[datetime]:
    """Instants in UTC with `after < instant <= until`, in order. `zone` is for a schedule without one."""
    for problem in schedule.problems():
        raise BadSchedule(schedule.name, problem)
    start, end = after.astimezone(UTC), until.astimezone(UTC)
    if isinstance(schedule, Cron):
        return merged_instants(schedule.expressions, zone_of(schedule.timezone or zone), start, end)
    if isinstance(schedule, Every):
        return _steps(schedule, start, end)
    moment = schedule.at.astimezone(UTC)
    return iter([moment] if start < moment <= end else [])


def next_instant(schedule: Schedule, zone: str, after: datetime) -> datetime | None:
    """The first instant after `after`; None when there is none within 41 years, so none at all."""
    last = datetime.max.replace(tzinfo=UTC)
    until = min(after.astimezone(UTC), last - HORIZON) + HORIZON
    return next(instants(schedule, zone, after, until), None)


def to_json(schedule: Schedule) -> dict[str, object]:
    """The schedule as a row keeps it; `from_json` reads it back equal."""
    spec: dict[str, object] = {"kind": schedule.kind}
    for field in dataclasses.fields(schedule):
        value = getattr(schedule, field.name)
        adapter: TypeAdapter[object] = TypeAdapter(field.type)  # type: ignore[arg-type] # a type: nothing here is a string
        spec[field.name] = adapter.dump_python(value, mode="json")
    return spec


def from_json(spec: Mapping[str, object]) -> Schedule:
    fields = dict(spec)
    kind = KINDS.get(str(fields.pop("kind", None)))
    if kind is None:
        raise BadSchedule(spec.get("name"), f"kind {spec.get('kind')!r} is not one of {', '.join(KINDS)}")
    try:
        schedule: Schedule = TypeAdapter(kind).validate_python(fields)
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors() if fault["loc"])
        raise BadSchedule(spec.get("name"), faults or str(error)) from error
    return schedule


def _steps(schedule: Every, after: datetime, until: datetime) -> Iterator[datetime]:
    anchor = (schedule.anchor or EPOCH).astimezone(UTC)
    instant = anchor + ((after - anchor) // schedule.interval + 1) * schedule.interval
    while instant <= until:
        yield instant
        instant += schedule.interval


def _listed(literal: object) -> str:
    return ", ".join(repr(word) for word in get_args(literal))

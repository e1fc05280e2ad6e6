"""The requests that make and change schedules, and what a change causes."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from api.schemas.requests import storable
from api.schemas.schedules import MOST_INSTANTS, ScheduleDetail
from pipelines.schedules.editing import Change
from pipelines.timetables.calendars import OnClosed, Weekday
from pipelines.timetables.describe import describe
from pipelines.timetables.kinds import CatchUp, Overlap, Schedule, from_json
from pipelines.timetables.overrides import KIND_OF, overridden

Line = Annotated[str, Field(max_length=200)]
Name = Annotated[str, Field(max_length=200)]
Lines = Annotated[list[Line], Field(min_length=1, max_length=100)]


class CalendarIn(BaseModel):
    """Which days are closed, and what becomes of an instant that falls on one."""

    model_config = ConfigDict(extra="forbid", title="CalendarRequest")

    country: Annotated[str, Field(max_length=10)] | None = Field(default=None, examples=["US"])
    region: Annotated[str, Field(max_length=10)] | None = Field(default=None, examples=["NY"])
    weekend: list[Weekday] = Field(default=["sat", "sun"], max_length=7)
    dates: list[date] = Field(default=[], max_length=10_000)
    on_closed: OnClosed = "skip"


class ScheduleFields(BaseModel):
    """When, and by which policies. What is left out stays as it is; null takes it away."""

    model_config = ConfigDict(extra="forbid", title="ScheduleChanges")

    kind: Literal["cron", "every", "once"] = Field(
        default="cron", description="May be left out: `expression`, `interval` or `at` says it."
    )
    expression: Line | Lines = Field(default="", description="One cron line, or several.")
    interval: timedelta = Field(default=timedelta(0), description="For `every`: `PT15M`, or seconds.")
    anchor: AwareDatetime | None = Field(default=None, description="From when an interval counts.")
    at: AwareDatetime | None = Field(default=None, description="For `once`.")
    timezone: Name | None = Field(default=None, description="Null: the pipeline's.")
    params: dict[str, JsonValue] = Field(default_factory=dict)
    starts: AwareDatetime | None = None
    ends: AwareDatetime | None = None
    calendar: CalendarIn | None = None
    catch_up: CatchUp = "latest"
    grace: timedelta | None = None
    overlap: Overlap = "queue"
    jitter: timedelta | None = None
    by: time | timedelta | None = Field(
        default=None, description="When a run has to be finished: `07:30`, or so long after: `PT90M`."
    )
    stop_after: Annotated[int, Field(ge=1, le=1_000_000)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _clock_time(cls, data: Any) -> Any:
        """`07:30` is a time of day; pydantic would take it for a duration too."""
        if isinstance(data, dict) and isinstance(by := data.get("by"), str) and by[:1].isdigit():
            try:
                return {**data, "by": time.fromisoformat(by)}
            except ValueError as error:
                raise ValueError(f"by {by!r} is no time of day like 07:30") from error
        return data

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        said = self.model_fields_set & KIND_OF.keys()
        if len(said) > 1 or (
            "kind" in self.model_fields_set and {KIND_OF[name] for name in said} != {self.kind}
        ):
            raise ValueError("say when with one of `expression`, `interval` and `at`, and no other `kind`")
        storable(self.params)
        return self

    @property
    def changes(self) -> dict[str, Any]:
        """As `pipelines.schedules.editing` takes them."""
        own = ScheduleFields.model_fields.keys()
        return self.model_dump(mode="json", exclude_unset=True, include=set(own))


class WholeSchedule(ScheduleFields):
    """A schedule that says when."""

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if not self.model_fields_set & KIND_OF.keys():
            raise ValueError("say when with one of `expression`, `interval` and `at`")
        return self

    def as_schedule(self, name: str) -> Schedule:
        """Raises BadSchedule."""
        return from_json(overridden({"name": name}, self.changes))


class ScheduleIn(WholeSchedule):
    """A schedule of one's own."""

    model_config = ConfigDict(extra="forbid", title="ScheduleRequest")

    pipeline: Name
    name: Name = Field(examples=["daily"])


class SimulationIn(WholeSchedule):
    """A schedule to try out."""

    model_config = ConfigDict(extra="forbid", title="SimulationRequest")

    count: Annotated[int, Field(ge=1, le=MOST_INSTANTS)] = 20
    after: AwareDatetime | None = Field(default=None, description="Left out: now.")


class EffectOut(BaseModel):
    """What a change causes. Its times are in the zone that the schedule has by it."""

    description: str
    before: list[datetime] = Field(description="The next runs as they are without it.")
    after: list[datetime] = Field(description="The next runs with it.")
    at_once: list[datetime] = Field(description="Instants behind now that start runs as soon as it is saved.")
    extra: str | None = Field(description="A day, week, month... that had its run and gets another one.")
    missed: str | None = Field(
        description="A day, week, month... that is left without the run it would have."
    )

    @classmethod
    def of(cls, change: Change) -> "EffectOut":
        effect, tz = change.effect, change.timetable.tz
        return cls(
            description=describe(change.timetable),
            before=[run.astimezone(tz) for run in effect.before],
            after=[run.astimezone(tz) for run in effect.after],
            at_once=[run.astimezone(tz) for run in effect.at_once],
            extra=str(effect.extra) if effect.extra else None,
            missed=str(effect.missed) if effect.missed else None,
        )


class ScheduleChanged(BaseModel):
    schedule: ScheduleDetail
    effect: EffectOut

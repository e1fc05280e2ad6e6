"""Schedules, as clients see and ask for them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from api.schemas.requests import LONGEST_PAGE, PAGE
from pipelines.schedules.late_listing import Late
from pipelines.schedules.pausing import is_paused, next_run
from pipelines.schedules.stored import timetable_of
from pipelines.schedules.why import Answer
from pipelines.timetables.describe import describe
from pipelines.timetables.occurrences import Timetable
from pipelines.timetables.simulate import Planned
from presstime.models import Cause, Delay, RunState, Schedule

MOST_INSTANTS = 1_000


class PauseOut(BaseModel):
    """Since when a schedule starts nothing, and until when: null is until it is resumed."""

    at: datetime
    by: str | None
    why: str | None
    until: datetime | None


class ScheduleDetail(BaseModel):
    """When runs of a pipeline start. Its times are in its own zone."""

    id: UUID
    pipeline: str
    name: str
    description: str = Field(description="When it fires, in plain words.")
    spec: dict[str, JsonValue] = Field(description="`kind` (cron, every, once), its times and policies.")
    timezone: str
    declared: bool = Field(description="Whether code declares it; otherwise an operator made it.")
    overrides: dict[str, JsonValue] | None = Field(
        description="What an operator changed about what code declares; a deploy leaves it as it is."
    )
    next_run: datetime | None = Field(description="When it starts its next run; null: never, or paused.")
    paused: PauseOut | None

    @classmethod
    def of(cls, row: Schedule, now: datetime) -> "ScheduleDetail":
        timetable = timetable_of(row)
        following = next_run(row, timetable, now)
        paused = None
        if is_paused(row, now) and row.paused_at is not None:
            paused = PauseOut(at=row.paused_at, by=row.paused_by, why=row.paused_why, until=row.paused_until)
        return cls(
            id=row.id,
            pipeline=row.pipeline,
            name=row.name,
            description=describe(timetable),
            spec=row.spec,
            timezone=row.timezone,
            declared=row.declared is not None,
            overrides=row.overrides,
            next_run=following.astimezone(timetable.tz) if following else None,
            paused=paused,
        )


class SchedulePage(BaseModel):
    items: list[ScheduleDetail]
    next: str | None = Field(description="`cursor` of the next page; null: this is the last.")


class ScheduleQuery(BaseModel):
    """Which schedules to list."""

    model_config = ConfigDict(extra="forbid")

    pipeline: str | None = None
    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = PAGE
    cursor: Annotated[str, Field(max_length=100)] | None = None


class NextQuery(BaseModel):
    """Which instants to show."""

    model_config = ConfigDict(extra="forbid")

    count: Annotated[int, Field(ge=1, le=MOST_INSTANTS)] = 20
    after: AwareDatetime | None = Field(default=None, description="Left out: now.")


class WhyQuery(BaseModel):
    """About which time to ask."""

    model_config = ConfigDict(extra="forbid")

    at: AwareDatetime | None = Field(default=None, description="Left out: now.")


class PauseIn(BaseModel):
    """How long to pause."""

    model_config = ConfigDict(extra="forbid", title="PauseRequest")

    until: AwareDatetime | None = Field(default=None, description="Left out: until it is resumed.")
    why: Annotated[str, Field(max_length=500)] | None = Field(default=None, description="What others read.")


class InstantOut(BaseModel):
    """An instant, in the schedule's own zone."""

    at: datetime
    fires: bool = Field(description="False: its calendar leaves it out.")
    interval: str | None = Field(description="The period that its run reports on.")
    oddities: list[str] = Field(description="Clocks that change, closed days, moves.")

    @classmethod
    def of(cls, planned: Planned) -> "InstantOut":
        return cls(
            at=planned.local,
            fires=planned.fires,
            interval=str(planned.interval) if planned.interval else None,
            oddities=list(planned.oddities),
        )


class InstantList(BaseModel):
    items: list[InstantOut]


class DecisionOut(BaseModel):
    """What was decided; about all instants from the first to the last alike."""

    fired: bool
    cause: Cause | None = Field(description="Why no run was started, as a word.")
    reason: str | None = Field(description="The same, for people.")
    first: datetime
    last: datetime
    count: int
    run_id: UUID | None
    run_state: RunState | None
    run_error: str | None


class WhyOut(BaseModel):
    """What a schedule did at its last instant up to a time."""

    instant: datetime | None = Field(description="Null: there was none yet.")
    oddities: list[str]
    undecided: bool = Field(description="It is due, or still to come, and nothing was decided about it.")
    decision: DecisionOut | None
    next: datetime | None = Field(description="The instant that follows the time asked about.")

    @classmethod
    def of(cls, answer: Answer, timetable: Timetable) -> "WhyOut":
        found = answer.decided
        decision = None
        if found is not None:
            decision = DecisionOut(
                fired=found.fired,
                cause=found.cause,
                reason=found.reason,
                first=found.first,
                last=found.last,
                count=found.count,
                run_id=found.run,
                run_state=found.run_state,
                run_error=found.run_error,
            )
        tz = timetable.tz
        return cls(
            instant=answer.instant.astimezone(tz) if answer.instant else None,
            oddities=list(answer.oddities),
            undecided=answer.undecided,
            decision=decision,
            next=answer.next.instant.astimezone(tz) if answer.next else None,
        )


class LateOut(BaseModel):
    """Instants of a schedule, from the first to the last, whose runs were not finished by their deadlines."""

    id: UUID
    schedule: str
    first: datetime
    last: datetime
    count: int
    deadline: datetime = Field(description="Of the first.")
    delay: Delay = Field(description="How it stood at the deadline.")
    reason: str | None = Field(description="Why there was no run, or why it failed.")
    noticed_at: datetime
    run_id: UUID | None = Field(description="Of the last; also one that was started after the deadline.")
    run_state: RunState | None
    run_finished_at: datetime | None

    @classmethod
    def of(cls, late: Late) -> "LateOut":
        return cls(
            id=late.id,
            schedule=late.schedule,
            first=late.first.astimezone(late.zone),
            last=late.last.astimezone(late.zone),
            count=late.count,
            deadline=late.deadline.astimezone(late.zone),
            delay=late.delay,
            reason=late.reason,
            noticed_at=late.noticed_at,
            run_id=late.run,
            run_state=late.run_state,
            run_finished_at=late.run_finished_at,
        )


class LatePage(BaseModel):
    """Newest first."""

    items: list[LateOut]
    next: str | None = Field(description="`cursor` of the next page; null: this is the last.")

"""Backfills, as clients ask for and see them."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from api.schemas.requests import LONGEST_PAGE, PAGE, storable
from presstime.models import Backfill, BackfillItem, BackfillState, ItemState, Rerun, Run, RunState


class BackfillIn(BaseModel):
    """Which past periods get runs."""

    model_config = ConfigDict(extra="forbid", title="BackfillRequest")

    pipeline: Annotated[str, Field(max_length=200)]
    schedule: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="Take the days of this schedule of the pipeline, and its parameters."
    )
    first: Annotated[str, Field(max_length=100)] = Field(
        description="The first period: `2013`, `2013-01`, `2013-01-05`...", examples=["2013-01"]
    )
    last: Annotated[str, Field(max_length=100)] = Field(
        description="The last period, included.", examples=["2013-12"]
    )
    params: dict[str, JsonValue] = Field(default_factory=dict)
    max_active: Annotated[int, Field(ge=1, le=1000, description="Runs under way at a time.")] = 4
    rerun: Rerun = Field(
        default=Rerun.MISSING,
        description="`missing`: periods without a run; `failed`: also those whose newest run failed or was "
        "cancelled; `all`. Never beside a run that is under way.",
    )
    newest_first: bool = False

    @model_validator(mode="after")
    def _can_be_stored(self) -> Self:
        storable(self.params)
        return self


class BackfillPlan(BaseModel):
    """What a backfill would do now."""

    runs: list[str] = Field(description="Periods that would get a run, in their order.")
    left_out: list[str] = Field(description="Periods that had theirs.")


class BackfillOut(BaseModel):
    id: UUID
    pipeline: str
    schedule: str | None
    state: BackfillState
    reason: str | None = Field(description="Why it was paused or cancelled.")
    params: dict[str, JsonValue]
    max_active: int
    newest_first: bool
    rerun: Rerun
    actor: str | None
    created_at: datetime
    finished_at: datetime | None
    progress: dict[str, int] = Field(
        description="Periods that are `pending` or `left_out`, and runs in each of their states."
    )

    @classmethod
    def of(cls, row: Backfill, progress: dict[str, int]) -> "BackfillOut":
        own = {name: getattr(row, name) for name in cls.model_fields if name != "progress"}
        return cls(**own, progress=progress)


class BackfillPage(BaseModel):
    """Newest first."""

    items: list[BackfillOut]
    next: str | None = Field(description="`cursor` of the next page; null: this is the last.")


class ItemOut(BaseModel):
    """One period."""

    number: int
    interval: str
    state: ItemState
    run_id: UUID | None
    run_state: RunState | None

    @classmethod
    def of(cls, item: BackfillItem, run: Run | None) -> "ItemOut":
        found: dict[str, Any] = {"run_id": run.id, "run_state": run.state} if run else {}
        return cls(
            number=item.number,
            interval=item.interval_label,
            state=item.state,
            run_id=found.get("run_id"),
            run_state=found.get("run_state"),
        )


class ItemList(BaseModel):
    """In the order in which they are taken."""

    items: list[ItemOut]


class BackfillQuery(BaseModel):
    """Which backfills to list."""

    model_config = ConfigDict(extra="forbid")

    pipeline: str | None = None
    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = PAGE
    cursor: Annotated[str, Field(max_length=100)] | None = None


class ItemQuery(BaseModel):
    """Which periods to list."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=-1, le=2**31 - 1, description="The number of the last one seen.")] = -1

"""The run as a step sees it: what it may ask about the run that it is part of. Knows no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import JsonValue

from pipelines.interval import Interval

Trigger = Literal["schedule", "api", "cli", "backfill", "rerun"]


@dataclass(frozen=True)
class Run:
    """One execution of a pipeline. `as_of` is the step's "now": the same on every attempt."""

    __presstime_provider__: ClassVar[str] = "run"

    id: UUID
    pipeline: str
    as_of: datetime
    trigger: Trigger = "cli"
    actor: str | None = None
    scheduled_for: datetime | None = None
    interval: Interval | None = None
    params: Mapping[str, JsonValue] = field(default_factory=dict)
    attempt: int = 1  # which try of this task it is

"""Makes a run that can be submitted from what somebody requested. Everything is checked before a row exists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from pipelines.graph import Graph
from pipelines.interval import Interval, interval_for, parse_interval
from pipelines.loading.registry import LoadedPipeline
from presstime.models import Trigger


@dataclass(frozen=True)
class Origin:
    """The person or the trigger that starts a run."""

    trigger: Trigger
    actor: str | None = None
    schedule_id: UUID | None = None
    scheduled_for: datetime | None = None
    rerun_of: UUID | None = None
    backfill_id: UUID | None = None


@dataclass(frozen=True)
class RunRequest:
    """All that is fixed about a run before its row exists; already validated."""

    pipeline: str
    graph: Graph
    code_version: str
    file_sha256: str
    timezone: str
    as_of: datetime
    origin: Origin
    params: dict[str, Any] = field(default_factory=dict)
    interval: Interval | None = None
    deadline_at: datetime | None = None
    policies: dict[str, Any] = field(default_factory=dict)


def request_run(
    loaded: LoadedPipeline,
    *,
    params: Mapping[str, Any],
    interval: str | None,
    as_of: datetime,
    origin: Origin,
    made_at: datetime | None = None,
    policies: Mapping[str, Any] | None = None,
) -> RunRequest:
    """Check parameters and interval, and fix everything that the run will use. Raises a PresstimeError.

    `made_at` is for a run of an instant long past: its time to finish counts from now.
    """
    pipeline = loaded.pipeline
    return RunRequest(
        pipeline=pipeline.name,
        graph=loaded.graph,
        code_version=loaded.code_version,
        file_sha256=loaded.file_sha256,
        timezone=pipeline.timezone,
        as_of=as_of,
        origin=origin,
        params=loaded.params_from(params).model_dump(mode="json"),
        interval=_interval(loaded, interval, origin.scheduled_for or as_of),
        deadline_at=(made_at or as_of) + pipeline.deadline if pipeline.deadline else None,
        policies={**({"max_runs": pipeline.max_runs} if pipeline.max_runs else {}), **(policies or {})},
    )


def _interval(loaded: LoadedPipeline, requested: str | None, before: datetime) -> Interval | None:
    pipeline = loaded.pipeline
    if requested is not None:
        return parse_interval(requested, pipeline.period, pipeline.timezone)
    return interval_for(pipeline.period, pipeline.timezone, before) if pipeline.period else None

"""Pipelines, as clients see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, JsonValue

from pipelines.graph import Node
from pipelines.loading.errors import Problem as LoadProblem
from pipelines.loading.loaded import LoadedPipeline
from pipelines.schedules.pausing import is_paused, next_run
from pipelines.schedules.stored import timetable_of
from pipelines.timetables.describe import describe
from pipelines.timetables.kinds import Schedule as Declared
from pipelines.timetables.kinds import to_json
from pipelines.timetables.occurrences import Timetable
from presstime.clock import utc_now
from presstime.models import PipelineRow, Schedule, StepKind


class ScheduleOut(BaseModel):
    """When runs start."""

    name: str
    description: str = Field(description="When it fires, in plain words.")
    spec: dict[str, JsonValue] = Field(description="`kind` (cron, every, once), its times and policies.")
    timezone: str
    catch_up: str = Field(description="What is started for instants that were missed: latest, all, none.")
    overlap: str = Field(description="What happens while an earlier run of it is unfinished.")
    next_at: datetime | None = Field(description="When it starts its next run; null: never, or paused.")
    paused_at: datetime | None

    @classmethod
    def of_row(cls, row: Schedule) -> "ScheduleOut":
        timetable, now = timetable_of(row), utc_now()
        return cls(
            name=row.name,
            description=describe(timetable),
            spec=row.spec,
            timezone=row.timezone,
            catch_up=str(row.spec["catch_up"]),
            overlap=str(row.spec["overlap"]),
            next_at=next_run(row, timetable, now),
            paused_at=row.paused_at if is_paused(row, now) else None,
        )

    @classmethod
    def of_code(cls, declared: Declared, zone: str) -> "ScheduleOut":
        spec: Any = to_json(declared)
        return cls(
            name=declared.name,
            description=describe(Timetable(declared, zone)),
            spec=spec,
            timezone=declared.timezone or zone,
            catch_up=declared.catch_up,
            overlap=declared.overlap,
            next_at=None,
            paused_at=None,
        )


class StepOut(BaseModel):
    """A step, and the steps that it waits for."""

    name: str
    kind: StepKind
    mapped: bool = Field(description="It has one task for each item of a list.")
    needs: list[str]

    @classmethod
    def of(cls, node: Node) -> "StepOut":
        needs = list(dict.fromkeys(need.step for need in node.needs))
        return cls(name=node.name, kind=StepKind(node.kind), mapped=node.mapped, needs=needs)


class PipelineOut(BaseModel):
    """A pipeline as its file is now; of one that cannot be loaded, what was known before."""

    name: str = Field(examples=["flight-punctuality"])
    title: str
    description: str
    owner: str | None
    period: str | None = Field(description="What a run covers; null: its runs have no interval.")
    timezone: str | None
    source: str | None = Field(description="The module or file that defines it.")
    code_version: str | None
    params_schema: dict[str, Any] | None = Field(description="JSON schema of the parameters of a run.")
    steps: list[StepOut] = Field(description="In an order in which they can run.")
    schedules: list[ScheduleOut]
    load_error: str | None = Field(description="Why it cannot be loaded: one line for each mistake.")

    @classmethod
    def of_code(cls, loaded: LoadedPipeline, rows: Sequence[Schedule]) -> "PipelineOut":
        pipeline = loaded.pipeline
        known = {row.name: row for row in rows}
        own = [
            ScheduleOut.of_row(known.pop(declared.name))
            if declared.name in known
            else ScheduleOut.of_code(declared, pipeline.timezone)
            for declared in pipeline.schedules
        ]
        operators = [ScheduleOut.of_row(row) for row in known.values() if row.declared is None]
        return cls(
            name=loaded.name,
            title=loaded.title,
            description=loaded.description,
            owner=pipeline.owner,
            period=pipeline.period,
            timezone=pipeline.timezone,
            source=loaded.source,
            code_version=loaded.code_version,
            params_schema=loaded.params_schema,
            steps=[StepOut.of(node) for node in loaded.graph.nodes],
            schedules=own + operators,
            load_error=None,
        )

    @classmethod
    def of_broken(
        cls, name: str, error: str, row: PipelineRow | None, schedules: Sequence[Schedule]
    ) -> "PipelineOut":
        return cls(
            name=name,
            title=row.title if row else name,
            description=row.description if row else "",
            owner=row.owner if row else None,
            period=row.period if row else None,
            timezone=row.timezone if row else None,
            source=row.source if row else None,
            code_version=row.code_version if row else None,
            params_schema=row.params_schema if row else None,
            steps=[],
            schedules=[ScheduleOut.of_row(schedule) for schedule in schedules],
            load_error=error,
        )


class LoadProblemOut(BaseModel):
    """A file that cannot be loaded, or a pipeline in it."""

    file: str
    line: int
    pipeline: str | None = Field(description="Null when the file does not show which one it defines.")
    messages: list[str]

    @classmethod
    def of(cls, problem: LoadProblem) -> "LoadProblemOut":
        return cls(
            file=problem.file, line=problem.line, pipeline=problem.pipeline, messages=list(problem.messages)
        )


class PipelineList(BaseModel):
    items: list[PipelineOut]
    problems: list[LoadProblemOut]


def by_name(items: Mapping[str, PipelineOut]) -> list[PipelineOut]:
    return [items[name] for name in sorted(items)]

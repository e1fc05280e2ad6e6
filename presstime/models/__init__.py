"""The tables: what is true about pipelines, schedules, runs and their results."""

from presstime.models.backfills import Backfill, BackfillItem
from presstime.models.base import Base
from presstime.models.files import File, Report, Snapshot
from presstime.models.operations import Heartbeat, IdempotencyKey, Leader, OutboxMessage
from presstime.models.pipelines import PipelineRow
from presstime.models.runs import Event, FailedAttempt, Run, Stage, Task
from presstime.models.schedules import Firing, Lateness, Schedule
from presstime.models.states import (
    BackfillState,
    Cause,
    Decision,
    Delay,
    Intent,
    ItemState,
    Lane,
    Rerun,
    RunState,
    StageKind,
    StepKind,
    TaskState,
    Trigger,
)

__all__ = [
    "Backfill",
    "BackfillItem",
    "BackfillState",
    "Base",
    "Cause",
    "Decision",
    "Delay",
    "Event",
    "FailedAttempt",
    "File",
    "Firing",
    "Heartbeat",
    "IdempotencyKey",
    "Intent",
    "ItemState",
    "Lane",
    "Lateness",
    "Leader",
    "OutboxMessage",
    "PipelineRow",
    "Report",
    "Rerun",
    "Run",
    "RunState",
    "Schedule",
    "Snapshot",
    "Stage",
    "StageKind",
    "StepKind",
    "Task",
    "TaskState",
    "Trigger",
]

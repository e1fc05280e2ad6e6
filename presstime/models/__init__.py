"""The tables: what is true about pipelines, schedules, runs and their results."""

from presstime.models.base import Base
from presstime.models.files import File, Report, Snapshot
from presstime.models.operations import Heartbeat, IdempotencyKey, Leader, OutboxMessage
from presstime.models.pipelines import PipelineRow
from presstime.models.runs import Event, FailedAttempt, Run, Stage, Task
from presstime.models.schedules import Firing, Lateness, Schedule
from presstime.models.states import (
    Cause,
    Decision,
    Delay,
    Intent,
    Lane,
    RunState,
    StageKind,
    StepKind,
    TaskState,
    Trigger,
)

__all__ = [
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
    "Lane",
    "Lateness",
    "Leader",
    "OutboxMessage",
    "PipelineRow",
    "Report",
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

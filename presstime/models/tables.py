"""The tables behind the mapped classes, for statements over many rows and for those that run most often."""

from presstime.database import table_of
from presstime.models import (
    BackfillItem,
    Event,
    FailedAttempt,
    File,
    Firing,
    Heartbeat,
    IdempotencyKey,
    Lateness,
    OutboxMessage,
    PipelineRow,
    Report,
    Run,
    Snapshot,
    Stage,
    Task,
)

BACKFILL_ITEMS = table_of(BackfillItem)
EVENTS = table_of(Event)
FAILED_ATTEMPTS = table_of(FailedAttempt)
FILES = table_of(File)
FIRINGS = table_of(Firing)
HEARTBEATS = table_of(Heartbeat)
IDEMPOTENCY_KEYS = table_of(IdempotencyKey)
LATENESS = table_of(Lateness)
OUTBOX = table_of(OutboxMessage)
PIPELINES = table_of(PipelineRow)
REPORTS = table_of(Report)
RUNS = table_of(Run)
SNAPSHOTS = table_of(Snapshot)
STAGES = table_of(Stage)
TASKS = table_of(Task)

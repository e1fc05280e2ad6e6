"""The words that rows use for what they are. Which may follow which: `pipelines.runs.states`."""

from enum import StrEnum


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class TaskState(StrEnum):
    PENDING = "pending"  # waits for other tasks
    READY = "ready"  # may start
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class StepKind(StrEnum):
    EXTRACT = "extract"
    TRANSFORM = "transform"
    CHECK = "check"
    REPORT = "report"
    LOAD = "load"


class StageKind(StrEnum):
    """The Celery primitive that carries a stage."""

    CHAIN = "chain"
    CHORD = "chord"


class Lane(StrEnum):
    """The one of two queues that carries a stage: a short one is not to wait behind thousands of tasks."""

    EXPRESS = "express"
    BULK = "bulk"


class Trigger(StrEnum):
    """The trigger of a run: what started it."""

    SCHEDULE = "schedule"
    API = "api"
    CLI = "cli"
    BACKFILL = "backfill"
    RERUN = "rerun"


class Decision(StrEnum):
    """The decision about one instant of a schedule."""

    FIRED = "fired"
    SKIPPED = "skipped"


class Cause(StrEnum):
    """The reason why an instant of a schedule started no run."""

    CLOSED = "closed"  # its calendar
    PAUSED = "paused"
    OVERLAP = "overlap"  # an earlier run was unfinished
    TOO_LATE = "too_late"
    SUPERSEDED = "superseded"  # by a later instant, when both had been missed
    REFUSED = "refused"  # the pipeline does not load, or takes no such parameters


class Delay(StrEnum):
    """The state, at its deadline, of an instant whose run was not finished by then."""

    UNDECIDED = "undecided"  # no alarm had rung
    NOT_RUN = "not_run"  # it was decided that there is no run
    UNFINISHED = "unfinished"  # or finished only after the deadline
    FAILED = "failed"  # or cancelled


class Rerun(StrEnum):
    """The periods of a backfill that get a run although they had one."""

    MISSING = "missing"  # none
    FAILED = "failed"  # those whose newest run failed or was cancelled
    ALL = "all"


class BackfillState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


class ItemState(StrEnum):
    """The state of one period of a backfill."""

    PENDING = "pending"
    STARTED = "started"
    LEFT_OUT = "left_out"  # it had a run already


class Intent(StrEnum):
    """The purpose of an outbox row: what is done once its transaction has committed."""

    PUBLISH = "publish"  # the canvas of one stage
    TASK = "task"  # one task whose message was spent before its time
    ADVANCE = "advance"  # look again at what is left of one run
    BACKFILL = "backfill"  # start the next run of the backfill that one run was of

"""A step as its decorator marked it: a function and what was said about it. Nothing is checked here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias, TypedDict

from pipelines.resource import Resource
from reports.file_formats import Format

Kind = Literal["extract", "transform", "check", "report"]
StepFunction: TypeAlias = Callable[..., object]

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=5)
KILL_AFTER = timedelta(seconds=5)


class StepOptions(TypedDict, total=False):
    """The options that any step may have beside `over=`."""

    name: str  # instead of the function's name
    retries: int  # further tries after an exception of the step's own
    retry_on: Sequence[type[Exception]]  # the only exceptions that are tried again; else all are
    backoff: timedelta  # before the second try; doubled for each one after it
    longest_backoff: timedelta  # between two tries
    timeout: timedelta  # of one attempt
    kill_after: timedelta  # for cleaning up once the time is over; then the process is killed
    limit: int  # items of a mapped step that run at the same time
    resource: Resource  # what few tasks may use at the same time, whatever their pipeline
    allow_failure: bool | int  # True, or of a mapped step how many items may fail
    after: Sequence[StepFunction]  # steps to wait for without taking their results


class CheckOptions(StepOptions, total=False):
    guards: Sequence[StepFunction]  # the only reports that wait for this check


class ReportOptions(StepOptions, total=False):
    filename: str  # a template such as "Sales {item} {interval}"
    formats: Sequence[
        Format
    ]  # each is a file of its own: "xlsx", "csv", "parquet", "json", "html", "pdf", a CsvDialect


@dataclass(frozen=True)
class Step:
    """One mark of a decorator. `over` is a step's function, literal items, or None."""

    kind: Kind
    function: StepFunction
    over: StepFunction | Sequence[object] | None = None
    name: str = ""
    retries: int = 0
    retry_on: Sequence[type[Exception]] | None = None
    backoff: timedelta = FIRST_PAUSE
    longest_backoff: timedelta = LONGEST_PAUSE
    timeout: timedelta | None = None
    kill_after: timedelta = KILL_AFTER
    limit: int | None = None
    resource: Resource | None = None
    allow_failure: bool | int = False
    after: Sequence[StepFunction] = ()
    guards: Sequence[StepFunction] | None = None
    filename: str | None = None
    formats: Sequence[Format] = ("xlsx",)

    @property
    def step_name(self) -> str:
        return self.name or str(getattr(self.function, "__name__", repr(self.function)))

    @property
    def mapped(self) -> bool:
        return self.over is not None

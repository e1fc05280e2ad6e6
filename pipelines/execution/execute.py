"""Executes one attempt of a task: loads its inputs, calls the step, stores what it returned.

The same code serves a Celery worker and the one-process runner.
"""

import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

from sqlalchemy.orm import Session

from pipelines.annotations import Form
from pipelines.checks import Finding, findings
from pipelines.context import Run
from pipelines.execution.documents import build_documents
from pipelines.execution.log_capture import captured_log
from pipelines.loading.loaded import LoadedPipeline, LoadedStep, Parameter
from pipelines.markers import Skip
from pipelines.results.store import load, load_joined, save
from pipelines.results.values import parse
from pipelines.runs.claims import Attempt, Part
from pipelines.runs.complete import Failure, Result, fail, skip, succeed
from pipelines.sources.snapshots import Recorder, Snapshot
from presstime.artifacts import Artifacts
from presstime.clock import Clock, utc_now
from presstime.errors import PresstimeError


class Outcome(Protocol):
    """The end of an attempt, with what it fetched and logged on the way."""

    def with_traces(self, snapshots: Sequence[Snapshot], log: str) -> "Outcome": ...

    def record(self, session: Session, attempt: Attempt) -> bool:
        """Write it down; False when the attempt no longer held its task."""
        ...


@dataclass(frozen=True)
class Succeeded:
    result: Result

    def __str__(self) -> str:
        rows = (self.result.output or {}).get("rows")
        return "succeeded" if rows is None else f"succeeded with {rows:,} rows"

    def with_traces(self, snapshots: Sequence[Snapshot], log: str) -> "Succeeded":
        return Succeeded(replace(self.result, snapshots=snapshots, log=log))

    def record(self, session: Session, attempt: Attempt) -> bool:
        return succeed(session, attempt, self.result)


@dataclass(frozen=True)
class Failed:
    failure: Failure

    def __str__(self) -> str:
        return f"failed: {self.failure.error}"

    def with_traces(self, snapshots: Sequence[Snapshot], log: str) -> "Failed":
        result = replace(self.failure.result, snapshots=snapshots, log=log)
        return Failed(replace(self.failure, result=result))

    def record(self, session: Session, attempt: Attempt) -> bool:
        return fail(session, attempt, self.failure)


@dataclass(frozen=True)
class Skipped:
    reason: str
    result: Result

    def __str__(self) -> str:
        return f"had nothing to do: {self.reason}"

    def with_traces(self, snapshots: Sequence[Snapshot], log: str) -> "Skipped":
        return Skipped(self.reason, replace(self.result, snapshots=snapshots, log=log))

    def record(self, session: Session, attempt: Attempt) -> bool:
        return skip(session, attempt, self.reason, self.result)


def execute(
    attempt: Attempt, loaded: LoadedPipeline, artifacts: Artifacts, clock: Clock = utc_now
) -> Outcome:
    """Run the step to its end. Whatever it raises becomes part of the outcome."""
    recorder = Recorder(artifacts, clock)
    with captured_log() as log:
        try:
            with ExitStack() as stack:
                outcome: Outcome = _Execution(attempt, loaded, artifacts, recorder, stack).run()
        except Skip as skip:
            outcome = Skipped(skip.reason, Result())
        except (Exception, SystemExit) as error:  # noqa: BLE001 # the author's code may raise anything
            outcome = Failed(_failure(error, loaded.steps[attempt.node.name].retry_on))
    return outcome.with_traces(recorder.snapshots, log.text)


class PreviousUnfit(PresstimeError):
    """The result that a step gave the last time is not of the type that it gives now."""

    retryable = False

    def __init__(self, step: str, pin: Mapping[str, Any], error: Exception) -> None:
        self.step = step
        when = f"of {pin['interval']}" if pin["interval"] else f"as of {pin['as_of']}"
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        super().__init__(
            f"what step {step!r} gave in the run {when} does not fit its type now ({reason}); make that run again"
        )


@dataclass(frozen=True)
class _Execution:
    """One call of one step, with what its arguments are made from."""

    attempt: Attempt
    loaded: LoadedPipeline
    artifacts: Artifacts
    recorder: Recorder
    stack: ExitStack

    @property
    def step(self) -> LoadedStep:
        return self.loaded.steps[self.attempt.node.name]

    def run(self) -> Outcome:
        value = self.step.call({p.name: self._argument(p) for p in self.step.parameters})
        if self.step.kind == "report":
            documents = build_documents(value, self.attempt, self.loaded, self.artifacts)
            return Succeeded(Result(documents=documents))
        if self.step.kind == "check":
            return _judge(findings(cast(Any, value)))
        output = save(value, self.step.result, self.artifacts, self.attempt.prefix, step=self.step.name)
        return Succeeded(Result(output=cast("dict[str, Any]", output)))

    def _argument(self, parameter: Parameter) -> object:
        if parameter.role == "item":
            return parse(str(self.attempt.item), self.step.item)
        if parameter.role == "previous":
            return self._previous(parameter)
        return self._provided(parameter) if parameter.role == "provider" else self._taken(parameter)

    def _provided(self, parameter: Parameter) -> object:
        if parameter.source == "params":
            return self.loaded.params_from(self.attempt.params)
        if parameter.source == "interval":
            return self.attempt.interval
        if parameter.source == "run":
            return _run(self.attempt)
        source = cast("Callable[[Recorder], AbstractContextManager[object]]", parameter.provider)
        return self.stack.enter_context(source(self.recorder))

    def _taken(self, parameter: Parameter) -> object:
        """The result of another step, in the form that the parameter's annotation asks for."""
        return self._loaded_from(parameter, self.attempt.inputs[str(parameter.source)])

    def _previous(self, parameter: Parameter) -> object:
        """The same of the run before, None where that had none."""
        step = str(parameter.source)
        parts = self.attempt.previous.get(step, ())
        if not any(part.output is not None for part in parts):
            return None
        try:
            return self._loaded_from(parameter, parts)
        except (PresstimeError, ValueError, KeyError) as error:
            raise PreviousUnfit(step, self.attempt.pins["previous"], error) from error

    def _loaded_from(self, parameter: Parameter, parts: Sequence[Part]) -> object:
        producer = self.loaded.steps[str(parameter.source)]
        form = cast(Form, parameter.form)
        if self.loaded.graph.node(producer.name).mapped:
            pairs = [(str(part.item), part.output) for part in parts]
            return load_joined(pairs, form, producer.result, self.artifacts, self.stack, item=producer.item)
        output = parts[0].output
        return (
            None if output is None else load(output, producer.result, self.artifacts, self.stack, form.frame)
        )


def _run(attempt: Attempt) -> Run:
    return Run(
        id=attempt.run_id,
        pipeline=attempt.pipeline,
        as_of=attempt.as_of,
        trigger=attempt.trigger.value,
        actor=attempt.actor,
        scheduled_for=attempt.scheduled_for,
        interval=attempt.interval,
        params=attempt.params,
        attempt=attempt.number,
    )


def _judge(judged: tuple[Finding, ...]) -> Outcome:
    """A check with a finding that fails is a failure, which another try would not mend."""
    said = [{"outcome": f.outcome, "message": f.message, "rows": f.row_count} for f in judged]
    failing = next((f for f in judged if f.outcome == "fail"), None)
    if failing is None:
        return Succeeded(Result(findings=said))
    rows = f" ({failing.row_count:,} rows)" if failing.row_count is not None else ""
    return Failed(
        Failure(failing.message + rows, "CheckFailed", retryable=False, result=Result(findings=said))
    )


def _failure(error: BaseException, retry_on: tuple[type[Exception], ...] | None) -> Failure:
    """One line for people: our own messages stand alone, others say of what class they are."""
    listed = retry_on is None or isinstance(error, retry_on)
    first = next(iter(str(error).strip().splitlines()), "")
    known = isinstance(error, PresstimeError)
    kind = type(error).__name__
    return Failure(
        error=first if known and first else f"{kind}: {first}" if first else kind,
        error_type=kind,
        traceback="".join(traceback.format_exception(error)),
        retryable=listed and getattr(error, "retryable", True),
        retry_after=getattr(error, "retry_after", None),
    )

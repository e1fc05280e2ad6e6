"""Checks the options of a single step and of the pipeline itself. Knows nothing of edges."""

import string
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import timedelta

from pydantic import ValidationError

from pipelines.annotations import (
    DocumentType,
    FindingsType,
    FrameType,
    RecordType,
    ResultType,
    ValueType,
    classify,
    holds_frame,
    spelled,
)
from pipelines.interval import PERIODS
from pipelines.loading.signature import Signature
from pipelines.names import MAX_NAME, did_you_mean, kebab_problem, step_name_problem
from pipelines.params import Params, model_problems
from pipelines.pipeline import Pipeline
from pipelines.resource import Resource
from pipelines.results.values import Unserialisable, adapter_of
from pipelines.step import Step
from pipelines.timetables.kinds import Policy
from pipelines.zones import UnknownZone, zone_of
from reports.csv_dialect import CsvDialect
from reports.extras import missing_extra
from reports.file_formats import FORMATS, format_name

FILENAME_FIELDS = ("pipeline", "title", "step", "item", "interval")


def pipeline_faults(pipeline: Pipeline) -> Iterator[str]:
    """Return the faults of the declaration, apart from its steps."""
    if problem := kebab_problem(pipeline.name):
        yield problem
    if pipeline.period is not None and pipeline.period not in PERIODS:
        yield f"period={pipeline.period!r} is not one of {', '.join(map(repr, PERIODS))}"
    try:
        zone_of(pipeline.timezone)
    except UnknownZone as error:
        yield str(error)
    yield from _params_faults(pipeline.params)
    yield from _schedule_faults(pipeline)
    yield from _template_faults(pipeline.filename, pipeline)
    if pipeline.deadline is not None and pipeline.deadline <= timedelta():
        yield f"deadline={pipeline.deadline!r} is not longer than nothing"
    if pipeline.max_runs is not None and pipeline.max_runs < 1:
        yield f"max_runs={pipeline.max_runs} lets nothing run"
    if not pipeline.steps:
        yield "has no steps; mark functions with its decorators"


def option_faults(step: Step, pipeline: Pipeline) -> Iterator[str]:
    """Return the faults of the options that the decorator was given."""
    if problem := step_name_problem(step.step_name):
        yield problem
    if step.retries < 0:
        yield f"retries={step.retries} is less than none"
    if step.timeout is not None and step.timeout <= timedelta():
        yield f"timeout={step.timeout!r} is not longer than nothing"
    yield from _retry_faults(step)
    if step.kill_after < timedelta():
        yield f"kill_after={step.kill_after!r} is less than nothing"
    if step.resource is not None:
        yield from _resource_faults(step.resource)
    if step.limit is not None and step.limit < 1:
        yield f"limit={step.limit} lets nothing run"
    if step.limit is not None and not step.mapped:
        yield "limit= is for a mapped step: it says how many items run at the same time"
    yield from _failure_faults(step)
    yield from _filename_faults(step, pipeline)
    yield from _format_faults(step.formats)


def _retry_faults(step: Step) -> Iterator[str]:
    if step.backoff < timedelta():
        yield f"backoff={step.backoff!r} is less than nothing"
    if step.longest_backoff < step.backoff:
        yield f"longest_backoff={step.longest_backoff!r} is shorter than the first, {step.backoff!r}"
    kinds: object = step.retry_on  # by authors with and without a type checker
    if kinds is None:
        return
    if not isinstance(kinds, Sequence) or not all(
        isinstance(kind, type) and issubclass(kind, Exception) for kind in kinds
    ):
        yield f"retry_on={kinds!r} is not a list of exception classes"
    elif step.retries == 0:
        yield "retry_on= says what is tried again, and retries= says never"


def _resource_faults(resource: object) -> Iterator[str]:
    if not isinstance(resource, Resource):
        yield f"resource={resource!r} is not a pipelines.Resource"
        return
    if not 1 <= len(str(resource.name).strip()) <= MAX_NAME:
        yield f"resource {resource.name!r} needs a name of 1 to {MAX_NAME} characters"
    if resource.limit < 1:
        yield f"resource {resource.name!r}: limit={resource.limit} lets nothing run"


def result_faults(step: Step, signature: Signature) -> Iterator[str]:
    """Return the faults of the type that the step returns."""
    kind, shown = classify(signature.result), spelled(signature.result)
    if step.kind == "report":
        if not isinstance(kind, DocumentType):
            yield f"returns {shown}; a report returns a document of `reports`, such as Workbook"
    elif step.kind == "check":
        if not isinstance(kind, FindingsType) and signature.result is not type(None):
            yield f"returns {shown}; a check returns Finding | None or list[Finding]"
    elif isinstance(kind, DocumentType):
        yield f"returns {shown}; only a report hands out a document"
    elif isinstance(kind, FindingsType):
        yield f"returns {shown}; only a check returns findings"
    else:
        yield from _stored_faults(kind, shown)


def _stored_faults(kind: ResultType, shown: str) -> Iterator[str]:
    if isinstance(kind, RecordType):
        for name, part in kind.fields:
            if isinstance(part, FrameType) and part.stream:
                yield f"returns {shown}, whose field {name!r} is a generator; yield from a step of its own"
            else:
                yield from _stored_faults(part, f"{shown}, whose field {name!r} is refused")
    elif isinstance(kind, FrameType):
        if kind.form == "path":
            yield f"returns {shown}; a Path is a way to take a frame, return the frame itself"
        elif kind.stream and kind.form == "lazy":
            yield f"returns {shown}; yield frames that are not lazy"
    elif isinstance(kind, ValueType) and holds_frame(kind.annotation):
        yield f"returns {shown}; return one frame, a NamedTuple of frames, or map the step with over="
    elif isinstance(kind, ValueType):
        try:
            adapter_of(kind.annotation)
        except Unserialisable as error:
            yield f"returns {shown}: {error}"


def _failure_faults(step: Step) -> Iterator[str]:
    allowed = step.allow_failure
    if allowed is False:
        return
    if step.kind == "check":
        yield "a check has no allow_failure; return warn(...) for what must not stop the reports"
    elif step.mapped and allowed is True:
        yield "allow_failure of a mapped step is how many items may fail, not True"
    elif not step.mapped and allowed is not True:
        yield f"allow_failure={allowed!r} counts items, and the step is not mapped; say True"
    elif step.mapped and allowed < 1:
        yield f"allow_failure={allowed!r} allows none"


def _filename_faults(step: Step, pipeline: Pipeline) -> Iterator[str]:
    if step.kind != "report":
        return
    fields = yield from _template_faults(step.filename, pipeline)
    if "item" in fields and not step.mapped:
        yield "filename has {item}, and the step is not mapped"
    template = step.filename or pipeline.filename
    if template and step.mapped and "{item" not in template:
        yield f"filename {template!r} would be the same for every item; put {{item}} in it"


def _format_faults(formats: object) -> Iterator[str]:
    """By authors with and without a type checker."""
    if isinstance(formats, str) or not isinstance(formats, Sequence):
        yield f'formats={formats!r} is not a list of formats, such as ("xlsx", "csv")'
        return
    if not formats:
        yield "formats= is empty, so the report would be no file"
    seen: list[str] = []
    for format_ in formats:
        if not isinstance(format_, CsvDialect) and format_ not in FORMATS:
            guess = did_you_mean(str(format_), FORMATS)
            yield f"formats= has {format_!r}{guess or '; known are ' + ', '.join(FORMATS)}"
            continue
        name = format_name(format_)
        if missing := missing_extra(name):
            yield f"formats= has {name!r}: {missing}"
        if name in seen:
            yield f"formats= has {name!r} twice"
        seen.append(name)


def _template_faults(template: str | None, pipeline: Pipeline) -> Generator[str, None, Sequence[str]]:
    """What is wrong with a filename; the generator's value is the fields that it has."""
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(template or "") if name is not None]
    except ValueError as error:
        yield f"filename {template!r}: {error}"
        return ()
    for name in fields:
        if name not in FILENAME_FIELDS:
            known = ", ".join(f"{{{field}}}" for field in FILENAME_FIELDS)
            guess = did_you_mean(name, FILENAME_FIELDS)
            yield f"filename {template!r} has {{{name}}}{guess or f'; known are {known}'}"
    if "interval" in fields and pipeline.period is None:
        yield f"filename {template!r} has {{interval}}, and the pipeline has no period="
    return fields


def _params_faults(model: object) -> Iterator[str]:
    if model is None:
        return
    if not (isinstance(model, type) and issubclass(model, Params)):
        yield f"params={model!r} is not a subclass of pipelines.Params"
        return
    yield from model_problems(model)


def _schedule_faults(pipeline: Pipeline) -> Iterator[str]:
    seen: list[object] = []  # a name may be anything, unhashable too
    declared: Sequence[object] = pipeline.schedules  # by authors with and without a type checker
    for schedule in declared:
        if not isinstance(schedule, Policy):
            yield f"schedule {schedule!r} is none of Cron, Every and Once"
            continue
        problems = (*schedule.problems(), *_argument_faults(schedule, pipeline.params))
        yield from (f"schedule {schedule.name!r}: {problem}" for problem in problems)
        if schedule.name in seen:
            yield f"two schedules have the name {schedule.name!r}"
        seen.append(schedule.name)


def _argument_faults(schedule: Policy, model: object) -> Iterator[str]:
    """What is wrong with the parameters that its runs get."""
    params: object = schedule.params
    if not isinstance(params, Mapping):
        return  # a problem of the schedule's own
    if not (isinstance(model, type) and issubclass(model, Params)):
        if params:
            yield "has params=, and the pipeline takes none"
        return
    try:
        model.model_validate(dict(params))
    except ValidationError as error:
        for fault in error.errors():
            yield f"params: {'.'.join(map(str, fault['loc']))}: {fault['msg']}"

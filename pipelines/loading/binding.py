"""Finds where each parameter of a step comes from: by its annotation first, then by its name as a step."""

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pipelines.annotations import (
    Form,
    FrameType,
    classify,
    dict_parts,
    frame_form,
    list_item,
    spelled,
    strip,
    strip_none,
)
from pipelines.interval import Interval
from pipelines.loading.assignable import assignable
from pipelines.loading.loaded import Parameter
from pipelines.loading.signature import Signature
from pipelines.markers import From, Previous
from pipelines.names import did_you_mean
from pipelines.params import Params
from pipelines.pipeline import Pipeline
from pipelines.step import Step

PROVIDER = "__presstime_provider__"  # class attribute: the kind of provider, such as "web"
SOURCE = "__presstime_source__"  # class attribute: True for what reaches outside, and so is for extract steps


@dataclass(frozen=True)
class Known:
    """The facts about a pipeline's steps while parameters are bound. Steps with a fault lack signatures."""

    pipeline: Pipeline
    steps: Mapping[str, Step]
    signatures: Mapping[str, Signature]
    names: Mapping[Callable[..., object], tuple[str, ...]] = field(default_factory=dict)
    items: Mapping[str, object] = field(default_factory=dict)

    def name_of(self, reference: object, what: str) -> str:
        """The name of the step that a function or a name stands for; raises Unbound."""
        if isinstance(reference, str):
            if reference in self.steps:
                return reference
            raise Unbound(
                f"{what} names {reference!r}, which is no step{did_you_mean(reference, self.steps)}"
            )
        found = self.names.get(typing.cast("Callable[..., object]", reference), ())
        if len(found) == 1:
            return found[0]
        shown = getattr(reference, "__name__", repr(reference))
        if found:
            raise Unbound(f"{what} names {shown!r}, which is marked as {' and '.join(map(repr, found))}")
        raise Unbound(f"{what} names {shown!r}, which is no step of this pipeline: mark it first")


class Unbound(Exception):
    """A parameter has no source; the text completes "step 'x': ..."."""


def bind(step: Step, signature: Signature, known: Known) -> tuple[list[Parameter], list[str]]:
    """The step's parameters with their sources, and what is wrong with the others."""
    bound: list[Parameter] = []
    faults: list[str] = []
    for position, (name, annotation) in enumerate(signature.parameters):
        if step.mapped and position == 0:
            bound.append(Parameter(name, "item", annotation))
            continue
        try:
            bound.append(_bind_one(step, name, annotation, known))
        except Unbound as error:
            faults.append(str(error))
    return bound, faults


def _bind_one(step: Step, name: str, annotation: object, known: Known) -> Parameter:
    bare, optional = strip_none(strip(annotation))
    kind = getattr(bare, PROVIDER, None) if isinstance(bare, type) else None
    if kind is not None and isinstance(bare, type):
        _check_provider(step, name, bare, known.pipeline, optional=optional)
        return Parameter(name, "provider", annotation, source=kind, provider=bare)
    marks = typing.get_args(annotation)[1:] if typing.get_origin(annotation) is Annotated else ()
    earlier = next((mark for mark in marks if isinstance(mark, Previous)), None)
    if earlier is not None:
        return _bind_previous(name, annotation, earlier, known, optional=optional)
    source = next((mark.step for mark in marks if isinstance(mark, From)), None)
    if source is not None:
        producer = known.name_of(source, f"From() of parameter {name!r}")
    elif name in known.steps:
        producer = name
    else:
        guess = did_you_mean(name, [other for other in known.steps if other != step.step_name])
        raise Unbound(f"parameter {name!r} is neither a step nor annotated with a provider{guess}")
    form = _form(name, annotation, producer, known)
    return Parameter(name, "step", annotation, source=producer, form=form)


def _bind_previous(
    name: str, annotation: object, mark: Previous, known: Known, *, optional: bool
) -> Parameter:
    producer = known.name_of(mark.step, f"Previous() of parameter {name!r}")
    target = strip_none(strip(annotation))[0]
    if not optional and target not in (Any, object):
        wanted = f"{spelled(target)} | None"
        raise Unbound(
            f"parameter {name!r} takes what {producer!r} gave the last time, and the first time there is none; "
            f"annotate it as {wanted}"
        )
    form = _form(name, annotation, producer, known)
    return Parameter(name, "previous", annotation, source=producer, form=form)


def _check_provider(step: Step, name: str, cls: type, pipeline: Pipeline, *, optional: bool) -> None:
    if issubclass(cls, Interval) and pipeline.period is None and not optional:
        raise Unbound(f"parameter {name!r} asks for an Interval, and the pipeline has no period=")
    if issubclass(cls, Params):
        given = pipeline.params
        if given is None or not issubclass(given, cls):
            has = f"are {given.__name__}" if given else "are not declared; give it params="
            raise Unbound(f"parameter {name!r} asks for {cls.__name__}, and the pipeline's parameters {has}")
    if getattr(cls, SOURCE, False) and step.kind != "extract":
        raise Unbound(
            f"parameter {name!r} asks for the source {cls.__name__}; only an extract step gets one, "
            "so that a replay gives the same report"
        )


def _form(name: str, annotation: object, producer: str, known: Known) -> Form | None:
    """How the parameter takes the producer's result; None where the producer has faults of its own."""
    source = known.steps[producer]
    if source.kind in {"check", "report"}:
        gives = "findings" if source.kind == "check" else "a document"
        raise Unbound(f"parameter {name!r} takes {producer!r}, a {source.kind}; {gives} cannot be taken")
    if producer not in known.signatures:
        return None
    part = part_type(known.signatures[producer].result)
    if source.mapped:
        return _mapped_form(name, annotation, producer, part, known)
    target, optional = strip_none(strip(annotation))
    if not assignable(part, annotation):
        raise Unbound(
            f"parameter {name!r} is {spelled(annotation)}, but step {producer!r} returns {spelled(part)}"
        )
    accepts_none = optional or target in (Any, object)
    if source.allow_failure and not accepts_none:
        raise Unbound(_may_fail(name, producer, f"{spelled(target)} | None"))
    return Form("one", frame_form(target), optional=accepts_none)


def _mapped_form(name: str, annotation: object, producer: str, part: object, known: Known) -> Form:
    target, optional = strip_none(strip(annotation))
    frame = frame_form(target)
    if (frame and frame_form(part)) or (list_item(part) is not None and assignable(part, target)):
        return Form("joined", frame, optional=optional)
    single = list_item(target)
    if single is not None and assignable(part, single):
        return Form("list", frame_form(strip(single)), optional=optional)
    pair, item = dict_parts(target), known.items.get(producer, Any)
    if pair is not None and assignable(item, pair[0]) and assignable(part, pair[1]):
        value, value_optional = strip_none(strip(pair[1]))
        value_optional = value_optional or value in (Any, object)
        if known.steps[producer].allow_failure and not value_optional:
            raise Unbound(_may_fail(name, producer, f"dict[{spelled(pair[0])}, {spelled(value)} | None]"))
        return Form("dict", frame_form(value), optional=value_optional)
    raise Unbound(_misfit(name, annotation, producer, part, item))


def _may_fail(name: str, producer: str, wanted: str) -> str:
    return f"parameter {name!r} takes {producer!r}, which may fail (allow_failure); annotate it as {wanted}"


def _misfit(name: str, annotation: object, producer: str, part: object, item: object) -> str:
    joined = [f"{spelled(part)} for all joined"] if frame_form(part) or list_item(part) is not None else []
    ways = [*joined, f"list[{spelled(part)}]", f"dict[{spelled(item)}, {spelled(part)}]"]
    return (
        f"parameter {name!r} is {spelled(annotation)}, but step {producer!r} returns {spelled(part)} "
        f"for each item; annotate it as {', '.join(ways[:-1])} or {ways[-1]}"
    )


def part_type(result: object) -> object:
    """Return the type that one execution hands on: of a generator of frames, the frame that they make together."""
    kind = classify(result)
    if isinstance(kind, FrameType) and kind.stream:
        return typing.get_args(strip(result))[0]
    return result

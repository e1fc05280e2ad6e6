"""The meaning of the annotation of a result or a parameter: frame, value, record, document, findings.

Frame classes are known by module and name, so that none of their libraries is imported here.
"""

import collections.abc
import types
import typing
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias, Union

from pipelines.checks import Finding

FrameForm = Literal["pandas", "arrow", "polars", "lazy", "path"]

FRAME_CLASSES: dict[tuple[str, str], FrameForm] = {
    ("pandas", "DataFrame"): "pandas",
    ("pandas.core.frame", "DataFrame"): "pandas",
    ("pyarrow.lib", "Table"): "arrow",
    ("polars.dataframe.frame", "DataFrame"): "polars",
    ("polars.lazyframe.frame", "LazyFrame"): "lazy",
    ("pathlib", "Path"): "path",
    ("pathlib._local", "Path"): "path",
}
STREAMS = (collections.abc.Iterator, collections.abc.Iterable, collections.abc.Generator)
DOCUMENTS = "reports"  # the package whose classes are documents


@dataclass(frozen=True)
class FrameType:
    """A table. `stream`: the step yields it in parts."""

    form: FrameForm
    stream: bool = False
    optional: bool = False


@dataclass(frozen=True)
class ValueType:
    """Anything that pydantic can write as JSON and read back by its type."""

    annotation: object


@dataclass(frozen=True)
class RecordType:
    """A NamedTuple with at least one frame; each field is stored by itself."""

    cls: type[tuple[object, ...]]
    fields: tuple[tuple[str, "FrameType | ValueType"], ...]


@dataclass(frozen=True)
class DocumentType:
    """A document that a report hands out."""

    cls: type


@dataclass(frozen=True)
class FindingsType:
    """The findings that a check returns."""


ResultType: TypeAlias = FrameType | ValueType | RecordType | DocumentType | FindingsType


@dataclass(frozen=True)
class Form:
    """The form in which a parameter takes a step's result.

    `one`: of a plain step; of a mapped one: `joined`, or apart in a `list` or in a `dict` by item.
    `frame` is the library wanted; `optional`: None stands for what failed or was skipped.
    """

    shape: Literal["one", "joined", "list", "dict"]
    frame: FrameForm | None = None
    optional: bool = False


def classify(annotation: object) -> ResultType:
    """The kind of result that an annotation promises. Whether it can be stored is another question."""
    bare, optional = strip_none(strip(annotation))
    if form := frame_form(bare):
        return FrameType(form, optional=optional)
    if stream := _stream_form(bare):
        return FrameType(stream, stream=True)
    if is_findings(annotation):
        return FindingsType()
    if isinstance(bare, type) and any(base.__module__.split(".")[0] == DOCUMENTS for base in bare.__mro__):
        return DocumentType(bare)
    if fields := _record_fields(bare):
        return RecordType(typing.cast("type[tuple[object, ...]]", bare), fields)
    return ValueType(strip(annotation))


def frame_form(annotation: object) -> FrameForm | None:
    """Return how a frame class holds its table, or None for what is no frame."""
    name = getattr(annotation, "__module__", None), getattr(annotation, "__qualname__", None)
    return FRAME_CLASSES.get(typing.cast("tuple[str, str]", name)) if isinstance(annotation, type) else None


def holds_frame(annotation: object) -> bool:
    """Return whether a frame is inside the annotation, such as in `list[DataFrame]`. A path is none."""
    bare = strip(annotation)
    if frame_form(bare) not in {None, "path"}:
        return True
    return any(holds_frame(part) for part in typing.get_args(bare))


def is_findings(annotation: object) -> bool:
    """Return whether a check may return this: Finding, a list of them, None, or a union of these."""
    members = union_members(strip(annotation))
    kinds = (Finding, list[Finding], types.NoneType, None)
    return any(part in kinds[:2] for part in members) and all(part in kinds for part in members)


def strip(annotation: object) -> object:
    """The type under `Annotated`, an alias or a NewType's own name."""
    while True:
        if typing.get_origin(annotation) is Annotated:
            annotation = typing.get_args(annotation)[0]
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = typing.cast("typing.Any", annotation).__value__
        else:
            return annotation


def strip_none(annotation: object) -> tuple[object, bool]:
    """`T, True` for `T | None`; a union of several types keeps them."""
    members = union_members(annotation)
    rest = tuple(part for part in members if part not in (None, types.NoneType))
    if len(rest) == len(members) or not rest:
        return annotation, False
    return (rest[0] if len(rest) == 1 else Union[rest]), True  # noqa: UP007 # built at run time


def union_members(annotation: object) -> tuple[object, ...]:
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return tuple(strip(part) for part in typing.get_args(annotation))
    return (annotation,)


def list_item(annotation: object) -> object | None:
    """`T` of `list[T]`; None for what is no list of something."""
    bare = strip(annotation)
    arguments = typing.get_args(bare)
    return arguments[0] if typing.get_origin(bare) is list and arguments else None


def dict_parts(annotation: object) -> tuple[object, object] | None:
    """Key and value of `dict[K, V]` or `Mapping[K, V]`."""
    bare = strip(annotation)
    arguments = typing.get_args(bare)
    if typing.get_origin(bare) in (dict, collections.abc.Mapping) and len(arguments) == 2:
        return arguments[0], arguments[1]
    return None


def spelled(annotation: object) -> str:
    """The annotation as an author would write it."""
    if annotation is None or annotation is types.NoneType:
        return "None"
    members = union_members(annotation)
    if len(members) > 1:
        return " | ".join(spelled(part) for part in members)
    arguments, origin = typing.get_args(annotation), typing.get_origin(annotation)
    if origin is Annotated:
        return spelled(arguments[0])
    if origin is Literal:
        return f"Literal[{', '.join(repr(part) for part in arguments)}]"
    if origin and arguments:
        inner = ", ".join("..." if part is Ellipsis else spelled(part) for part in arguments)
        return f"{getattr(origin, '__name__', origin)}[{inner}]"
    return str(getattr(annotation, "__name__", annotation))


def _stream_form(annotation: object) -> FrameForm | None:
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) not in STREAMS or not arguments:
        return None
    return frame_form(strip(arguments[0]))


def _record_fields(annotation: object) -> tuple[tuple[str, FrameType | ValueType], ...]:
    """The fields of a NamedTuple that holds a frame; nothing for any other type."""
    if not (
        isinstance(annotation, type) and issubclass(annotation, tuple) and hasattr(annotation, "_fields")
    ):
        return ()
    try:
        hints = typing.get_type_hints(annotation, include_extras=True)
    except (NameError, TypeError):
        return ()
    kinds = [(name, classify(hints.get(name, object))) for name in annotation._fields]
    if not any(isinstance(kind, FrameType) for _, kind in kinds):
        return ()
    return tuple((n, k if isinstance(k, FrameType) else ValueType(hints.get(n, object))) for n, k in kinds)

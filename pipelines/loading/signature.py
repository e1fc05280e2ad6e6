"""Reads the parameters and the result of a step's function. Knows nothing of other steps."""

import ast
import inspect
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from pipelines.annotations import FrameType, classify

RESULT = "return"


@dataclass(frozen=True)
class Signature:
    """Annotations as Python evaluates them, the parameters in their order."""

    parameters: tuple[tuple[str, object], ...]
    result: object


def read_signature(function: Callable[..., object]) -> tuple[Signature | None, list[str]]:
    """The signature and what is wrong with it; None when nothing more can be said about the step."""
    if not inspect.isfunction(function):
        return None, [f"is a {type(function).__name__}, not a plain function"]
    faults = list(_shape_faults(function))
    hints, unknown = _hints(function)
    faults += unknown
    names = list(inspect.signature(function).parameters)
    if faults or not {*names, RESULT} <= set(hints):
        return None, faults
    return Signature(tuple((name, hints[name]) for name in names), hints[RESULT]), _result_faults(
        function, hints[RESULT]
    )


def _shape_faults(function: Callable[..., object]) -> Iterator[str]:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        yield "is async; a step is a plain function, and over= runs items side by side"
    signature = inspect.signature(function)
    for position, parameter in enumerate(signature.parameters.values()):
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            yield f"takes {parameter}; name each parameter"
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY and position > 0:
            yield f"parameter {parameter.name!r} is positional only; it is passed by name"
        if parameter.default is not parameter.empty:
            yield f"parameter {parameter.name!r} has a default; every value comes from a step or the Params"
        if parameter.annotation is parameter.empty:
            yield f"parameter {parameter.name!r} has no annotation"
    if signature.return_annotation is signature.empty:
        yield "its result has no annotation"


def _result_faults(function: Callable[..., object], result: object) -> list[str]:
    kind = classify(result)
    if inspect.isgeneratorfunction(function) and not (isinstance(kind, FrameType) and kind.stream):
        return ["is a generator; only frames are yielded, annotated as Iterator[pandas.DataFrame]"]
    return []


def _hints(function: Callable[..., object]) -> tuple[dict[str, object], list[str]]:
    """Evaluated annotations; a text that cannot be evaluated is a fault by itself."""
    globals_: dict[str, object] = getattr(inspect.unwrap(function), "__globals__", {})
    hints: dict[str, object] = {}
    faults: list[str] = []
    for name, raw in function.__annotations__.items():
        holder = SimpleNamespace(__annotations__={name: raw})
        try:
            hints.update(typing.get_type_hints(holder, globalns=globals_, include_extras=True))
        except Exception as error:  # noqa: BLE001 # an annotation may be any expression of the author's
            faults.append(_annotation_fault(function, name, raw, error))
    return hints, faults


def _annotation_fault(function: Callable[..., object], name: str, raw: object, error: Exception) -> str:
    what = "the result's annotation" if name == RESULT else f"the annotation of parameter {name!r}"
    missing = getattr(error, "name", None)
    if isinstance(error, NameError) and missing in _type_checking_names(inspect.unwrap(function)):
        return (
            f"{what}, {raw!r}, is imported under TYPE_CHECKING, so it is unknown at run time; "
            f"import {missing!r} outside"
        )
    return f"{what}, {raw!r}, cannot be evaluated: {error}"


def _type_checking_names(function: Callable[..., object]) -> frozenset[str]:
    code = getattr(function, "__code__", None)
    return _names_in(code.co_filename) if code is not None else frozenset()


def _names_in(file: str) -> frozenset[str]:
    """Names that a file imports under `if TYPE_CHECKING:`."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return frozenset()
    guarded = [node for node in ast.walk(tree) if isinstance(node, ast.If) and _is_guard(node.test)]
    imports = [
        found
        for node in guarded
        for found in ast.walk(node)
        if isinstance(found, ast.Import | ast.ImportFrom)
    ]
    return frozenset((alias.asname or alias.name).split(".")[0] for found in imports for alias in found.names)


def _is_guard(test: ast.expr) -> bool:
    return "TYPE_CHECKING" in {getattr(test, "id", None), getattr(test, "attr", None)}

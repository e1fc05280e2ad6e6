"""Decides whether a step's result may go where a parameter's type expects it, as a type checker would.

Each consumer gets a copy of its own, so containers may widen: a list of bool serves as a list of int.
"""

import types
import typing
from typing import Any, Literal

from pipelines.annotations import frame_form, strip, union_members

TOWER: dict[object, tuple[object, ...]] = {int: (float, complex), float: (complex,)}  # PEP 484


def assignable(source: object, target: object) -> bool:
    """True where `source` fits `target`, and where no one can tell (a protocol, a type variable)."""
    source, target = strip(source), strip(target)
    if target in (Any, object) or source is Any or source == target:
        return True
    if len(members := union_members(source)) > 1:
        return all(assignable(member, target) for member in members)
    if len(members := union_members(target)) > 1:
        return any(assignable(source, member) for member in members)
    return _single(source, target)


def _single(source: object, target: object) -> bool:
    """The same for two types of which neither is a union."""
    if isinstance(source, typing.NewType):
        return assignable(source.__supertype__, target)
    if typing.get_origin(source) is Literal:
        return _literal(typing.get_args(source), target)
    if isinstance(target, typing.TypeVar) or (frame_form(source) and frame_form(target)):
        return True
    return _classes(source, target) and _arguments(source, target)


def _literal(values: tuple[object, ...], target: object) -> bool:
    if typing.get_origin(target) is Literal:
        return set(values) <= set(typing.get_args(target))
    return all(assignable(type(value), target) for value in values)


def _classes(source: object, target: object) -> bool:
    """Whether the class behind `source` is one of, or counts as, the class behind `target`."""
    source, target = (types.NoneType if side is None else side for side in (source, target))
    giver, taker = typing.get_origin(source) or source, typing.get_origin(target) or target
    if taker in TOWER.get(giver, ()):
        return True
    if not (isinstance(giver, type) and isinstance(taker, type)):
        return False
    try:
        return issubclass(giver, taker)
    except TypeError:  # a protocol with data, or a TypedDict: left to the type checker
        return giver is dict or not issubclass(giver, str | int | float | list | tuple)


def _arguments(source: object, target: object) -> bool:
    """Whether what is inside `source` fits what `target` holds; unknown insides fit."""
    given, wanted = typing.get_args(source), typing.get_args(target)
    if not given or not wanted:
        return True
    if typing.get_origin(source) is tuple:
        return _tuple(given, typing.get_origin(target), wanted)
    if len(given) != len(wanted):
        return True
    return all(assignable(one, other) for one, other in zip(given, wanted, strict=True))


def _tuple(given: tuple[object, ...], origin: object, wanted: tuple[object, ...]) -> bool:
    inside = tuple(part for part in given if part is not Ellipsis)
    if origin is not tuple:
        return all(assignable(part, wanted[0]) for part in inside)
    if wanted[-1] is Ellipsis:
        return all(assignable(part, wanted[0]) for part in inside)
    same_length = Ellipsis not in given and len(given) == len(wanted)
    return same_length and all(assignable(one, other) for one, other in zip(given, wanted, strict=True))

"""Small values as JSON text by their declared type, exactly. Knows no store and no step."""

import dataclasses
import datetime
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, PydanticUserError, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from presstime.errors import PresstimeError

EXACT = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="constants")

UNEXPECTED = re.compile(
    r"Expected `(?P<type>.+?)` - .*?\[(?:field_name='\w+', )?"
    r"input_value=(?P<value>.*), input_type=(?P<got>\w+)\]"
)
UNKNOWN = re.compile(r"schema for (?:<class ')?(?P<type>[\w.]+)")


class Unserialisable(PresstimeError):
    """A type that JSON cannot carry."""

    def __init__(self, annotation: object, reason: str) -> None:
        self.annotation = annotation
        super().__init__(f"{reason}; return a frame, or values that pydantic knows")


class ValueChanged(PresstimeError):
    """A value would not come back from JSON as it was returned."""

    def __init__(self, difference: str) -> None:
        self.difference = difference
        super().__init__(difference)


def adapter_of(annotation: object) -> TypeAdapter[Any]:
    """pydantic's reader and writer for a type; raises Unserialisable."""
    try:
        return _cached_adapter(annotation)
    except TypeError:  # an unhashable annotation, such as Annotated with a list
        return _adapter(annotation)


def dump(value: object, annotation: object) -> str:
    """The value as JSON text, NaN and infinity as such, once it was read back and found equal.

    Raises ValueChanged where the value is not of its type, or would come back as something else.
    """
    try:
        return _dump(value, annotation, "error")
    except ValueChanged as refused:
        try:  # a numpy number is none of pydantic's, and yet comes back equal
            return _dump(value, annotation, "none")
        except ValueChanged:
            raise refused from None


def parse(text: str, annotation: object) -> Any:  # what the annotation says
    try:
        return adapter_of(annotation).validate_json(text)
    except ValidationError as error:
        raise ValueChanged(_first_line(error)) from error


def canonical(value: object, annotation: object) -> str:
    """JSON that is the same for equal values: keys sorted, no spaces. It identifies an item."""
    return _text(json.loads(dump(value, annotation)), sort_keys=True)


def difference(returned: object, back: object, where: str = "the value") -> str | None:
    """Return where two values differ, types included; None for equal ones. NaN equals NaN.

    An int given for a float, and a numpy number, count as what they came back as when equal.
    """
    if type(returned) is not type(back) and not _same_number(returned, back):
        return _unequal(returned, back, where)
    inside, inside_back = _inside(returned), _inside(back)
    if inside is not None and inside_back is not None:
        return _each(inside, inside_back, where)
    return None if _equal(returned, back) else _unequal(returned, back, where)


def _dump(value: object, annotation: object, warnings: Literal["error", "none"]) -> str:
    adapter = adapter_of(annotation)
    try:
        text = _text(adapter.dump_python(value, mode="json", warnings=warnings, fallback=_numpy_number))
    except (PydanticSerializationError, ValueError) as error:
        raise ValueChanged(_first_line(error)) from error
    try:
        back = parse(text, annotation)
    except ValueChanged as error:
        raise ValueChanged(f"returned {_shown(value)}, which does not read back: {error}") from error
    if found := difference(value, back):
        raise ValueChanged(found)
    return text


@lru_cache(maxsize=1024)
def _cached_adapter(annotation: object) -> TypeAdapter[Any]:
    return _adapter(annotation)


def _adapter(annotation: object) -> TypeAdapter[Any]:
    try:
        try:
            return TypeAdapter(annotation, config=EXACT)  # type: ignore[arg-type] # any annotation of the author's
        except PydanticUserError as error:
            if error.code != "type-adapter-config-unused":
                raise
            return TypeAdapter(annotation)  # type: ignore[arg-type] # a model or dataclass has a config of its own
    except (PydanticUserError, TypeError, NameError) as error:
        raise Unserialisable(annotation, _first_line(error)) from error


def _text(plain: object, *, sort_keys: bool = False) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)


def _each(returned: Mapping[Any, object], back: Mapping[Any, object], where: str) -> str | None:
    if list(returned) != list(back) and set(returned) != set(back):
        return f"{where}: returned {_shown(list(returned))}, came back as {_shown(list(back))}"
    for key, other in zip(returned, back, strict=True):
        if type(key) is not type(other):
            return f"{where}: key {_shown(key)} came back as {_shown(other)}"
    for key, value in returned.items():
        if found := difference(value, back[key], f"{where}[{key!r}]"):
            return found
    return None


def _inside(value: object) -> Mapping[Any, object] | None:
    """The parts of a container by key, position or field; None for a value without parts."""
    if isinstance(value, BaseModel):
        return dict(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return dict(enumerate(value))
    return None


def _same_number(returned: object, back: object) -> bool:
    numpy = type(returned).__module__ == "numpy" and isinstance(back, int | float)
    return (numpy or (type(returned) is int and type(back) is float)) and _equal(returned, back)


def _equal(one: object, other: object) -> bool:
    both_nan = one != one and other != other  # noqa: PLR0124 # only NaN differs from itself
    if isinstance(one, datetime.datetime) and isinstance(other, datetime.datetime):
        return one.replace(tzinfo=None) == other.replace(tzinfo=None) and one.utcoffset() == other.utcoffset()
    return bool(both_nan or one == other)


def _unequal(returned: object, back: object, where: str) -> str:
    return f"{where}: returned {_shown(returned)}, came back as {_shown(back)}"


def _shown(value: object) -> str:
    text = repr(value)
    short = text if len(text) <= 80 else text[:77] + "..."
    name = type(value).__name__
    return short if short.startswith(name) else f"{name} {short}"


def _first_line(error: Exception) -> str:
    """pydantic's message without its frame: the sentence that says what is wrong."""
    if isinstance(error, ValidationError):
        fault = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        return f"{where + ': ' if where else ''}{fault['msg']}"
    text = str(error)
    if unexpected := UNEXPECTED.search(text):
        return "declared {}, returned {} {}".format(
            unexpected["type"], unexpected["got"], unexpected["value"]
        )
    if unknown := UNKNOWN.search(text):
        return f"JSON cannot carry {unknown['type']}"
    lines = [line.strip() for line in text.splitlines() if not line.startswith("Pydantic serializer")]
    return lines[0].split(" For further information")[0]


def _numpy_number(value: object) -> object:
    """The plain number in a numpy one, which pydantic does not know."""
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        return value.item()  # type: ignore[attr-defined] # numpy's scalars have it
    raise ValueError(f"JSON cannot carry {type(value).__module__}.{type(value).__qualname__}")

"""Parameters of a pipeline: a pydantic model that validates them and draws the trigger form."""

import json
import typing
from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Secret, SecretBytes, SecretStr, ValidationError

from pipelines.names import did_you_mean
from presstime.errors import PresstimeError


class Params(BaseModel):
    """Base class of a pipeline's parameters. They are stored with each run, so they hold no secrets."""

    __presstime_provider__: ClassVar[str] = "params"

    model_config = ConfigDict(frozen=True, extra="forbid")


class ParamsRefused(PresstimeError):
    """The parameters given for a run do not fit the pipeline's model."""

    def __init__(self, pipeline: str, faults: Mapping[str, str]) -> None:
        self.pipeline = pipeline
        self.faults = dict(faults)
        listed = "; ".join(f"parameter {name!r} {fault}" for name, fault in faults.items())
        super().__init__(f"pipeline {pipeline!r}: {listed}")


def build_params(pipeline: str, model: type[Params], given: Mapping[str, object]) -> Params:
    """`given` as the model's values. A text stands for itself or for JSON, as on a command line."""
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        refused = error
    read = {name: _read_text(name, value, refused) for name, value in given.items()}
    try:
        return model.model_validate(read)
    except ValidationError as error:
        raise ParamsRefused(pipeline, _faults(model, error)) from error


def model_problems(model: type[Params]) -> Iterator[str]:
    """Return the problems of a model of parameters, found when its pipeline loads."""
    if model.model_config.get("extra") != "forbid" or not model.model_config.get("frozen"):
        yield f"{model.__name__} must stay frozen and forbid unknown parameters: drop its own model_config"
    for name, field in model.model_fields.items():
        if any(_is_secret(part) for part in _parts(field.annotation)):
            yield (
                f"parameter {name!r} is a secret, and parameters are stored with each run in the clear; "
                "read it from the environment inside the step"
            )


def _read_text(name: str, value: object, error: ValidationError) -> object:
    """JSON out of a text that the model refused as it stands; otherwise the value as given."""
    refused = any(fault["loc"] and fault["loc"][0] == name for fault in error.errors())
    if not isinstance(value, str) or not refused:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _faults(model: type[Params], error: ValidationError) -> dict[str, str]:
    faults: dict[str, str] = {}
    for fault in error.errors(include_url=False):
        name = ".".join(str(part) for part in fault["loc"]) or model.__name__
        if fault["type"] == "extra_forbidden":
            text = f"is unknown{did_you_mean(name, model.model_fields) or _known(model)}"
        elif fault["type"] == "missing":
            text = "is missing"
        else:
            text = f"is {_short(fault['input'])}: {fault['msg'][:1].lower()}{fault['msg'][1:]}"
        faults[name] = text if name not in faults else f"{faults[name]}, or {text}"
    return faults


def _known(model: type[Params]) -> str:
    names = ", ".join(repr(name) for name in model.model_fields)
    return f"; known are {names}" if names else "; this pipeline takes none"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _parts(annotation: object) -> Iterator[object]:
    yield annotation
    for part in typing.get_args(annotation):
        yield from _parts(part)


def _is_secret(annotation: object) -> bool:
    origin = typing.get_origin(annotation) or annotation
    return isinstance(origin, type) and issubclass(origin, SecretStr | SecretBytes | Secret)

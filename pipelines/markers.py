"""Markers that an author writes beside a type, and the exceptions that a step raises or gets. Knows no pipeline."""

from collections.abc import Callable
from dataclasses import dataclass

from presstime.errors import PresstimeError


@dataclass(frozen=True)
class From:
    """Marks the step that a parameter takes, where their names differ: `Annotated[T, From(step)]`."""

    step: Callable[..., object] | str


@dataclass(frozen=True)
class Previous:
    """Marks a parameter that takes what a step gave the last time: `Annotated[T | None, Previous(step)]`.

    It gets the step's result in the newest succeeded run of the preceding interval with the same parameters, or,
    where a pipeline has no period, of the newest run before this one; None where there is no such run. Which run
    that is stays fixed from the start.
    """

    step: Callable[..., object] | str


class Skip(Exception):
    """Raised in a step to leave it, or this one item, out of the run without failing the run."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class TimeLimit(PresstimeError):
    """Raised inside a step whose `timeout=` is over. It has a few seconds to clean up."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"took longer than {seconds:g} s")

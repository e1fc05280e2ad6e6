"""What an author writes beside a type, and the exception that leaves a step out. Knows no pipeline."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class From:
    """In `Annotated[T, From(step)]`: the step that a parameter takes, where their names differ."""

    step: Callable[..., object] | str


class Skip(Exception):
    """Raised in a step to leave it, or this one item, out of the run without failing the run."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)

"""The faults of a pipeline's file, found while loading it, all of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from presstime.errors import PresstimeError


@dataclass(frozen=True)
class Fault:
    """One mistake and its place."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True)
class Problem:
    """The reason why a pipeline, or a whole file (`pipeline` is None), was not loaded: a message for each fault."""

    file: str
    line: int
    pipeline: str | None
    messages: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.messages)


class PipelineRefused(PresstimeError):
    """A pipeline has faults; the text has one line for each."""

    def __init__(self, pipeline: str, faults: Sequence[Fault]) -> None:
        self.pipeline = pipeline
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @property
    def problem(self) -> Problem:
        first = self.faults[0]
        return Problem(first.file, first.line, self.pipeline, tuple(str(fault) for fault in self.faults))

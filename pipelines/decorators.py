"""The decorators of a pipeline: they note the function and hand it back unchanged.

They are typed so that mypy sees a mapped step whose first parameter does not fit the items of `over=`.
"""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar, Unpack, overload

from pipelines.checks import Finding
from pipelines.step import CheckOptions, Kind, ReportOptions, Step, StepOptions

P = ParamSpec("P")
Result = TypeVar("Result")
Item = TypeVar("Item")
Function = TypeVar("Function", bound=Callable[..., object])
Verdict: TypeAlias = Finding | list[Finding] | None
Check = TypeVar("Check", bound=Callable[..., Verdict])
Outcome = TypeVar("Outcome", bound=Verdict)

Over: TypeAlias = Callable[..., list[Item]] | list[Item] | tuple[Item, ...]
Mapped: TypeAlias = Callable[[Callable[Concatenate[Item, P], Result]], Callable[Concatenate[Item, P], Result]]


class Marker:
    """The base of the three decorators: it adds steps to a list."""

    def __init__(self, kind: Kind, steps: list[Step]) -> None:
        self._kind = kind
        self._steps = steps

    def _mark(self, function: Any = None, /, **options: Any) -> Any:  # typed by the overloads
        def note(marked: Any) -> Any:  # typed by the overloads
            self._steps.append(Step(kind=self._kind, function=marked, **options))
            return marked

        return note if function is None else note(function)


class StepMarker(Marker):
    """Marks a step: bare, or with `over=` to run it once for each item of another step's list."""

    @overload
    def __call__(self, function: Function, /) -> Function: ...

    @overload
    def __call__(self, **options: Unpack[StepOptions]) -> Callable[[Function], Function]: ...

    @overload
    def __call__(self, *, over: Over[Item], **options: Unpack[StepOptions]) -> Mapped[Item, P, Result]: ...

    def __call__(self, *function: Any, **options: Any) -> Any:
        return self._mark(*function, **options)


class CheckMarker(Marker):
    """Marks a check: it returns a Finding, a list of them, or None where all is well."""

    @overload
    def __call__(self, function: Check, /) -> Check: ...

    @overload
    def __call__(self, **options: Unpack[CheckOptions]) -> Callable[[Check], Check]: ...

    @overload
    def __call__(self, *, over: Over[Item], **options: Unpack[CheckOptions]) -> Mapped[Item, P, Outcome]: ...

    def __call__(self, *function: Any, **options: Any) -> Any:
        return self._mark(*function, **options)


class ReportMarker(Marker):
    """Marks a report: it returns a document of `reports`, such as a Workbook."""

    @overload
    def __call__(self, function: Function, /) -> Function: ...

    @overload
    def __call__(self, **options: Unpack[ReportOptions]) -> Callable[[Function], Function]: ...

    @overload
    def __call__(self, *, over: Over[Item], **options: Unpack[ReportOptions]) -> Mapped[Item, P, Result]: ...

    def __call__(self, *function: Any, **options: Any) -> Any:
        return self._mark(*function, **options)

"""A pipeline as its author declares it. Nothing is checked here: loading reports every error at once."""

import sys
from collections.abc import Sequence
from datetime import timedelta

from pipelines.decorators import CheckMarker, ReportMarker, StepMarker
from pipelines.interval import Period
from pipelines.params import Params
from pipelines.step import Step
from pipelines.timetables.kinds import Schedule


class Pipeline:
    """A named definition: parameters, steps, schedules, policies. Its module's docstring describes it.

    `filename` is the template of its reports' names; `deadline` is how long after its start a run may take;
    of its runs at most `max_runs` are under way at a time, and further ones wait.
    """

    def __init__(
        self,
        name: str,
        *,
        title: str | None = None,
        owner: str | None = None,
        params: type[Params] | None = None,
        period: Period | None = None,
        timezone: str = "UTC",
        schedules: Sequence[Schedule] = (),
        filename: str | None = None,
        deadline: timedelta | None = None,
        max_runs: int | None = None,
    ) -> None:
        self.name = name
        self.title = title
        self.owner = owner
        self.params = params
        self.period = period
        self.timezone = timezone
        self.schedules = tuple(schedules)
        self.filename = filename
        self.deadline = deadline
        self.max_runs = max_runs
        self._steps: list[Step] = []
        self.extract = StepMarker("extract", self._steps)
        self.transform = StepMarker("transform", self._steps)
        self.check = CheckMarker("check", self._steps)
        self.report = ReportMarker("report", self._steps)
        caller = sys._getframe(1)  # noqa: SLF001 # the one way to learn the line that an error should name
        self.file, self.line = caller.f_code.co_filename, caller.f_lineno
        self.module: str = caller.f_globals.get("__name__", "")
        self.description: str = (caller.f_globals.get("__doc__") or "").strip()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The marked steps, in the order of their marks."""
        return tuple(self._steps)

    def __repr__(self) -> str:
        return f"Pipeline({self.name!r})"

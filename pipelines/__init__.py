"""Pipelines and what happens to their runs: plain Python, no Celery. Authors import from here.

Importing this loads no pandas, pyarrow, polars, httpx or openpyxl, so that a command which lists is quick.
"""

from pipelines.checks import Finding, fail, warn
from pipelines.context import Run
from pipelines.interval import Interval
from pipelines.markers import From, Previous, Skip, TimeLimit
from pipelines.params import Params
from pipelines.pipeline import Pipeline
from pipelines.resource import Resource
from pipelines.timetables.calendars import Calendar, read_dates
from pipelines.timetables.kinds import Cron, Every, Once

__all__ = [
    "Calendar",
    "Cron",
    "Every",
    "Finding",
    "From",
    "Interval",
    "Once",
    "Params",
    "Pipeline",
    "Previous",
    "Resource",
    "Run",
    "Skip",
    "TimeLimit",
    "fail",
    "read_dates",
    "warn",
]

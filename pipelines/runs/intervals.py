"""The interval of a stored run, in the run's own zone again: a day of New York is not a day of Greenwich."""

from typing import Any

from sqlalchemy import Row

from pipelines.interval import Interval, interval_between
from presstime.models import Run


def interval_of(run: Row[*tuple[Any, ...]] | Run) -> Interval | None:
    """Return the interval that a run's row holds, or None for a pipeline without a period."""
    if run.interval_start is None or run.interval_end is None:
        return None
    return interval_between(run.interval_start, run.interval_end, run.timezone, run.interval_label)

"""Finds runs and reports by what a person types."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from pipelines.runs.events import UnknownRun
from pipelines.runs.listing import reports_of
from pipelines.runs.short_ids import reports_like, runs_like
from presstime.database import reading
from presstime.errors import PresstimeError
from presstime.models import Report
from scheduler.runtime import Runtime

NAMED = 10  # reports of a run that an error names


class AmbiguousId(PresstimeError):
    """The first characters of an id are those of several."""

    def __init__(self, what: str, text: str) -> None:
        super().__init__(f"several {what} start with {text!r}; give more of the id")


class NoReport(PresstimeError):
    """A text was typed that names no report."""

    def __init__(self, text: str) -> None:
        super().__init__(f"no file, run or report {text}; `presstime runs` lists runs")


class SeveralReports(PresstimeError):
    """A run has more reports than one."""

    def __init__(self, run_id: UUID, reports: Sequence[Report]) -> None:
        named = ", ".join(f"{report.id} ({report.filename})" for report in reports[:NAMED])
        more = f" and {len(reports) - NAMED} more" if len(reports) > NAMED else ""
        super().__init__(f"run {run_id} has {len(reports)} reports: {named}{more}; name one by its id")


def find_run(runtime: Runtime, text: str) -> UUID:
    """The one run whose id starts with `text`."""
    with reading(runtime.sessions) as session:
        ids = runs_like(session, text)
    if not ids:
        raise UnknownRun(text)
    if len(ids) > 1:
        raise AmbiguousId("runs", text)
    return ids[0]


def find_report(runtime: Runtime, text: str) -> Report:
    """The report whose id starts with `text`, or the only one of the run whose id does."""
    with reading(runtime.sessions) as session:
        runs = runs_like(session, text)
        reports = [session.get_one(Report, report) for report in reports_like(session, text)]
        if len(runs) > 1 or len({*runs, *(report.run_id for report in reports)}) > 1:
            raise AmbiguousId("runs or reports", text)
        if runs:
            reports = reports_by_file(session, runs[0])
    if not reports:
        raise NoReport(text)
    if len(reports) > 1:
        raise SeveralReports(reports[0].run_id, reports)
    return reports[0]


def reports_by_file(session: Session, run_id: UUID) -> list[Report]:
    """The reports of a run in the order of their files' names."""
    return sorted((report for report, _ in reports_of(session, run_id)), key=lambda report: report.filename)

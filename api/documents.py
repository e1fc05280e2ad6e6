"""Reads what belongs to a run and puts it into its shape: for a route, and for a command that prints it."""

from uuid import UUID

from sqlalchemy.orm import Session

from api.paths import download_path
from api.schemas.reports import ReportOut
from api.schemas.runs import RunDetail
from pipelines.runs.listing import find_run, newest_event, notable_tasks, reports_of, task_counts
from presstime.models import Run


def run_detail(session: Session, run_id: UUID, *, tasks_shown: int | None) -> tuple[Run, RunDetail]:
    """Return a run, and all that there is to see of it; at most so many of its tasks, None being all."""
    run, counts = find_run(session, run_id), task_counts(session, run_id)
    total = sum(sum(states.values()) for states in counts.values())
    detail = RunDetail.of_parts(
        run,
        counts,
        notable_tasks(session, run_id, total if tasks_shown is None else tasks_shown),
        [
            ReportOut.of(report, media_type, download_path(report.id))
            for report, media_type in reports_of(session, run_id)
        ],
        newest_event(session, run_id),
    )
    return run, detail

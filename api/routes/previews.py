"""Previews: the first rows of a report, without its download."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.documentation import problems
from api.schemas.previews import PreviewOut, PreviewQuery
from api.services import Provided
from pipelines.runs.listing import find_report
from presstime.artifacts import file_key
from reports.reading.preview import read_preview

router = APIRouter(prefix="/reports", tags=["reports"])


@router.get("/{report_id}/preview", responses=problems(401, 404, 410, 422, 503), summary="Preview a report")
def preview_report(
    report_id: UUID, services: Provided, asked: Annotated[PreviewQuery, Query()]
) -> PreviewOut:
    """The first rows of a sheet. 404 also for a sheet that is not there, with the names of those that are."""
    with services.reading() as session:
        report, _ = find_report(session, report_id)
    with services.runtime.artifacts.open(file_key(report.sha256)) as file:
        preview = read_preview(file, report.format, asked.sheet, rows=asked.rows)
    return PreviewOut.of(report.id, report.format, preview)

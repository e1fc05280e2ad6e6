"""Reports: their files."""

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Response, status
from starlette.responses import StreamingResponse

from api.documentation import problems
from api.paths import download_path
from api.ranges import ByteRange, disposition, has_tag, wanted_range
from api.schemas.reports import ReportDetail
from api.services import Provided, Services
from pipelines.runs.listing import find_report
from presstime.artifacts import ArtifactMissing, Artifacts, file_key
from presstime.models import Report

router = APIRouter(prefix="/reports", tags=["reports"])

FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"application/octet-stream": {}}},
    206: {"description": "The part that `Range` asked for", "content": {"application/octet-stream": {}}},
    304: {"description": "The client has it already"},
}
HEADERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The headers of the file"},
    304: FILE[304],
}
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", description="The `ETag` of a copy.")]
Range = Annotated[
    str | None, Header(alias="Range", description="One range of bytes, such as `bytes=0-1023`.")
]
IfRange = Annotated[
    str | None, Header(alias="If-Range", description="The `ETag` that the range is a part of.")
]


@router.get(
    "/{report_id}",
    response_model=ReportDetail,
    responses=problems(401, 404, 422),
    summary="Show a report, and how it was made",
)
def show_report(report_id: UUID, services: Provided) -> ReportDetail:
    """What there is to know of a report besides its content, its manifest included."""
    with services.reading() as session:
        report, media_type = find_report(session, report_id)
    return ReportDetail.of(report, media_type, download_path(report.id))


@router.get(
    "/{report_id}/download",
    response_class=StreamingResponse,
    responses=FILE | problems(401, 404, 410, 416, 422, 503),
    summary="Download a report",
)
def download_report(
    report_id: UUID,
    services: Provided,
    if_none_match: IfNoneMatch = None,
    asked: Range = None,
    if_range: IfRange = None,
) -> Response:
    """The report's file, or a part of it. Its `ETag` is its sha256, so a copy can be checked and kept."""
    report, headers = _described(services, report_id)
    etag = headers["ETag"]
    if has_tag(if_none_match, etag):
        return _unchanged(headers)
    part = wanted_range(asked, report.bytes) if if_range in {None, etag} else None
    whole = part is None
    part = part or ByteRange(0, report.bytes)
    if not whole:
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{report.bytes}"
    headers["Content-Length"] = str(part.end - part.start)
    return StreamingResponse(
        _opened(services.runtime.artifacts, report, None if whole else part),
        status_code=status.HTTP_200_OK if whole else status.HTTP_206_PARTIAL_CONTENT,
        headers=headers,
        media_type=headers["Content-Type"],
    )


@router.head(
    "/{report_id}/download",
    response_class=Response,
    responses=HEADERS | problems(401, 404, 410, 422),
    summary="Describe a report's file",
)
def describe_report(report_id: UUID, services: Provided, if_none_match: IfNoneMatch = None) -> Response:
    """What a download would say about the file, without it."""
    report, headers = _described(services, report_id)
    if has_tag(if_none_match, headers["ETag"]):
        return _unchanged(headers)
    if not services.runtime.artifacts.readable(file_key(report.sha256)):
        raise ArtifactMissing(file_key(report.sha256))
    return Response(headers=headers | {"Content-Length": str(report.bytes)})


def _described(services: Services, report_id: UUID) -> tuple[Report, dict[str, str]]:
    with services.reading() as session:
        report, media_type = find_report(session, report_id)
    return report, {
        "ETag": f'"{report.sha256}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": disposition(report.filename),
        "Content-Type": media_type,
    }


def _unchanged(headers: dict[str, str]) -> Response:
    kept = {name: headers[name] for name in ("ETag", "Cache-Control")}
    return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=kept)


def _opened(artifacts: Artifacts, report: Report, part: ByteRange | None) -> Iterator[bytes]:
    """The bytes, of which the first are read now: a file that is gone must not become a broken download."""
    key = file_key(report.sha256)
    chunks = artifacts.stream(key, part.start, part.end) if part else artifacts.stream(key)
    first = next(chunks, b"")
    return chain([first], chunks)

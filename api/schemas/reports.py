"""Reports, as clients see them."""

import json
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from presstime.models import Report


class ReportOut(BaseModel):
    """What a run hands to people."""

    id: UUID
    run_id: UUID
    step: str
    item: JsonValue = Field(description="Of a mapped step; null otherwise.")
    name: str = Field(description="Equal for the same report of two runs, and for its formats.")
    filename: str = Field(examples=["Flight punctuality 2013-01.xlsx"])
    format: str = Field(examples=["xlsx"])
    media_type: str
    version: int = Field(description="Grows with each run that makes the report of this name in this format.")
    supersedes: UUID | None = Field(description="The version before.")
    bytes: int
    sha256: str
    content_sha256: str | None = Field(description="Without About: says whether the figures changed.")
    created_at: datetime
    download: str = Field(description="The path of its file.", examples=["/api/v1/reports/1/download"])

    @classmethod
    def of(cls, report: Report, media_type: str, download: str) -> "ReportOut":
        return cls(
            id=report.id,
            run_id=report.run_id,
            step=report.step,
            item=item_value(report.item),
            name=report.name,
            filename=report.filename,
            format=report.format,
            media_type=media_type,
            version=report.version,
            supersedes=report.supersedes,
            bytes=report.bytes,
            sha256=report.sha256,
            content_sha256=report.content_sha256,
            created_at=report.created_at,
            download=download,
        )


class ReportDetail(ReportOut):
    """A report, and how it was made."""

    manifest: dict[str, JsonValue] = Field(
        description="What did not determine the content: task, attempt, host, seconds, libraries; and what did not "
        "fit into the format: rows of each sheet, findings.",
    )

    @classmethod
    def of(cls, report: Report, media_type: str, download: str) -> "ReportDetail":
        return cls(
            **ReportOut.of(report, media_type, download).model_dump(),
            manifest={"run": str(report.run_id), **report.manifest},
        )


def item_value(text: str | None) -> JsonValue:
    """An item out of its canonical JSON."""
    value: JsonValue = json.loads(text) if text is not None else None
    return value

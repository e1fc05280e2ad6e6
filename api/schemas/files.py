"""Files, and the runs that they came from, as clients ask for them and see them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.schemas.reports import ReportOut, item_value
from api.schemas.requests import LONGEST_PAGE, PAGE
from api.schemas.runs import RunOut
from pipelines.runs.file_origins import SHOWN, Fetch, FileOrigin, Made


class OriginQuery(BaseModel):
    """Which page of a file's runs."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = PAGE
    cursor: str | None = Field(default=None, max_length=100, description="`next` of the page before.")


class MadeOut(ReportOut):
    """A report that is this file."""

    newest_version: int = Field(description="Of the report's name, by whatever run.")
    superseded: bool = Field(description="There is a newer version.")

    @classmethod
    def of_made(cls, made: Made, download: str) -> "MadeOut":
        version = made.newest_version
        return cls(
            **ReportOut.of(made.report, made.media_type, download).model_dump(),
            newest_version=version,
            superseded=version > made.report.version,
        )


class FetchOut(BaseModel):
    """A fetch that brought this file."""

    step: str
    item: JsonValue = Field(description="Of a mapped step; null otherwise.")
    attempt: int
    url: str = Field(description="With keys and tokens hidden.")
    status: int
    fetched_at: datetime

    @classmethod
    def of(cls, fetch: Fetch) -> "FetchOut":
        one = fetch.snapshot
        return cls(
            step=fetch.step,
            item=item_value(fetch.item),
            attempt=one.attempt,
            url=one.url,
            status=one.status,
            fetched_at=one.fetched_at,
        )


class OriginOut(BaseModel):
    """A run, and what it had to do with the file."""

    run: RunOut
    reports: list[MadeOut] = Field(description=f"What it made that is this file; at most {SHOWN}.")
    reports_total: int
    fetches: list[FetchOut] = Field(description=f"What it fetched that is this file; at most {SHOWN}.")
    fetches_total: int

    @classmethod
    def of(cls, origin: FileOrigin, reports: list[MadeOut]) -> "OriginOut":
        return cls(
            run=RunOut.of(origin.run),
            reports=reports,
            reports_total=origin.made_total,
            fetches=[FetchOut.of(fetch) for fetch in origin.fetched],
            fetches_total=origin.fetched_total,
        )


class OriginPage(BaseModel):
    """The newest run first."""

    items: list[OriginOut]
    next: str | None = Field(description="`cursor` of the next page; null: this is the last.")

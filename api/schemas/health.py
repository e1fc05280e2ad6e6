"""Health, as orchestrators see it."""

from datetime import datetime

from pydantic import BaseModel, Field

from presstime.models import Heartbeat


class Live(BaseModel):
    status: str = Field(examples=["live"])


class PartOut(BaseModel):
    ready: bool
    reason: str | None = Field(description="Why it is not; the log says more.")


class HeartbeatOut(BaseModel):
    """A process that said, at `seen_at`, that it lives."""

    kind: str = Field(examples=["keeper"])
    process: str
    seen_at: datetime

    @classmethod
    def of(cls, row: Heartbeat) -> "HeartbeatOut":
        return cls(kind=row.kind, process=row.process, seen_at=row.seen_at)


class Ready(BaseModel):
    status: str = Field(description="`ready` or `unready`.", examples=["ready"])
    parts: dict[str, PartOut] = Field(description="`database`, `broker` and `artifacts`.")
    heartbeats: list[HeartbeatOut] = Field(
        description="Newest first, at most 20. Information: a keeper that is away makes nothing unready."
    )

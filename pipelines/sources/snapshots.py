"""What one attempt fetched: each body stored once by its sha256."""

from dataclasses import dataclass, field
from datetime import datetime

from presstime.artifacts import Artifacts
from presstime.clock import Clock


@dataclass(frozen=True)
class Snapshot:
    """One answer, as it came."""

    position: int
    url: str
    status: int
    media_type: str
    encoding: str | None
    fetched_at: datetime
    sha256: str
    bytes: int


@dataclass
class Recorder:
    """Collects the snapshots of one attempt."""

    artifacts: Artifacts
    clock: Clock
    snapshots: list[Snapshot] = field(default_factory=list)

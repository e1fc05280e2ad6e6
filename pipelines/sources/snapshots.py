"""The snapshots that one attempt fetched: each body stored once by its sha256. Knows neither HTTP nor SQL."""

from dataclasses import dataclass, field
from datetime import datetime

from presstime.artifacts import Artifacts
from presstime.clock import Clock

LONGEST_NAME = 200  # characters of a media type or an encoding: what a row takes


@dataclass(frozen=True)
class Snapshot:
    """One answer, as it came. `url` is the one asked for, its secrets hidden; `encoding` the one declared."""

    position: int  # order of the fetches of one attempt, from 0
    url: str
    status: int
    media_type: str
    encoding: str | None
    fetched_at: datetime
    sha256: str
    bytes: int


@dataclass
class Recorder:
    """Collects the snapshots of one attempt; bodies go to `artifacts` at once."""

    artifacts: Artifacts
    clock: Clock
    snapshots: list[Snapshot] = field(default_factory=list)

    def record(self, url: str, status: int, media_type: str, encoding: str | None, body: bytes) -> Snapshot:
        """Keep an answer. `url` must have its secrets hidden."""
        kind = media_type[:LONGEST_NAME]
        stored = self.artifacts.put_bytes(body, kind)
        snapshot = Snapshot(
            position=len(self.snapshots),
            url=url,
            status=status,
            media_type=kind,
            encoding=encoding[:LONGEST_NAME] if encoding else None,
            fetched_at=self.clock(),
            sha256=stored.sha256,
            bytes=stored.bytes,
        )
        self.snapshots.append(snapshot)
        return snapshot

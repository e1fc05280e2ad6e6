"""The rules of how long things are kept, and of when a run's time is over: plain values, no SQL, no clock."""

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pipelines.runs.states import RUN_FINAL
from presstime.ids import first_id
from presstime.models import RunState
from presstime.sweeping import Size

KEYS_LIVE = timedelta(days=7)  # an idempotency key is sent again within minutes, if at all
HEARTBEATS_LIVE = timedelta(days=1)
DRAFTS_LIVE = timedelta(days=1)
SUBMIT_TAKES = timedelta(hours=1)  # far more than there is between a run's id and its commit


class Reason(StrEnum):
    """The reason why a run stays that is old enough to go."""

    NEWEST = "newest"  # its pipeline has not succeeded since
    COUNT = "count"  # it is among the newest of its pipeline
    PINNED = "pinned"  # a run that stays builds on its results
    UNFINISHED = "unfinished"


@dataclass(frozen=True)
class Keep:
    """The settings. 0 days: for ever."""

    frames_days: int
    events_days: int
    runs_days: int
    runs_count: int


@dataclass(frozen=True)
class Cutoff:
    """The instant before which an end is old. Ids sort by time: `before_id` finds it without reading all rows."""

    instant: datetime
    before_id: UUID

    @classmethod
    def at(cls, instant: datetime) -> "Cutoff":
        return cls(instant, first_id(instant))


@dataclass(frozen=True)
class Cutoffs:
    """None: nothing is ever old."""

    frames: Cutoff | None
    events: Cutoff | None
    runs: Cutoff | None

    @classmethod
    def of(cls, keep: Keep, now: datetime) -> "Cutoffs":
        return cls(*(_cutoff(now, days) for days in (keep.frames_days, keep.events_days, keep.runs_days)))

    @property
    def results(self) -> Cutoff | None:
        """Results between steps go with their run at the latest."""
        known = [cutoff for cutoff in (self.frames, self.runs) if cutoff]
        return max(known, key=lambda cutoff: cutoff.instant, default=None)


@dataclass(frozen=True)
class RunFacts:
    """The facts about a run that say whether its time is over."""

    id: UUID
    state: RunState
    ended: datetime  # or made, when no end was written down


@dataclass(frozen=True)
class Kept:
    """Runs that stay however old they are, and those of them whose results and events stay too."""

    runs: Mapping[UUID, Reason]
    whole: Container[UUID]


def is_old(run: RunFacts, cutoff: Cutoff | None) -> bool:
    """Old runs are final. The id says when a run was made, but one may be tried again long after."""
    return (
        cutoff is not None
        and run.id < cutoff.before_id
        and run.state in RUN_FINAL
        and run.ended < cutoff.instant
    )


def run_goes(run: RunFacts, cutoffs: Cutoffs, kept: Kept) -> bool:
    return is_old(run, cutoffs.runs) and run.id not in kept.runs


def results_go(run: RunFacts, cutoffs: Cutoffs, kept: Kept) -> bool:
    """Return whether what its steps handed on goes, with the run or before it."""
    return run_goes(run, cutoffs, kept) or (is_old(run, cutoffs.frames) and run.id not in kept.whole)


def events_go(run: RunFacts, cutoffs: Cutoffs, kept: Kept) -> bool:
    """Return whether events and logs go while the run stays."""
    return not run_goes(run, cutoffs, kept) and is_old(run, cutoffs.events) and run.id not in kept.whole


@dataclass
class Tally:
    """The counts, by kind, of what went or would go; and of why old runs stayed."""

    counts: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    kept: Counter[Reason] = field(default_factory=Counter)
    waiting: Size = field(default_factory=Size)  # files set aside that somebody may have seen in their place

    def add(self, kind: str, count: int, size: int = 0) -> None:
        if count:
            self.counts[kind] += count
        if size:
            self.bytes[kind] += size


def _cutoff(now: datetime, days: int) -> Cutoff | None:
    return Cutoff.at(now - timedelta(days=days)) if days else None

"""Decides what becomes of each instant of a schedule that is due: a run, or none and why not. Pure time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.timetables.describe import spoken_duration
from pipelines.timetables.occurrences import Occurrence, Timetable
from presstime.models.states import Cause

MISSED = timedelta(seconds=60)  # older than this, an instant was missed, as far as `catch_up="none"` goes
BATCH = 50  # runs that one alarm starts at the most; the next one goes on behind them


@dataclass(frozen=True)
class Pause:
    """Instants after `since` start nothing; with `until`, those from then on do again."""

    since: datetime
    until: datetime | None = None
    by: str | None = None
    why: str | None = None

    @property
    def reason(self) -> str:
        return (f"paused by {self.by}" if self.by else "paused") + (f": {self.why}" if self.why else "")

    def covers(self, instant: datetime) -> bool:
        return self.since < instant and (self.until is None or instant < self.until)


@dataclass(frozen=True)
class Stretch:
    """Equal decisions in a row, from the first instant to the last. Without a cause it fires, and is one."""

    first: datetime
    last: datetime
    count: int = 1
    cause: Cause | None = None
    reason: str | None = None


def decide(timetable: Timetable, cursor: datetime, now: datetime, *pauses: Pause) -> list[Stretch]:
    """Decide about every instant after `cursor` that is due at `now`, in order; raises BadSchedule.

    Those in between are counted without a list of them, because a schedule of minutes may be a year behind. With
    `catch_up="all"` only the first instants are decided about; the next call goes on behind them.
    """
    due = timetable.occurrences(cursor, now - timetable.offset)
    if timetable.schedule.catch_up == "all":
        return _joined(_batch(_decided(timetable, occurrence, now, pauses) for occurrence in due))
    return _newest(timetable, due, now, pauses)


def _batch(decided: Iterator[Stretch]) -> Iterator[Stretch]:
    """As many as start a batch of runs; those that start none are not counted."""
    runs = 0
    for stretch in decided:
        runs += stretch.cause is None
        yield stretch
        if runs == BATCH:
            return


def _newest(
    timetable: Timetable, due: Iterator[Occurrence], now: datetime, pauses: Sequence[Pause]
) -> list[Stretch]:
    """One run for the newest instant that fires; those before it are superseded."""
    stretches: list[Stretch] = []
    behind: list[Stretch] = []  # what starts nothing, since the newest that fires
    newest: Occurrence | None = None
    for occurrence in due:
        if not _fires(occurrence, pauses):
            _add(stretches if newest is None else behind, _decided(timetable, occurrence, now, pauses))
            continue
        if newest is not None:
            _add(stretches, _without_run(newest.instant, Cause.SUPERSEDED, "superseded by a later instant"))
            for stretch in behind:
                _add(stretches, stretch)
            behind = []
        newest = occurrence
    if newest is not None:
        _add(stretches, _decided(timetable, newest, now, pauses))
    for stretch in behind:
        _add(stretches, stretch)
    return stretches


def _fires(occurrence: Occurrence, pauses: Sequence[Pause]) -> bool:
    return occurrence.fires and _covering(pauses, occurrence.instant) is None


def _covering(pauses: Sequence[Pause], instant: datetime) -> Pause | None:
    return next((pause for pause in pauses if pause.covers(instant)), None)


def _decided(timetable: Timetable, occurrence: Occurrence, now: datetime, pauses: Sequence[Pause]) -> Stretch:
    instant = occurrence.instant
    if (pause := _covering(pauses, instant)) is not None:
        return _without_run(instant, Cause.PAUSED, pause.reason)
    if not occurrence.fires:
        return _without_run(instant, Cause.CLOSED, f"closed: {occurrence.closed}")
    grace = timetable.schedule.grace
    if grace is None and timetable.schedule.catch_up == "none":
        grace = MISSED
    if grace is not None and now - timetable.offset - instant > grace:
        return _without_run(instant, Cause.TOO_LATE, f"missed by more than {spoken_duration(grace)}")
    return Stretch(instant, instant)


def _without_run(instant: datetime, cause: Cause, reason: str) -> Stretch:
    return Stretch(instant, instant, cause=cause, reason=reason)


def _joined(decided: Iterator[Stretch]) -> list[Stretch]:
    stretches: list[Stretch] = []
    for stretch in decided:
        _add(stretches, stretch)
    return stretches


def _add(stretches: list[Stretch], stretch: Stretch) -> None:
    """Equal decisions in a row become one, unless they fire."""
    last = stretches[-1] if stretches else None
    if last is not None and stretch.cause is not None and same(last, stretch):
        stretches[-1] = Stretch(
            last.first, stretch.last, last.count + stretch.count, stretch.cause, stretch.reason
        )
    else:
        stretches.append(stretch)


def same(one: Stretch, other: Stretch) -> bool:
    return (one.cause, one.reason) == (other.cause, other.reason)

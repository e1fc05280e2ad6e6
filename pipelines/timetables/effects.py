"""The effect of a change to a schedule: its next runs before and after, one too many or one too few. Pure time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from pipelines.interval import PERIODS, Interval, interval_containing
from pipelines.timetables.decisions import Pause, decide
from pipelines.timetables.occurrences import Timetable

Runs = tuple[datetime, ...]
Containing = Callable[[datetime], Interval | None]
SHOWN = 5  # runs on either side that are told
LOOKED_AT = 12  # runs from which it is seen how often there is one


@dataclass(frozen=True)
class Standing:
    """The state of a schedule when it is changed: decided up to `cursor`, its last run was of `last`."""

    cursor: datetime
    now: datetime
    last: datetime | None = None
    pauses: tuple[Pause, ...] = ()

    @property
    def pause(self) -> Pause | None:
        """The one that holds now, if one does."""
        return next((pause for pause in self.pauses if pause.until is None or pause.until > self.now), None)


@dataclass(frozen=True)
class Effect:
    """`at_once` are instants behind now that start runs as soon as the change is saved.

    `extra` is a period (a day, a week, a month...) that gets a second run by the change, `missed` one that is
    left without, where there was one before. `cursor` is up to where the instants are settled from then on.
    """

    before: tuple[datetime, ...]
    after: tuple[datetime, ...]
    at_once: tuple[datetime, ...]
    extra: Interval | None
    missed: Interval | None
    cursor: datetime


def effect(old: Timetable, new: Timetable, at: Standing) -> Effect:
    """Return the effect of following `new` instead of `old`. Raises BadSchedule.

    Instants of `new` behind now start a run only where instants of `old` wait for theirs, or where a period
    would get none otherwise: so an edit starts what would be missed, and nothing that was there already.
    """
    since = max(at.cursor, at.now - old.offset)  # what lies behind has no alarm to wait for any more
    before, after, zone = _coming(old, since, at.pause), _coming(new, since, at.pause), new.tz
    rhythms = [_rhythm(runs, zone) for runs in (before, after) if len(runs) > 1] or [-1]
    finer, coarser = min(rhythms), max(rhythms)
    cursor = since
    if _due(old, at.cursor, at) or _missed(before, after, at.last, _period(coarser, zone)):
        cursor = at.cursor
    at_once = _due(new, cursor, at)
    after = tuple(run for run in after if run > at.now - new.offset)
    runs = (*at_once, *after)
    return Effect(
        before=before[:SHOWN],
        after=after[:SHOWN],
        at_once=at_once,
        extra=_extra(runs, at.last, _period(finer, zone)),
        missed=_missed(before, runs, at.last, _period(coarser, zone)),
        cursor=cursor,
    )


def _due(timetable: Timetable, cursor: datetime, at: Standing) -> Runs:
    decided = decide(timetable, cursor, at.now, *at.pauses)
    return tuple(stretch.last for stretch in decided if stretch.cause is None)


def _coming(timetable: Timetable, after: datetime, pause: Pause | None) -> Runs:
    if pause is not None:
        if pause.until is None:
            return ()
        after = max(after, pause.until - pause.until.resolution)
    firing = (occurrence.instant for occurrence in timetable.following(after) if occurrence.fires)
    return tuple(islice(firing, LOOKED_AT))


def _rhythm(runs: Runs, zone: ZoneInfo) -> int:
    """Which is the longest of PERIODS that never has two of them; -1 when even an hour has."""
    for number, period in reversed(list(enumerate(PERIODS))):
        if len({interval_containing(period, str(zone), run).label for run in runs}) == len(runs):
            return number
    return -1


def _period(rhythm: int, zone: ZoneInfo) -> Containing:
    """What gives the period of that rhythm around an instant."""
    return lambda run: interval_containing(PERIODS[rhythm], str(zone), run) if rhythm >= 0 else None


def _extra(runs: Runs, last: datetime | None, containing: Containing) -> Interval | None:
    """The period of the last run, if another one comes to stand in it."""
    taken = containing(last) if last is not None else None
    return taken if taken is not None and any(run in taken for run in runs) else None


def _missed(before: Runs, runs: Runs, last: datetime | None, containing: Containing) -> Interval | None:
    """The first period with a run of before that would be over before there is one."""
    for run in before:
        there = containing(run)
        if there is None or (runs and there.end > runs[0]):
            return None
        if last is None or last not in there:
            return there
    return None

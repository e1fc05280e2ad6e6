"""What the policies prescribe for one schedule, from what happened to it.

Written from the documentation and kept apart from the product: it shares with it the enumeration of instants, which
has a brute-force oracle of its own, and nothing that decides about them.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import singledispatchmethod

from bench._clockwork_facts import Deployed, Ended, Fact, Paused, Rang, Resumed
from bench._clockwork_weather import KEEPER, Weather
from pipelines.timetables.occurrences import Occurrence, Timetable, offset_of
from presstime.models import Cause, RunState

AT_ONCE = 50  # runs that one ring starts at the most with catch_up="all"
NOT_MISSED = timedelta(seconds=60)  # what counts as in time with catch_up="none" and without a grace
PATIENCE = timedelta(seconds=8)  # within which a keeper that is up rings what is overdue
EARLIER = timedelta(days=70)  # to enumerate from: not where the product begins


@dataclass
class Prescribed:
    """`causes` has each decided instant in order, None where it starts a run; `states` those of the runs."""

    causes: dict[datetime, Cause | None] = field(default_factory=dict)
    states: dict[datetime, RunState] = field(default_factory=dict)
    cursor: datetime | None = None
    next_at: datetime | None = None
    removed: bool = False
    complaints: list[str] = field(default_factory=list)


def prescribe(key: str, zone: str, facts: Sequence[Fact], weather: Weather, end: datetime) -> Prescribed:
    """For the schedule called `key` (pipeline/name) of a pipeline in `zone`; the world stands still at `end`."""
    oracle = _Oracle(key, zone, weather, end)
    for fact in facts:
        oracle.hear(fact)
    return oracle.close()


class _Oracle:
    def __init__(self, key: str, zone: str, weather: Weather, end: datetime) -> None:
        self._key, self._zone, self._weather, self._end = key, zone, weather, end
        self._found = Prescribed()
        self._pauses: list[tuple[datetime, datetime | None]] = []
        self._unfinished: list[datetime] = []
        self._timetable: Timetable | None = None
        self._ahead: deque[Occurrence] = deque()  # not decided yet; the next ones, as far as they were needed
        self._rest: Iterator[Occurrence] = iter(())
        self._known = self._decided = datetime.min.replace(tzinfo=end.tzinfo)

    @singledispatchmethod
    def hear(self, fact: Fact) -> None:
        raise TypeError(fact)

    @hear.register
    def _(self, fact: Deployed) -> None:
        """An edit changes what is not decided yet. What is new, or comes back, begins now.

        It may leave behind what lies before it, unless a run waits there. Whether it had to is not judged here.
        """
        if fact.declared is None:
            self._timetable = None
            return
        if self._timetable is None:
            self._decided = fact.at
        elif fact.cursor != self._decided:
            self._leave_behind(fact, self._timetable)
        offset = offset_of(self._key, fact.declared.jitter)
        self._timetable = Timetable(fact.declared, fact.declared.timezone or self._zone, offset)
        self._known = fact.at
        self._rest = self._timetable.following(self._decided - EARLIER)
        self._ahead = deque()
        while (one := next(self._rest, None)) is not None:
            if one.instant > self._decided:
                self._ahead.append(one)
                return

    @hear.register
    def _(self, fact: Paused) -> None:
        if self._paused(fact.at):
            self._pauses[-1] = (self._pauses[-1][0], fact.until)
        else:
            self._pauses.append((fact.at, fact.until))

    @hear.register
    def _(self, fact: Resumed) -> None:
        paused = self._paused(fact.at)
        if paused:
            self._pauses[-1] = (self._pauses[-1][0], fact.at)
        if paused == fact.refused:
            self._complain(fact.at, f"resuming was {'refused' if fact.refused else 'taken'}")

    @hear.register
    def _(self, fact: Ended) -> None:
        if fact.instant not in self._unfinished:
            self._complain(fact.at, f"a run for {fact.instant} was unfinished")
            return
        self._unfinished.remove(fact.instant)
        self._found.states[fact.instant] = fact.state

    @hear.register
    def _(self, fact: Rang) -> None:
        if self._timetable is None:
            return
        self._punctual(fact.at)
        if self._timetable.schedule.catch_up == "all":
            self._each(fact.now)
        else:
            self._newest(fact.now)
        self._known = max(self._known, fact.at)  # what it left behind is rung for from now on

    def close(self) -> Prescribed:
        found = self._found
        if self._timetable is None:
            found.removed = True
            return found
        self._punctual(self._end)
        found.cursor = self._decided
        if (following := self._peek()) is not None:
            found.next_at = following.instant + self._timetable.offset
        return found

    def _leave_behind(self, fact: Deployed, old: Timetable) -> None:
        settled = max(self._decided, fact.at - old.offset)
        lost = [one.instant for one in self._due(fact.at) if self._without_run(one, fact.at) is None]
        if lost or fact.cursor != settled:
            self._complain(fact.at, f"an edit went on from {fact.cursor}, and lost {lost}")
        self._decided = settled

    def _paused(self, now: datetime) -> bool:
        return bool(self._pauses) and ((until := self._pauses[-1][1]) is None or now < until)

    def _peek(self) -> Occurrence | None:
        if not self._ahead and (one := next(self._rest, None)) is not None:
            self._ahead.append(one)
        return self._ahead[0] if self._ahead else None

    def _punctual(self, at: datetime) -> None:
        """What is due is rung for: by beat or, when that is silent, by a keeper that is up."""
        if self._timetable is None or (oldest := self._peek()) is None:
            return
        due = max(oldest.instant + self._timetable.offset, self._known)
        there = self._weather.ready(due, KEEPER, lasting=PATIENCE)
        if at > there + PATIENCE:
            self._complain(at, f"{oldest.instant}, due at {due}, was not rung for at {there}")

    def _due(self, now: datetime) -> Iterator[Occurrence]:
        assert self._timetable is not None  # a schedule that is gone is not rung for
        while (one := self._peek()) is not None and one.instant + self._timetable.offset <= now:
            yield self._ahead.popleft()

    def _each(self, now: datetime) -> None:
        started = 0
        for one in self._due(now):
            cause = self._without_run(one, now)
            self._settle(one.instant, cause)
            started += cause is None
            if started == AT_ONCE:
                return

    def _newest(self, now: datetime) -> None:
        due = list(self._due(now))
        newest = max((one.instant for one in due if self._rests(one) is None), default=None)
        for one in due:
            superseded = one.instant != newest and self._rests(one) is None
            self._settle(one.instant, Cause.SUPERSEDED if superseded else self._without_run(one, now))

    def _rests(self, one: Occurrence) -> Cause | None:
        for since, until in self._pauses:
            if since < one.instant and (until is None or one.instant < until):
                return Cause.PAUSED
        return None if one.fires else Cause.CLOSED

    def _without_run(self, one: Occurrence, now: datetime) -> Cause | None:
        """Why an instant that is not superseded starts none, its schedule's earlier runs apart."""
        if (cause := self._rests(one)) is not None:
            return cause
        assert self._timetable is not None
        schedule = self._timetable.schedule
        grace = schedule.grace
        if grace is None and schedule.catch_up == "none":
            grace = NOT_MISSED
        late = now - (one.instant + self._timetable.offset)
        return Cause.TOO_LATE if grace is not None and late > grace else None

    def _settle(self, instant: datetime, cause: Cause | None) -> None:
        assert self._timetable is not None
        self._decided = instant
        if cause is None:
            overlap = self._timetable.schedule.overlap
            if self._unfinished and overlap == "skip":
                cause = Cause.OVERLAP
            elif overlap == "cancel_running":
                self._found.states.update(dict.fromkeys(self._unfinished, RunState.CANCELLED))
                self._unfinished.clear()
        if cause is None:
            self._unfinished.append(instant)
            self._found.states[instant] = RunState.QUEUED
        self._found.causes[instant] = cause

    def _complain(self, at: datetime, what: str) -> None:
        self._found.complaints.append(f"at {at}: {what}")

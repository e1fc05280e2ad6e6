"""What a schedule did at some time, and why, for people and as JSON."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cli.finding import look_up
from cli.schedule_options import read_instant
from cli.services import ensure_database
from pipelines.schedules.pausing import is_paused
from pipelines.schedules.stored import timetable_of
from pipelines.schedules.why import Answer, Decided, explain
from pipelines.timetables.describe import describe, spoken_zone
from pipelines.timetables.occurrences import Occurrence
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import RunState
from presstime.settings import Settings
from scheduler.runtime import Runtime


class Why:
    """The question, and its answer."""

    def __init__(self, settings: Settings, name: str, at: str | None) -> None:
        ensure_database(settings)
        runtime = Runtime.open(settings)
        row = look_up(runtime, name, save=False)
        with reading(runtime.sessions) as session:
            timetable = timetable_of(row)
            self.name = f"{row.pipeline}/{row.name}"
            self.words = describe(timetable)
            self.place = timetable.place
            self.now = utc_now()
            self.pause = (row.paused_by, row.paused_until) if is_paused(row, self.now) else None
            self.at = read_instant("--at", at, self.place) if at else self.now
            self.answer: Answer = explain(session, row, self.at)
        runtime.engine.dispose()

    def document(self) -> dict[str, Any]:
        """Times in the schedule's own zone."""
        answer = self.answer
        return {
            "schedule": self.name,
            "description": self.words,
            "at": self._iso(self.at),
            "instant": self._iso(answer.instant),
            "oddities": list(answer.oddities),
            "undecided": answer.undecided,
            "decision": _decision(answer.decided, self.place),
            "next": self._iso(answer.next.instant if answer.next else None),
            "paused": {"by": self.pause[0], "until": self._iso(self.pause[1])} if self.pause else None,
        }

    def lines(self) -> list[str]:
        told = [f"{self.name}: {self.words}", *self._about(), self._next(self.answer.next)]
        if self.pause is not None:
            by, until = self.pause
            told.append(f"Paused by {by}" + (f" until {self._local(until)}." if until else "."))
        return told

    def _about(self) -> list[str]:
        answer = self.answer
        if answer.instant is None:
            return [f"No instant up to {self._local(self.at)}."]
        when = self._local(answer.instant)
        notes = [f"  {oddity}" for oddity in answer.oddities]
        if answer.decided is not None:
            return [f"{when}: {self._told(answer.decided)}", *notes]
        if answer.instant > self.now:
            return [f"{when}: is still to come.", *notes]
        if answer.undecided:
            return [f"{when}: is due, and no alarm has rung for it yet; is `presstime up` running?", *notes]
        return [
            f"{when}: nothing stands in the book about it; its decision was pruned, or it is older.",
            *notes,
        ]

    def _told(self, decided: Decided) -> str:
        if decided.fired:
            if decided.run is None:
                return "fired; its run was pruned since."
            told = f"fired, run {decided.run} is {decided.run_state}"
            failed = decided.run_state is RunState.FAILED and decided.run_error
            return f"{told}: {decided.run_error}" if failed else f"{told}."
        told = f"started no run: {decided.reason}."
        if decided.count > 1:
            first, last = self._local(decided.first), self._local(decided.last)
            told += f" The same goes for {decided.count:,} instants from {first} to {last}."
        return told

    def _next(self, following: Occurrence | None) -> str:
        if following is None:
            return "Nothing follows."
        closed = "" if following.fires else f", closed: {following.closed}"
        return f"Next: {self._local(following.instant)}{closed}."

    def _local(self, instant: datetime) -> str:
        return f"{instant.astimezone(self.place):%a %Y-%m-%d %H:%M:%S} {spoken_zone(str(self.place))}"

    def _iso(self, instant: datetime | None) -> str | None:
        return instant.astimezone(self.place).isoformat() if instant else None


def _decision(decided: Decided | None, place: ZoneInfo) -> dict[str, Any] | None:
    if decided is None:
        return None
    found = asdict(decided)
    for name in ("first", "last"):
        found[name] = found[name].astimezone(place).isoformat()
    return found | {"run": str(decided.run) if decided.run else None}

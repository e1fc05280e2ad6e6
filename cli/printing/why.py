"""Prints what a schedule did at some time, and why, for people and as JSON."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.schedules.pausing import is_paused
from pipelines.schedules.stored import name_of, timetable_of
from pipelines.schedules.why import Answer, Decided
from pipelines.timetables.describe import describe, spoken_zone
from pipelines.timetables.occurrences import Occurrence
from presstime.models import RunState, Schedule


@dataclass(frozen=True)
class Why:
    """A question about a schedule and a time, and its answer."""

    row: Schedule
    at: datetime
    now: datetime
    answer: Answer

    @property
    def zone(self) -> ZoneInfo:
        return timetable_of(self.row).tz

    @property
    def paused(self) -> bool:
        return is_paused(self.row, self.now)

    def document(self) -> dict[str, Any]:
        """Times in the schedule's own zone."""
        answer = self.answer
        return {
            "schedule": name_of(self.row),
            "description": describe(timetable_of(self.row)),
            "at": self._iso(self.at),
            "instant": self._iso(answer.instant),
            "oddities": list(answer.oddities),
            "undecided": answer.undecided,
            "decision": _decision(answer.decided, self.zone),
            "next": self._iso(answer.next.instant if answer.next else None),
            "paused": (
                {"by": self.row.paused_by, "until": self._iso(self.row.paused_until)} if self.paused else None
            ),
        }

    def lines(self) -> list[str]:
        """Return the answer in lines for people."""
        lines = [
            f"{name_of(self.row)}: {describe(timetable_of(self.row))}",
            *self._about(),
            self._next(self.answer.next),
        ]
        if self.paused:
            until = self.row.paused_until
            lines.append(
                f"Paused by {self.row.paused_by}" + (f" until {self._local(until)}." if until else ".")
            )
        return lines

    def _about(self) -> list[str]:
        answer = self.answer
        if answer.instant is None:
            return [f"No instant up to {self._local(self.at)}."]
        when = self._local(answer.instant)
        notes = [f"  {oddity}" for oddity in answer.oddities]
        if answer.decided is not None:
            return [f"{when}: {self._decision(answer.decided)}", *notes]
        if answer.instant > self.now:
            return [f"{when}: is still to come.", *notes]
        if answer.undecided:
            return [f"{when}: is due, and no alarm has rung for it yet; is `presstime up` running?", *notes]
        return [
            f"{when}: nothing stands in the book about it; its decision was pruned, or it is older.",
            *notes,
        ]

    def _decision(self, decided: Decided) -> str:
        if decided.fired:
            if decided.run is None:
                return "fired; its run was pruned since."
            text = f"fired, run {decided.run} is {decided.run_state}"
            failed = decided.run_state is RunState.FAILED and decided.run_error
            return f"{text}: {decided.run_error}" if failed else f"{text}."
        text = f"started no run: {decided.reason}."
        if decided.count > 1:
            first, last = self._local(decided.first), self._local(decided.last)
            text += f" The same goes for {decided.count:,} instants from {first} to {last}."
        return text

    def _next(self, following: Occurrence | None) -> str:
        if following is None:
            return "Nothing follows."
        closed = "" if following.fires else f", closed: {following.closed}"
        return f"Next: {self._local(following.instant)}{closed}."

    def _local(self, instant: datetime) -> str:
        return f"{instant.astimezone(self.zone):%a %Y-%m-%d %H:%M:%S} {spoken_zone(str(self.zone))}"

    def _iso(self, instant: datetime | None) -> str | None:
        return instant.astimezone(self.zone).isoformat() if instant else None


def _decision(decided: Decided | None, zone: ZoneInfo) -> dict[str, Any] | None:
    if decided is None:
        return None
    document = asdict(decided)
    for name in ("first", "last"):
        document[name] = document[name].astimezone(zone).isoformat()
    return document | {"run": str(decided.run) if decided.run else None}

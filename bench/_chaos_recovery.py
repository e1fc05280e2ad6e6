"""How long what a fault hit stood still.

A task whose process was killed or stopped: from the fault until its next attempt is claimed (`task.running`).
A run that was unfinished when Valkey or the database went away, when connections were cut or Valkey was
emptied: from the end of the outage, or from the fault if it took nothing away, until a task of the run is
next claimed or succeeds, or the run does; the slowest of the runs counts. Beat and its alarms: from the first
instant that was due afterwards until it was decided. The keeper: until one leads again. Time in which
Valkey or the database was away is not counted; whatever else struck meanwhile is.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bench import _chaos_plan as plan
from bench._chaos_fault import Fault
from bench._chaos_ledger import Claim, Ledger, Watch
from bench._chaos_site import item_of

PROGRESS = frozenset({"task.running", "task.succeeded", "run.running", "run.succeeded"})


@dataclass(frozen=True)
class Recovery:
    fault: Fault
    hit: bool
    seconds: float | None  # None: not hit, or never
    what: str = ""  # what took longest
    back: float = 0.0  # when it went on, in seconds since 1970


def recoveries(ledger: Ledger, watch: Watch, faults: Sequence[Fault]) -> list[Recovery]:
    return [_Recoveries(ledger, watch, faults).of(fault) for fault in faults]


def longest_gap(ledger: Ledger, faults: Sequence[Fault]) -> tuple[float, UUID | None, float]:
    """The longest time without any progress of a started run, the run, and when it began; a figure by itself."""
    measured = _Recoveries(ledger, Watch(), faults)
    gaps = [
        (measured.waited(before, after), run, before)
        for run, times in measured.progress.items()
        for before, after in itertools.pairwise(times)
    ]
    return max(gaps, default=(0.0, None, 0.0), key=lambda gap: gap[0])


class _Recoveries:
    def __init__(self, ledger: Ledger, watch: Watch, faults: Sequence[Fault]) -> None:
        self._ledger = ledger
        self._watch = watch
        self._outages = [(fault.at, fault.until) for fault in faults if fault.until is not None]
        self._steps = {task.id: f"{task.step}[{item_of(task)}]" for task in ledger.tasks}
        self._run_of = {task.id: task.run_id for task in ledger.tasks}
        self.progress: dict[UUID, list[float]] = defaultdict(list)
        for event in ledger.events:
            if event.kind in PROGRESS:
                self.progress[event.run_id].append(event.at.timestamp())

    def of(self, fault: Fault) -> Recovery:
        if fault.kind in {plan.CHILD_KILL, plan.CHILD_STOP, plan.WORKER_KILL, plan.WORKER_STOP}:
            return self._slowest(fault, self._tasks(fault))
        if fault.kind in {plan.ALARMS_GONE, plan.BEAT_KILL}:
            return self._slowest(fault, self._alarm(fault))
        if fault.kind == plan.KEEPER_KILL:
            return self._slowest(fault, self._leader(fault))
        if fault.kind == plan.FLUSH and not fault.messages:
            return Recovery(fault, False, None)
        return self._slowest(fault, self._runs(fault))

    def waited(self, start: float, end: float) -> float:
        """Seconds between the two without those in which something had been taken away."""
        away, reached = 0.0, start
        for begin, over in sorted(self._outages):
            begin, over = max(begin, reached), min(over, end)  # noqa: PLW2901 # the part that counts
            if over > begin:
                away += over - begin
                reached = over
        return end - start - away

    def _slowest(self, fault: Fault, found: Iterator[tuple[float, float | None, str]]) -> Recovery:
        measured = list(found)
        never = next((what for _, back, what in measured if back is None), None)
        if never is not None:
            return Recovery(fault, True, None, never)
        waits = [(self.waited(start, back), what, back) for start, back, what in measured if back is not None]
        if not waits:
            return Recovery(fault, False, None)
        seconds, what, back = max(waits)
        return Recovery(fault, True, seconds, what, back)

    def _tasks(self, fault: Fault) -> Iterator[tuple[float, float | None, str]]:
        """Attempts that did not end by themselves, though the fault came."""
        for task, attempt in fault.tasks:
            claims = self._ledger.claims.get(task, [])
            claim = next((one for one in claims if one.attempt == attempt), None)
            if claim is None or not _lost(claim):
                continue
            again = next((one.at for one in claims if one.attempt > attempt), None)
            yield fault.at, again, f"{self._steps[task]} attempt {attempt} of run {self._run_of[task]}"

    def _runs(self, fault: Fault) -> Iterator[tuple[float, float | None, str]]:
        start = fault.until or fault.at
        for run in fault.runs:
            times = self.progress[run]
            if times and times[-1] <= start and self._finished(run) is not None:
                continue  # it ended while the outage lasted: nothing was left to go on with
            yield start, next((at for at in times if at > start), None), f"run {run}"

    def _alarm(self, fault: Fault) -> Iterator[tuple[float, float | None, str]]:
        for firing in self._ledger.firings:
            if firing.last_instant.timestamp() > fault.at:
                due = firing.last_instant.timestamp()
                yield due, max(due, firing.decided_at.timestamp()), f"the instant {firing.last_instant:%X}"
                return

    def _leader(self, fault: Fault) -> Iterator[tuple[float, float | None, str]]:
        if fault.led:
            later = [since for since, _ in self._watch.leaders if since > fault.at]
            yield fault.at, later[0] if later else None, "another leader"

    def _finished(self, run: UUID) -> datetime | None:
        return next((one.finished_at for one in self._ledger.runs if one.id == run), None)


def _lost(claim: Claim) -> bool:
    return claim.following is not None and claim.following.kind not in {
        "task.succeeded",
        "task.skipped",
        "task.failed",
        "task.retry",
    }

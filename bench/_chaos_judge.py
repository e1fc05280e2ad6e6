"""Puts everything that was found into figures and complaints."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from bench import _chaos_verdict as verdict
from bench._chaos_fault import Fault
from bench._chaos_ledger import Ledger
from bench._chaos_plan import KINDS, Plan
from bench._chaos_play import Played
from bench._chaos_recovery import Recovery, longest_gap, recoveries
from bench._chaos_rest import write_rest
from bench._chaos_site import Site
from presstime.models import RunState, Trigger

DROPPED = "this attempt lost its task"  # what a worker logs about a zombie's result
UNSERVED = "a message could not be served"  # what a worker logs about an error of its own


@dataclass
class Row:
    """One kind of fault: how often, and the longest recovery in seconds.

    What was struck may go on by itself, as one does who stood still for a while; what was hit has lost something.
    """

    done: int = 0
    struck: int = 0
    hit: int = 0
    never: int = 0
    longest: float | None = None


@dataclass(frozen=True)
class Judgement:
    faults: dict[str, Row]
    complaints: dict[str, list[str]]
    said: list[str]
    figures: dict[str, Any] = field(default_factory=dict)


def judge(plan: Plan, site: Site, played: Played) -> Judgement:
    ledger = Ledger(site)
    write_rest(site.runtime, site.installation.folder / "rest.txt")
    found = recoveries(ledger, played.watch, played.faults)
    rows = _rows(found)
    complaints = _complaints(plan, ledger, played, found)
    slowest = max(
        (one for one in found if one.seconds is not None), key=lambda one: one.seconds or 0.0, default=None
    )
    gap, gap_run, gap_began = longest_gap(ledger, played.faults)
    logs = site.logs(site.workers)
    figures: dict[str, Any] = {
        "runs": len(ledger.runs),
        "scheduled": sum(1 for run in ledger.runs if run.trigger is Trigger.SCHEDULE),
        "executions": len(ledger.begins),
        "cut_short": verdict.cut_short(ledger),
        "superfluous": verdict.superfluous(ledger),
        "zombies_dropped": logs.count(DROPPED),
        "messages_not_served": logs.count(UNSERVED),
        "losses": sum(task.losses for task in ledger.tasks),
        "errors": sum(task.errors for task in ledger.tasks),
        "restarts": site.restarts,
        "asking_retries": played.asking_retries,
        "leases_seen": len(played.watch.leases),
        "longest_recovery_s": round(slowest.seconds or 0.0, 1) if slowest else None,
        "longest_recovery_by": slowest.fault.kind if slowest else None,
        "longest_gap_s": round(gap, 1),
        "calm_after_s": round(played.calm, 1),
        "faults": {kind: asdict(row) for kind, row in rows.items()},
        "complaints": {name: len(lines) for name, lines in complaints.items()},
    }
    said = [
        _slowest(slowest, played.faults),
        f"longest silence of a run: {gap:.1f} s from {_clock(gap_began)}, run {gap_run}",
        *[f"{name}: {value}" for name, value in figures.items() if isinstance(value, int)],
        f"everything was final {played.calm:.1f} s after the last fault and the last order",
    ]
    return Judgement(rows, complaints, said, figures)


def _complaints(
    plan: Plan, ledger: Ledger, played: Played, found: Sequence[Recovery]
) -> dict[str, list[str]]:
    unfinished = (RunState.QUEUED, RunState.RUNNING)
    return {
        "lost": list(verdict.lost_runs(ledger, plan.runs)),
        "stuck": list(verdict.not_succeeded(ledger, *unfinished)),
        "failed": list(verdict.not_succeeded(ledger, RunState.FAILED, RunState.CANCELLED, RunState.SKIPPED)),
        "wrong": list(verdict.wrong_results(ledger)),
        "misattributed": list(verdict.misattributed(ledger)),
        "executed without a claim, or twice": list(verdict.unclaimed_executions(ledger)),
        "leases broken": list(verdict.broken_leases(ledger, played.watch, played.faults)),
        "misfired": list(verdict.misfired(ledger, played.first, played.last, plan.form.every)),
        "never recovered": [f"{r.fault.kind} at {_clock(r.fault.at)}: {r.what}" for r in found if _never(r)],
    }


def _rows(found: Sequence[Recovery]) -> dict[str, Row]:
    rows = {kind: Row() for kind in KINDS}
    for one in found:
        row = rows[one.fault.kind]
        row.done += 1
        row.struck += one.fault.victim
        row.hit += one.hit
        row.never += _never(one)
        if one.seconds is not None:
            row.longest = round(max(row.longest or 0.0, one.seconds), 1)
    return rows


def _never(one: Recovery) -> bool:
    return one.hit and one.seconds is None


def _slowest(one: Recovery | None, faults: Sequence[Fault]) -> str:
    if one is None:
        return "longest recovery: nothing was hit, or nothing of it recovered"
    hit = f"{_clock(one.fault.at)} {one.fault.kind} hit {one.what}"
    return f"longest recovery: {one.seconds:.1f} s, {hit}; meanwhile: {_meanwhile(one, faults)}"


def _meanwhile(one: Recovery, faults: Sequence[Fault]) -> str:
    """What else struck before it went on."""
    others = [f"{_clock(f.at)} {f.kind}" for f in faults if one.fault.at < f.at < one.back]
    return ", ".join(others) or "nothing else"


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%X}"

"""Judges the end: every run right, every instant fired once, every result that of one attempt, no lease broken.

Each function gives complaints; none at all is what is wanted.
"""

import itertools
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bench._chaos_fault import Fault
from bench._chaos_ledger import Claim, Ledger, Row, Watch
from bench._chaos_plan import CHILD_KILL, WORKER_KILL
from bench._chaos_site import item_of
from bench._chaos_work import ITEMS, Line, side_of, total_of, value_of
from presstime.models import Decision, Run, RunState, Task, Trigger


def lost_runs(ledger: Ledger, asked: int) -> Iterator[str]:
    """Orders without a run, and those with two."""
    found = Counter(int(run.params["number"]) for run in ledger.runs if run.trigger is Trigger.API)
    for number in range(asked):
        if found[number] != 1:
            yield f"order {number} has {found[number]} runs"


def not_succeeded(ledger: Ledger, *states: RunState) -> Iterator[str]:
    for run in ledger.runs:
        if run.state in states:
            yield f"run {run.id} ({run.trigger}) is {run.state}: {run.error}"


def wrong_results(ledger: Ledger) -> Iterator[str]:
    """Workbooks that are missing, doubled, or hold other figures than they must."""
    reports = defaultdict(list)
    for report in ledger.reports:
        reports[report.run_id].append(report)
    for run in ledger.runs:
        if run.state is not RunState.SUCCEEDED:
            continue
        found = reports[run.id]
        if len(found) != 1:
            yield f"run {run.id} has {len(found)} reports"
            continue
        figures = [row[:3] for row in ledger.rows(found[0])]
        if sorted(figures) != sorted(_expected(int(run.params["number"]))):
            yield f"run {run.id} has the figures {figures}"


def misattributed(ledger: Ledger) -> Iterator[str]:
    """Recorded results that are not those of the one execution of the attempt that SQL names."""
    reports = {report.task_id: report for report in ledger.reports}
    tasks = defaultdict(list)
    for task in ledger.tasks:
        tasks[task.run_id].append(task)
    for run in ledger.runs:
        if run.state is RunState.SUCCEEDED:
            named = {(t.step, item_of(t)): t for t in tasks[run.id]}
            rows = {(row[0], row[1]): row for row in ledger.rows(reports[named["book", -1].id])}
            yield from _run_misattributed(ledger, run, named, rows)


def unclaimed_executions(ledger: Ledger) -> Iterator[str]:
    """Executions that no claim stands for, and claims that were executed more than once."""
    tasks = {(str(t.run_id), t.step, item_of(t)): t.id for t in ledger.tasks}
    executed: Counter[tuple[UUID, int]] = Counter()
    for line in ledger.begins.values():
        task = tasks.get((line.run, line.step, line.item))
        claim = claim_of(ledger, line, task) if task else None
        if claim is None:
            yield f"{_said(line)} was executed without a claim"
        else:
            executed[claim.task, claim.attempt] += 1
    for (task, attempt), times in executed.items():
        if times > 1:
            yield f"attempt {attempt} of task {task} was executed {times} times"


def broken_leases(ledger: Ledger, watch: Watch, faults: Sequence[Fault]) -> Iterator[str]:
    """Attempts that began while the one before them held a valid lease, or whose numbers are not 1, 2, 3 ...

    A lease ends with its process: Presstime ends it then, and whoever is dead can do nothing twice.
    """
    killed = {
        held: fault.at for fault in faults if fault.kind in {CHILD_KILL, WORKER_KILL} for held in fault.tasks
    }
    for task, claims in ledger.claims.items():
        if [claim.attempt for claim in claims] != list(range(1, len(claims) + 1)):
            yield f"task {task} has the attempts {[claim.attempt for claim in claims]}"
        for before, after in itertools.pairwise(claims):
            given_back = before.following and before.following.kind in {"task.retry", "task.handed-back"}
            key = (task, before.attempt)
            if given_back or key not in watch.leases:
                continue
            ended = min(
                watch.leases[key].timestamp(), watch.ended.get(key, math.inf), killed.get(key, math.inf)
            )
            if after.at < ended:
                yield (
                    f"attempt {after.attempt} of task {task} began {ended - after.at:.3f} s "
                    f"before the lease of attempt {before.attempt} ended"
                )


def misfired(ledger: Ledger, first: datetime, last: datetime, every: int) -> Iterator[str]:
    """Instants of the schedule with `first < instant <= last` that did not get exactly one firing and run."""
    fired = Counter(f.instant for f in ledger.firings if f.decision is Decision.FIRED and f.count == 1)
    runs = Counter(run.scheduled_for for run in ledger.runs if run.trigger is Trigger.SCHEDULE)
    instant = datetime.fromtimestamp((first.timestamp() // every + 1) * every, UTC)
    while instant <= last:
        if (fired[instant], runs[instant]) != (1, 1):
            yield f"instant {instant:%X} has {fired[instant]} firings and {runs[instant]} runs"
        instant += timedelta(seconds=every)


def superfluous(ledger: Ledger) -> int:
    """Executions that reached their end and whose result was not taken: zombies, and the newly killed."""
    successes = sum(1 for event in ledger.events if event.kind == "task.succeeded")
    return len(ledger.ends) - successes


def cut_short(ledger: Ledger) -> int:
    """Executions that began and never reached their end."""
    return len(ledger.begins.keys() - ledger.ends.keys())


def claim_of(ledger: Ledger, line: Line, task: UUID) -> Claim | None:
    """The claim of the attempt that the execution says it is, if it was this process'."""
    claims = ledger.claims.get(task, [])
    return next((c for c in claims if (c.attempt, c.pid) == (line.attempt, line.pid)), None)


def _run_misattributed(
    ledger: Ledger, run: Run, tasks: dict[tuple[str, int], Task], rows: dict[tuple[str, int], Row]
) -> Iterator[str]:
    """The tokens in the workbook come down from the first step: what is checked there was handed on."""
    recorded = {key: rows[key][3] for key in tasks if key in rows}
    tokens = {str(json.loads(t.item)[1]) for t in tasks.values() if t.item is not None}
    if len(tokens) != 1:
        yield f"run {run.id} has items of {len(tokens)} listings"
    recorded["items", -1] = next(iter(tokens))
    recorded["whole", -1] = str((tasks["whole", -1].findings or [{}])[0].get("message"))
    for key, task in tasks.items():
        token, ends = recorded[key], ledger.ends.get(recorded[key], [])
        if task.output and "key" in task.output and (*key, token) not in _tokens(ledger.frame(task)):
            yield f"{key} of run {run.id} recorded another result than the one that was consumed"
        if len(ends) != 1 or (ends[0].run, ends[0].step, ends[0].item) != (str(run.id), *key):
            yield f"{key} of run {run.id} is {token}, which the witness saw end {len(ends)} times"
            continue
        claim = claim_of(ledger, ends[0], task.id)
        if claim is None or claim.attempt != task.attempt:
            yield f"{key} of run {run.id} is of {claim}, SQL says attempt {task.attempt}"
        if set(ends[0].consumed) != {recorded[other] for other in _inputs(key)}:
            yield f"{key} of run {run.id} consumed something else than what was recorded"


def _tokens(rows: Sequence[Row]) -> set[tuple[str, int, str]]:
    return {(step, item, token) for step, item, _, token in rows}


def _inputs(key: tuple[str, int]) -> list[tuple[str, int]]:
    fetched = [("fetch", item) for item in range(ITEMS)]
    ends: list[tuple[str, int]] = [*fetched, ("combine", -1), ("side", -1)]
    return {"fetch": [("items", -1)], "combine": fetched, "whole": ends, "book": ends}.get(key[0], [])


def _expected(number: int) -> list[tuple[str, int, int]]:
    fetched = [("fetch", item, value_of(number, item)) for item in range(ITEMS)]
    rest = [("combine", -1, total_of(number)), ("side", -1, side_of(number)), ("book", -1, 0)]
    return [*fetched, *rest]


def _said(line: Line) -> str:
    return f"{line.step}[{line.item}] of run {line.run}, attempt {line.attempt}, in process {line.pid}"

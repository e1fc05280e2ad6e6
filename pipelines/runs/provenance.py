"""The provenance of a report: snapshots, rows, checks and omissions of the steps that it rests on."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, select
from sqlalchemy.orm import Session

from pipelines.graph import Graph, Node
from pipelines.interval import Interval, preceding
from pipelines.results.items import plain
from pipelines.runs.intervals import interval_of
from presstime.models import Event, StepKind, TaskState
from presstime.models.tables import PIPELINES, RUNS, SNAPSHOTS, TASKS
from presstime.versions import own_version
from reports.about import About, AboutCheck, AboutInterval, AboutSource, AboutStep

OF_RUN = ("id", "pipeline", "code_version", "params", "generation", "timezone", "pins")
OF_INTERVAL = ("interval_start", "interval_end", "interval_label")
RUN = (
    select(*(RUNS.c[name] for name in OF_RUN + OF_INTERVAL), PIPELINES.c.title)
    .join(PIPELINES, PIPELINES.c.name == RUNS.c.pipeline)
    .where(RUNS.c.id == bindparam("run"))
)
OF_STEPS = and_(TASKS.c.run_id == bindparam("run"), TASKS.c.step.in_(bindparam("steps", expanding=True)))
# Not the results themselves: those of ten thousand items may be large.
BEFORE = (
    select(
        *(TASKS.c[name] for name in ("step", "kind", "item", "state", "error", "findings")),
        TASKS.c.output["rows"].as_integer().label("rows"),
    )
    .where(OF_STEPS)
    .order_by(TASKS.c.step, TASKS.c.position)
)
SOURCES = (
    select(TASKS.c.step, TASKS.c.item, SNAPSHOTS.c.url, SNAPSHOTS.c.fetched_at, SNAPSHOTS.c.sha256)
    .join(SNAPSHOTS, SNAPSHOTS.c.task_id == TASKS.c.id)
    .where(OF_STEPS, TASKS.c.state == TaskState.SUCCEEDED, SNAPSHOTS.c.attempt == TASKS.c.attempt)
)


def about_report(session: Session, run_id: UUID, graph: Graph, node: Node) -> About:
    """The About of a report step that may now run: everything before it has ended."""
    run = session.execute(RUN, {"run": run_id}).one()
    interval = interval_of(run)
    before = _ancestors(graph, node)
    tasks = session.execute(BEFORE, {"run": run_id, "steps": sorted(before)}).all()
    return About(
        pipeline=run.pipeline,
        title=run.title,
        code_version=run.code_version,
        params=run.params,
        interval=_about_interval(interval) if interval else None,
        sources=_sources(session, run, before),
        steps=_steps(graph, before, tasks),
        checks=[check for task in tasks if task.kind is StepKind.CHECK for check in _check(task)],
        notes=[
            *_changes_of_code(session, run),
            *_earlier(
                run, sorted({step for name in (*before, node.name) for step in graph.node(name).previous})
            ),
            *(_omission(task) for task in tasks if task.state in {TaskState.FAILED, TaskState.CANCELLED}),
        ],
    )


def _earlier(run: Row[*tuple[Any, ...]], steps: Sequence[str]) -> list[str]:
    """Of when the earlier results are that came into the figures. Not of which run: another gives the same."""
    pin, interval = run.pins.get("previous"), interval_of(run)
    notes = []
    for step in steps:
        if pin and step in pin["steps"]:
            when = pin["interval"] or f"as of {pin['as_of']}"
            notes.append(f"Compared with the result of {step} before: {when}, code {pin['code_version']}.")
        elif interval is None:
            notes.append(f"There was no earlier result of {step} with these parameters to compare with.")
        else:
            before = preceding(interval)
            notes.append(
                f"There was no result of {step} of {before.label} with these parameters to compare with."
            )
    return notes


def _changes_of_code(session: Session, run: Row[*tuple[Any, ...]]) -> list[str]:
    """A run that outlived an upgrade, or was tried again after its code was mended, rests on several versions."""
    began, ends = run.code_version.rpartition("+")[0], own_version()
    upgrades = [f"Begun with Presstime {began}, and finished with {ends}."] if began not in {"", ends} else []
    if run.generation == 1:
        return upgrades
    retried = session.scalars(
        select(Event.data).where(Event.run_id == run.id, Event.kind == "run.retried").order_by(Event.number)
    )
    return upgrades + [
        f"Begun with code {data['from_code']}; its results up to then were kept when the run went on with "
        f"code {data['to_code']}."
        for data in retried
        if "from_code" in data
    ]


def _ancestors(graph: Graph, node: Node) -> set[str]:
    """Every step that the report waits for, directly or not."""
    ancestors: set[str] = set()
    ahead = [need.step for need in node.needs]
    while ahead:
        name = ahead.pop()
        if name not in ancestors:
            ancestors.add(name)
            ahead.extend(need.step for need in graph.node(name).needs)
    return ancestors


def _about_interval(interval: Interval) -> AboutInterval:
    return AboutInterval(interval.label, interval.start, interval.end, interval.zone)


def _sources(session: Session, run: Row[*tuple[Any, ...]], steps: set[str]) -> list[AboutSource]:
    """Only what the attempt fetched that succeeded: nothing else came into the figures."""
    rows = session.execute(SOURCES, {"run": run.id, "steps": sorted(steps)})
    return [
        AboutSource(step, plain(item) if item is not None else None, url, fetched_at, sha256)
        for step, item, url, fetched_at, sha256 in rows
    ]


def _steps(graph: Graph, before: set[str], tasks: Sequence[Row[*tuple[Any, ...]]]) -> list[AboutStep]:
    out: dict[str, int | None] = defaultdict(lambda: None)
    for task in tasks:
        if task.rows is not None:
            out[task.step] = (out[task.step] or 0) + task.rows
    return [
        AboutStep(
            node.name, _total(out[need.step] for need in node.needs if need.kind == "data"), out[node.name]
        )
        for node in graph.nodes
        if node.name in before
    ]


def _total(counts: Any) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _check(task: Row[*tuple[Any, ...]]) -> list[AboutCheck]:
    if task.state is TaskState.SKIPPED:
        return [AboutCheck(task.step, "skipped", task.error or "")]
    findings = task.findings or []
    if not findings:
        return [AboutCheck(task.step, "passed")]
    return [AboutCheck(task.step, finding["outcome"], finding["message"]) for finding in findings]


def _omission(task: Row[*tuple[Any, ...]]) -> str:
    what = f"{task.step} {plain(task.item)}" if task.item is not None else task.step
    return f"{what} failed and is left out: {task.error or 'cancelled'}"

"""Prints lists of pipelines and runs, and one run, for people or as JSON."""

import json as jsonlib
import sys
from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from rich.table import Table
from sqlalchemy import select

from cli.console import console_of
from cli.reports import reports_of
from pipelines.loading.registry import Registry
from presstime.database import reading
from presstime.models import Run, Task
from scheduler.runtime import Runtime

COLOURS = {"succeeded": "green", "failed": "red", "running": "blue", "cancelled": "yellow"}


def print_pipelines(registry: Registry, *, json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "name": loaded.pipeline.name,
            "title": loaded.title,
            "period": loaded.pipeline.period,
            "timezone": loaded.pipeline.timezone,
            "schedules": [schedule.name for schedule in loaded.pipeline.schedules],
        }
        for loaded in registry.pipelines.values()
    ]
    if json:
        _print_json(rows)
        return
    table = Table("Name", "Title", "Period", "Zone", "Schedules", box=None, pad_edge=False)
    for row in rows:
        table.add_row(
            row["name"], row["title"], row["period"] or "", row["timezone"], ", ".join(row["schedules"])
        )
    console_of().print(table)
    for problem in registry.problems:
        console_of(stderr=True).print(f"[red]failed to load[/] {problem}", highlight=False)


def print_runs(runtime: Runtime, pipeline: str | None, limit: int, *, json: bool) -> None:
    query = select(Run).order_by(Run.id.desc()).limit(limit)
    with reading(runtime.sessions) as session:
        runs = session.scalars(query.where(Run.pipeline == pipeline) if pipeline else query).all()
    if json:
        _print_json([run_document(run) for run in runs])
        return
    table = Table(
        "Run", "Pipeline", "Interval", "State", "By", "Created", "Seconds", box=None, pad_edge=False
    )
    for run in runs:
        table.add_row(
            str(run.id),
            run.pipeline,
            run.interval_label or "",
            _coloured(run.state),
            run.trigger,
            f"{run.created_at:%Y-%m-%d %H:%M:%S}Z",
            _seconds(run),
        )
    console_of().print(table)


def print_run(runtime: Runtime, run_id: UUID, *, json: bool) -> None:
    with reading(runtime.sessions) as session:
        run = session.get_one(Run, run_id)
        tasks = session.scalars(
            select(Task).where(Task.run_id == run_id).order_by(Task.step, Task.position)
        ).all()
        reports = reports_of(session, run_id)
    if json:
        _print_json(
            {
                **run_document(run),
                "tasks": [
                    {"step": t.step, "item": t.item, "state": t.state, "attempt": t.attempt, "error": t.error}
                    for t in tasks
                ],
                "reports": [
                    {
                        "id": str(r.id),
                        "name": r.name,
                        "filename": r.filename,
                        "bytes": r.bytes,
                        "sha256": r.sha256,
                        "headline": r.manifest.get("headline"),
                        "changes": r.manifest.get("changes"),
                    }
                    for r in reports
                ],
            }
        )
        return
    console = console_of()
    console.print(f"[bold]{run.pipeline}[/] {run.interval_label or ''} {_coloured(run.state)}  {run.id}")
    if run.error:
        console.print(run.error, style="red", markup=False, highlight=False)
    console.print(_steps(run, tasks))
    for report in reports:
        console.print(
            f"report  {report.filename}  {report.bytes:,} bytes  version {report.version}", highlight=False
        )
        changes = report.manifest.get("changes")
        for said in (report.manifest.get("headline"), changes and changes["sentence"]):
            if said:
                console.print(f"        {said}", highlight=False, markup=False)


def _steps(run: Run, tasks: Any) -> Table:
    table = Table("Step", "Tasks", "State", "Seconds", "", box=None, pad_edge=False)
    for node in run.graph["nodes"]:
        mine = [task for task in tasks if task.step == node["name"]]
        states = Counter(str(task.state) for task in mine)
        started = [task.started_at for task in mine if task.started_at]
        ended = [task.finished_at for task in mine if task.finished_at]
        table.add_row(
            node["name"],
            str(len(mine)) if node["mapped"] else "",
            ", ".join(_coloured(s) if len(states) == 1 else f"{_coloured(s)} {n}" for s, n in states.items())
            or "waiting",
            f"{(max(ended) - min(started)).total_seconds():.2f}" if started and ended else "",
            next((task.error for task in mine if task.error and task.state == "failed"), ""),
        )
    return table


def run_document(run: Run) -> dict[str, Any]:
    return {
        "id": str(run.id),
        "pipeline": run.pipeline,
        "state": run.state,
        "error": run.error,
        "interval": run.interval_label,
        "params": run.params,
        "trigger": run.trigger,
        "actor": run.actor,
        "scheduled_for": _iso(run.scheduled_for),
        "late_at": _iso(run.late_at),
        "created_at": _iso(run.created_at),
        "started_at": _iso(run.started_at),
        "finished_at": _iso(run.finished_at),
    }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _seconds(run: Run) -> str:
    return f"{(run.finished_at - run.created_at).total_seconds():.2f}" if run.finished_at else ""


def _coloured(state: str) -> str:
    return f"[{COLOURS[state]}]{state}[/]" if state in COLOURS else str(state)


def _print_json(value: object) -> None:
    sys.stdout.write(jsonlib.dumps(value, ensure_ascii=False) + "\n")

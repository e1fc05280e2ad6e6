"""Prints runs, and one run with its steps, for people."""

from collections import Counter
from collections.abc import Sequence

from rich.table import Table

from api.schemas.runs import RunDetail, TaskOut
from cli.printing.console import console_of
from presstime.models import Report, Run

COLOURS = {"succeeded": "green", "failed": "red", "running": "blue", "cancelled": "yellow"}


def print_runs(runs: Sequence[Run]) -> None:
    """Print a table with a line for each run."""
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
            f"{(run.finished_at - run.created_at).total_seconds():.2f}" if run.finished_at else "",
        )
    console_of().print(table)


def print_run(detail: RunDetail, reports: Sequence[Report]) -> None:
    """Print a run: its state, its steps, and what its reports say."""
    console = console_of()
    label = detail.interval.label if detail.interval else ""
    console.print(f"[bold]{detail.pipeline}[/] {label} {_coloured(detail.state)}  {detail.id}")
    if detail.error:
        console.print(detail.error, style="red", markup=False, highlight=False)
    console.print(_steps(detail))
    for report in reports:
        console.print(
            f"report  {report.filename}  {report.bytes:,} bytes  version {report.version}", highlight=False
        )
        changes = report.manifest.get("changes")
        for sentence in (report.manifest.get("headline"), changes and changes["sentence"]):
            if sentence:
                console.print(f"        {sentence}", highlight=False, markup=False)


def _steps(detail: RunDetail) -> Table:
    table = Table("Step", "Tasks", "State", "Seconds", "", box=None, pad_edge=False)
    for step in detail.steps:
        tasks = [task for task in detail.tasks if task.step == step.step]
        table.add_row(
            step.step,
            str(len(tasks)) if step.mapped else "",
            _states(tasks) or "waiting",
            _seconds(tasks),
            next((task.error for task in tasks if task.error and task.state == "failed"), ""),
        )
    return table


def _states(tasks: Sequence[TaskOut]) -> str:
    states = Counter(str(task.state) for task in tasks)
    if len(states) == 1:
        return _coloured(next(iter(states)))
    return ", ".join(f"{_coloured(state)} {count}" for state, count in states.items())


def _seconds(tasks: Sequence[TaskOut]) -> str:
    started = [task.started_at for task in tasks if task.started_at]
    ended = [task.finished_at for task in tasks if task.finished_at]
    return f"{(max(ended) - min(started)).total_seconds():.2f}" if started and ended else ""


def _coloured(state: str) -> str:
    return f"[{COLOURS[state]}]{state}[/]" if state in COLOURS else str(state)

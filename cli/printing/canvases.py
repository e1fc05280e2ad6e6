"""Prints canvases: what would be sent for a pipeline, and what was sent for a run."""

from collections.abc import Iterable
from typing import Any

import typer

from pipelines.graph import Graph
from pipelines.runs.planning import Progress, next_steps
from pipelines.runs.traces import PublishedStage
from presstime.models import Stage


def print_planned(graph: Graph) -> None:
    """The stages that a run goes through, as far as they are known before its maps are."""
    for number, line in enumerate(planned(graph), start=1):
        typer.echo(f"{number}  {line}")


def planned(graph: Graph) -> list[str]:
    """One line for each canvas, found by playing a run in which everything succeeds."""
    progress = {
        node.name: Progress(expanded=False) if node.mapped else Progress(open=1, free=1)
        for node in graph.nodes
    }
    lines: list[str] = []
    while not (left := next_steps(graph, progress)).finished:
        for name in left.fan_out:
            lines.append(f"chord([{name}[?], ...], advance)")
            progress[name] = Progress(succeeded=1)
        for branches in left.canvases:
            lines.append(_shape(branches))
            progress.update({step: Progress(succeeded=1) for branch in branches for step in branch})
    return lines


def _shape(branches: tuple[tuple[str, ...], ...]) -> str:
    if len(branches) == 1:
        return f"chain({', '.join(branches[0])}, advance)"
    inner = ", ".join(b[0] if len(b) == 1 else f"chain({', '.join(b)})" for b in branches)
    return f"chord([{inner}], advance)"


def print_published(stages: Iterable[PublishedStage]) -> None:
    """Every canvas of a run as it was planned, and how often it was sent."""
    for published in stages:
        stage = published.stage
        typer.echo(f"{stage.number}  {_published(stage, published.branches)}  {_sent(stage)}")


def _published(stage: Stage, steps: list[Any]) -> str:
    if stage.mapped:
        name = f"{steps[0][0]}[{stage.size}]"
        return f"{stage.kind}([{name}], advance) of {_tasks(stage.size)}"
    return f"{_shape(tuple(map(tuple, steps)))} of {_tasks(stage.size)}"


def _tasks(count: int) -> str:
    return "1 task" if count == 1 else f"{count} tasks"


def _sent(stage: Stage) -> str:
    if not stage.published:
        return "not sent yet"
    return "sent once" if stage.published == 1 else f"sent {stage.published} times"

"""Prints pipelines, for people and as JSON."""

from typing import Any

from rich.table import Table

from cli.printing.console import console_of, print_json
from pipelines.loading.registry import Registry


def print_pipelines(registry: Registry, *, json: bool) -> None:
    """Print the pipelines that load; for people also what is wrong with the others."""
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
        print_json(rows)
        return
    table = Table("Name", "Title", "Period", "Zone", "Schedules", box=None, pad_edge=False)
    for row in rows:
        table.add_row(
            row["name"], row["title"], row["period"] or "", row["timezone"], ", ".join(row["schedules"])
        )
    console_of().print(table)
    for problem in registry.problems:
        console_of(stderr=True).print(f"[red]failed to load[/] {problem}", highlight=False)

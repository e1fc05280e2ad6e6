"""Prints what a schedule will do, for people and as JSON."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.table import Table

from cli.printing.console import console_of, print_json
from pipelines.timetables.describe import describe
from pipelines.timetables.occurrences import Timetable
from pipelines.timetables.simulate import Planned


def print_instants(timetable: Timetable, instants: Sequence[Planned], *, json: bool) -> None:
    """Print a schedule in words, and its instants; in JSON those alone that start a run."""
    if json:
        print_json([planned.local.isoformat() for planned in instants if planned.fires])
        return
    console = console_of()
    console.print(describe(timetable), highlight=False)
    with_interval = any(planned.interval for planned in instants)
    with_remarks = any(planned.oddities for planned in instants)
    headings = ["Local time", "Offset", "UTC", *["Interval"] * with_interval, *["Remarks"] * with_remarks]
    table = Table(*headings, box=None, pad_edge=False)
    for planned in instants:
        cells = [
            f"{planned.local:%a %Y-%m-%d %H:%M:%S}",
            _offset(planned.local),
            f"{planned.local.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        ]
        cells += [str(planned.interval or "")] * with_interval
        cells += ["; ".join(planned.oddities)] * with_remarks
        table.add_row(*cells, style=None if planned.fires else "dim")
    console.print(table)


def _offset(local: datetime) -> str:
    text = local.strftime("%z")
    return f"{text[:3]}:{text[3:5]}"

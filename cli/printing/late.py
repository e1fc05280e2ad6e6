"""Prints runs that were not finished by their deadline, for people and as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.table import Table

from cli.printing.console import console_of, note, print_json
from pipelines.schedules.late_listing import Late
from presstime.models import RunState


def print_late(rows: Sequence[Late], *, json: bool) -> None:
    """Print what was late, or that nothing was."""
    if json:
        print_json([_document(late) for late in rows])
        return
    if not rows:
        note("nothing was late; deadlines are set with by= in code, or --by")
        return
    table = Table("Schedule", "Instant", "Deadline", "At the deadline", "Since", box=None, pad_edge=False)
    for late in rows:
        table.add_row(late.schedule, _instants(late), _local(late, late.deadline), _stood(late), _since(late))
    console_of().print(table)


def _document(late: Late) -> dict[str, Any]:
    return {
        "schedule": late.schedule,
        "first": late.first.astimezone(late.zone).isoformat(),
        "last": late.last.astimezone(late.zone).isoformat(),
        "count": late.count,
        "deadline": late.deadline.astimezone(late.zone).isoformat(),
        "delay": late.delay,
        "reason": late.reason,
        "run_id": str(late.run) if late.run else None,
        "run_state": late.run_state,
        "run_finished_at": late.run_finished_at.isoformat() if late.run_finished_at else None,
    }


def _instants(late: Late) -> str:
    first = _local(late, late.first)
    return first if late.count == 1 else f"{first} to {_local(late, late.last)} ({late.count:,})"


def _stood(late: Late) -> str:
    return late.delay.replace("_", " ") + (f": {late.reason}" if late.reason else "")


def _since(late: Late) -> str:
    if late.run_state is None:
        return ""
    if late.run_state is RunState.SUCCEEDED and late.run_finished_at is not None:
        return f"succeeded {_local(late, late.run_finished_at)}"
    return str(late.run_state)


def _local(late: Late, instant: datetime) -> str:
    return f"{instant.astimezone(late.zone):%a %Y-%m-%d %H:%M}"

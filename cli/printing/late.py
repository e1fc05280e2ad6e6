"""What was not finished by its deadline, for people and as JSON."""

import json as jsonlib
import sys
from datetime import datetime
from typing import Any

from rich.table import Table

from cli.actions.services import open_runtime
from cli.printing.console import console_of
from pipelines.schedules.late_listing import Late, newest_late
from presstime.database import reading
from presstime.models import RunState
from presstime.settings import Settings


def print_late(settings: Settings, pipeline: str | None, limit: int, *, json: bool) -> None:
    with reading(open_runtime(settings).sessions) as session:
        found = newest_late(session, pipeline=pipeline, limit=limit)
    if json:
        told = jsonlib.dumps([_document(one) for one in found], ensure_ascii=False)
        sys.stdout.write(f"{told}\n")
        return
    if not found:
        sys.stderr.write("nothing was late; deadlines are set with by= in code, or --by\n")
        return
    table = Table("Schedule", "Instant", "Deadline", "At the deadline", "Since", box=None, pad_edge=False)
    for one in found:
        table.add_row(one.schedule, _instants(one), _local(one, one.deadline), _stood(one), _since(one))
    console_of().print(table)


def _document(one: Late) -> dict[str, Any]:
    return {
        "schedule": one.schedule,
        "first": one.first.astimezone(one.zone).isoformat(),
        "last": one.last.astimezone(one.zone).isoformat(),
        "count": one.count,
        "deadline": one.deadline.astimezone(one.zone).isoformat(),
        "delay": one.delay,
        "reason": one.reason,
        "run_id": str(one.run) if one.run else None,
        "run_state": one.run_state,
        "run_finished_at": one.run_finished_at.isoformat() if one.run_finished_at else None,
    }


def _instants(one: Late) -> str:
    first = _local(one, one.first)
    return first if one.count == 1 else f"{first} to {_local(one, one.last)} ({one.count:,})"


def _stood(one: Late) -> str:
    return one.delay.replace("_", " ") + (f": {one.reason}" if one.reason else "")


def _since(one: Late) -> str:
    if one.run_state is None:
        return ""
    if one.run_state is RunState.SUCCEEDED and one.run_finished_at is not None:
        return f"succeeded {_local(one, one.run_finished_at)}"
    return str(one.run_state)


def _local(one: Late, instant: datetime) -> str:
    return f"{instant.astimezone(one.zone):%a %Y-%m-%d %H:%M}"

"""Prints what a change of a schedule would cause, for people and as JSON."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table

from api.schemas.schedule_edits import EffectOut
from cli.printing.console import console_of
from pipelines.schedules.editing import Change
from pipelines.schedules.stored import name_of
from pipelines.timetables.describe import describe
from presstime.models import Schedule


def print_effect(row: Schedule, change: Change) -> None:
    """Print the next runs before and after, and which come at once, twice or not at all."""
    effect, zone = change.effect, change.timetable.tz
    console = console_of()
    console.print(f"{name_of(row)}: {describe(change.timetable)}", highlight=False)
    table = Table("Runs before", "Runs after", box=None, pad_edge=False)
    for number in range(max(len(effect.before), len(effect.after))):
        sides = (effect.before[number : number + 1], effect.after[number : number + 1])
        table.add_row(*(_local(side[0], zone) if side else "" for side in sides))
    if table.row_count:
        console.print(table)
    for line in _remarks(change):
        console.print(line, highlight=False)


def effect_document(change: Change) -> dict[str, Any]:
    """Return the same as the API gives."""
    return EffectOut.of(change).model_dump(mode="json")


def _remarks(change: Change) -> list[str]:
    effect, zone = change.effect, change.timetable.tz
    lines = [f"Starts a run at once, for {_local(instant, zone)}." for instant in effect.at_once]
    if effect.extra is not None:
        lines.append(f"{effect.extra} has had its run, and gets another one.")
    if effect.missed is not None:
        lines.append(f"{effect.missed} is left without a run.")
    return lines


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%a %Y-%m-%d %H:%M}"

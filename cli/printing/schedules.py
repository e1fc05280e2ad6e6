"""Prints schedules, for people and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rich.table import Table

from cli.printing.console import console_of, note, print_json, print_line
from cli.printing.schedule_documents import schedule_document
from pipelines.schedules.pausing import is_paused, next_run
from pipelines.schedules.stored import name_of, timetable_of
from pipelines.timetables.describe import describe, spoken_duration
from pipelines.timetables.kinds import CatchUp, Overlap, from_json
from pipelines.timetables.occurrences import Timetable
from presstime.models import Schedule

MISSED: Mapping[CatchUp, str] = {
    "latest": "one run for the newest instant",
    "all": "a run for each instant",
    "none": "no run",
}
OVERLAP: Mapping[Overlap, str] = {
    "queue": "waits for it",
    "skip": "starts none",
    "allow": "starts one",
    "cancel_running": "cancels it first",
}


def print_schedules(rows: Sequence[Schedule], now: datetime, *, json: bool) -> None:
    """Print a line for each schedule: when it fires, and when next."""
    if json:
        print_json([schedule_document(row, now) for row in rows])
        return
    if not rows:
        note("there are no schedules; `presstime up` reads them from the pipelines")
        return
    table = Table("Schedule", "When", "Next", box=None, pad_edge=False)
    for row in rows:
        changed = " (changed by an operator)" if row.overrides else ""
        table.add_row(name_of(row), describe(timetable_of(row)) + changed, _next_words(row, now))
    console_of().print(table)


def print_schedule(row: Schedule, now: datetime, *, json: bool) -> None:
    """Print all that there is to know of a schedule."""
    if json:
        print_json(schedule_document(row, now))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for label, text in _facts(row, now):
        table.add_row(label, text)
    console_of().print(table)


def print_changed(row: Schedule, now: datetime, *, json: bool) -> None:
    """Print a schedule after a change: its document, or when it fires next."""
    if json:
        print_json(schedule_document(row, now))
    else:
        print_line(f"{name_of(row)}: {_next_words(row, now)}")


def _facts(row: Schedule, now: datetime) -> Iterator[tuple[str, str]]:
    yield "Schedule", name_of(row)
    yield "When", describe(timetable_of(row))
    yield "Next", _next_words(row, now)
    yield "Made by", "the code of its pipeline" if row.declared is not None else "an operator"
    if row.overrides:
        code = describe(Timetable(from_json(row.declared or {}), row.timezone))
        yield "Changed", f"{', '.join(sorted(row.overrides))}; its code says: {code}"
    schedule = from_json(row.spec)
    if schedule.params:
        yield "Parameters", ", ".join(f"{name}={value}" for name, value in schedule.params.items())
    yield "Missed", MISSED[schedule.catch_up]
    if schedule.grace is not None:
        yield "Grace", f"not when missed by more than {spoken_duration(schedule.grace)}"
    yield "Beside an unfinished run", OVERLAP[schedule.overlap]
    if schedule.jitter:
        offset = timetable_of(row).offset.total_seconds()
        yield "Jitter", f"{offset:g} s of up to {spoken_duration(schedule.jitter)}"
    if schedule.stop_after is not None:
        yield "Stops after", f"{schedule.stop_after} failures in a row"


def _next_words(row: Schedule, now: datetime) -> str:
    timetable = timetable_of(row)
    following = next_run(row, timetable, now)
    words = f"{following.astimezone(timetable.tz):%a %Y-%m-%d %H:%M}" if following else "never"
    if not is_paused(row, now):
        return words
    why = f" ({row.paused_why})" if row.paused_why else ""
    return f"paused by {row.paused_by}{why}" + (f", then {words}" if row.paused_until else "")

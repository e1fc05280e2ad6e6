"""Lists and shows schedules, and pauses them, for people and as JSON."""

import getpass
import json as jsonlib
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from rich.table import Table
from sqlalchemy import select

from cli.console import console_of
from cli.finding import look_up
from cli.schedule_options import read_instant
from cli.services import open_runtime
from pipelines.schedules.pausing import is_paused, next_run, pause, resume
from pipelines.schedules.stored import name_of, timetable_of
from pipelines.timetables.describe import describe, spoken_duration
from pipelines.timetables.kinds import CatchUp, Overlap, from_json
from pipelines.timetables.occurrences import Timetable
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import Schedule
from presstime.settings import Settings

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


def print_schedules(settings: Settings, pipeline: str | None, *, json: bool) -> None:
    query = select(Schedule).where(Schedule.removed_at.is_(None)).order_by(Schedule.pipeline, Schedule.name)
    with reading(open_runtime(settings).sessions) as session:
        rows = session.scalars(query.where(Schedule.pipeline == pipeline) if pipeline else query).all()
    now = utc_now()
    documents = [document_of(row, now) for row in rows]
    if json:
        sys.stdout.write(f"{jsonlib.dumps(documents, ensure_ascii=False)}\n")
        return
    if not rows:
        sys.stderr.write("there are no schedules; `presstime up` reads them from the pipelines\n")
        return
    table = Table("Schedule", "When", "Next", box=None, pad_edge=False)
    for row, document in zip(rows, documents, strict=True):
        changed = " (changed by an operator)" if row.overrides else ""
        table.add_row(document["schedule"], document["description"] + changed, _next_words(row, now))
    console_of().print(table)


def show_schedule(settings: Settings, name: str, *, json: bool) -> None:
    row = look_up(open_runtime(settings), name, save=False)
    now = utc_now()
    if json:
        sys.stdout.write(f"{jsonlib.dumps(document_of(row, now), ensure_ascii=False)}\n")
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for label, text in _facts(row, now):
        table.add_row(label, text)
    console_of().print(table)


def pause_schedule(settings: Settings, name: str, until: str | None, why: str | None, *, json: bool) -> None:
    runtime = open_runtime(settings)
    row, now = look_up(runtime, name, save=True), utc_now()
    end = read_instant("--until", until, timetable_of(row).place) if until else None
    with runtime.sessions.begin() as session:
        row = pause(session, row.id, now, by=getpass.getuser(), until=end, why=why)
    say(row, now, json=json)


def resume_schedule(settings: Settings, name: str, *, json: bool) -> None:
    runtime = open_runtime(settings)
    row, now = look_up(runtime, name, save=True), utc_now()
    with runtime.sessions.begin() as session:
        row = resume(session, row.id, now)
    say(row, now, json=json)


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


def say(row: Schedule, now: datetime, *, json: bool) -> None:
    document = document_of(row, now)
    told = jsonlib.dumps(document, ensure_ascii=False)
    if not json:
        told = f"{document['schedule']}: {_next_words(row, now)}"
    sys.stdout.write(f"{told}\n")


def document_of(row: Schedule, now: datetime) -> dict[str, Any]:
    timetable = timetable_of(row)
    paused = None
    if is_paused(row, now):
        paused = {
            "at": _iso(row.paused_at),
            "by": row.paused_by,
            "why": row.paused_why,
            "until": _iso(row.paused_until),
        }
    return {
        "schedule": name_of(row),
        "description": describe(timetable),
        "timezone": row.timezone,
        "spec": row.spec,
        "declared": row.declared is not None,
        "overrides": row.overrides,
        "paused": paused,
        "next": _iso(next_run(row, timetable, now), timetable),
    }


def _next_words(row: Schedule, now: datetime) -> str:
    timetable = timetable_of(row)
    following = next_run(row, timetable, now)
    words = f"{following.astimezone(timetable.place):%a %Y-%m-%d %H:%M}" if following else "never"
    if not is_paused(row, now):
        return words
    why = f" ({row.paused_why})" if row.paused_why else ""
    return f"paused by {row.paused_by}{why}" + (f", then {words}" if row.paused_until else "")


def _iso(instant: datetime | None, timetable: Timetable | None = None) -> str | None:
    return instant.astimezone(timetable.place if timetable else UTC).isoformat() if instant else None

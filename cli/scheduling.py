"""Lists schedules, and pauses them, for people and as JSON."""

import getpass
import json as jsonlib
import sys
from datetime import UTC, datetime
from typing import Any

from rich.table import Table
from sqlalchemy import select

from cli.schedule_options import read_instant
from cli.services import open_runtime
from cli.tables import console_of
from pipelines.schedules.occurrences import Timetable
from pipelines.schedules.pausing import is_paused, next_run, pause, resume
from pipelines.schedules.stored import find_schedule, timetable_of
from pipelines.schedules.words import describe
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import Schedule
from presstime.settings import Settings


def print_schedules(settings: Settings, pipeline: str | None, *, json: bool) -> None:
    query = select(Schedule).where(Schedule.removed_at.is_(None)).order_by(Schedule.pipeline, Schedule.name)
    with reading(open_runtime(settings).sessions) as session:
        rows = session.scalars(query.where(Schedule.pipeline == pipeline) if pipeline else query).all()
    now = utc_now()
    documents = [_document(row, now) for row in rows]
    if json:
        sys.stdout.write(f"{jsonlib.dumps(documents, ensure_ascii=False)}\n")
        return
    if not rows:
        sys.stderr.write("there are no schedules; `presstime up` reads them from the pipelines\n")
        return
    table = Table("Schedule", "When", "Next", box=None, pad_edge=False)
    for row, document in zip(rows, documents, strict=True):
        table.add_row(document["schedule"], document["description"], _next_words(row, now))
    console_of().print(table)


def pause_schedule(settings: Settings, name: str, until: str | None, *, json: bool) -> None:
    now = utc_now()
    with open_runtime(settings).sessions.begin() as session:
        row = find_schedule(session, name)
        end = read_instant("--until", until, timetable_of(row).place) if until else None
        row = pause(session, row.id, now, by=getpass.getuser(), until=end)
    _say(row, now, json=json)


def resume_schedule(settings: Settings, name: str, *, json: bool) -> None:
    now = utc_now()
    with open_runtime(settings).sessions.begin() as session:
        row = resume(session, find_schedule(session, name).id, now)
    _say(row, now, json=json)


def _say(row: Schedule, now: datetime, *, json: bool) -> None:
    document = _document(row, now)
    told = jsonlib.dumps(document, ensure_ascii=False)
    if not json:
        told = f"{document['schedule']}: {_next_words(row, now)}"
    sys.stdout.write(f"{told}\n")


def _document(row: Schedule, now: datetime) -> dict[str, Any]:
    timetable = timetable_of(row)
    paused = None
    if is_paused(row, now):
        paused = {"at": _iso(row.paused_at), "by": row.paused_by, "until": _iso(row.paused_until)}
    return {
        "schedule": f"{row.pipeline}/{row.name}",
        "description": describe(timetable),
        "timezone": row.timezone,
        "paused": paused,
        "next": _iso(next_run(row, timetable, now), timetable),
    }


def _next_words(row: Schedule, now: datetime) -> str:
    timetable = timetable_of(row)
    following = next_run(row, timetable, now)
    words = f"{following.astimezone(timetable.place):%a %Y-%m-%d %H:%M}" if following else "never"
    if not is_paused(row, now):
        return words
    return f"paused by {row.paused_by}" + (f", then {words}" if row.paused_until else "")


def _iso(instant: datetime | None, timetable: Timetable | None = None) -> str | None:
    return instant.astimezone(timetable.place if timetable else UTC).isoformat() if instant else None

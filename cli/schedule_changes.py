"""Makes, changes and deletes schedules for somebody at a terminal."""

import getpass
import json as jsonlib
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import typer
from rich.table import Table
from sqlalchemy.orm import Session

from cli.console import console_of
from cli.finding import look_up
from cli.operations import commit_and_send
from cli.schedule_options import BadOption, Wanted
from cli.scheduling import document_of, say
from cli.services import open_runtime
from pipelines.loading.registry import LoadedPipeline
from pipelines.schedules.editing import Change, create, delete, edit, preview, preview_reset, reset
from pipelines.schedules.starting import start_now
from pipelines.schedules.stored import name_of
from pipelines.schedules.sync import sync
from pipelines.timetables.describe import describe
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import PipelineRow, Schedule, Trigger
from presstime.settings import Settings


@dataclass(frozen=True)
class Saving:
    """How a change is saved, or not: `as_code` drops all overrides, a dry run only tells."""

    as_code: bool
    dry_run: bool
    yes: bool
    json: bool

    @property
    def asks(self) -> bool:
        return not (self.yes or self.json) and sys.stdin.isatty()


def create_schedule(settings: Settings, pipeline: str, name: str, wanted: Wanted, *, json: bool) -> None:
    runtime = open_runtime(settings)
    loaded = runtime.registry.get(pipeline)
    schedule = wanted.schedule(name, loaded.pipeline.timezone)
    now = utc_now()
    with runtime.sessions.begin() as session:
        if session.get(PipelineRow, pipeline) is None:
            sync(session, runtime.registry, now)
        row = create(session, loaded, schedule, now)
    say(row, now, json=json)


def edit_schedule(settings: Settings, name: str, wanted: Wanted, saving: Saving) -> None:
    if saving.as_code == wanted.says_anything:
        raise BadOption("say what to change, such as --cron '0 6 * * *', or --as-code to drop all changes")
    runtime = open_runtime(settings)
    now = utc_now()
    row = look_up(runtime, name, save=False)
    loaded = runtime.registry.get(row.pipeline)
    changes = wanted.changes(row.name, row.timezone)
    with reading(runtime.sessions) as session:
        if saving.as_code:
            change = preview_reset(session, row, loaded, now)
        else:
            change = preview(session, row, changes, loaded, now)
    if not saving.json:
        _show(row, change)
    saved = not saving.dry_run and (not saving.asks or typer.confirm("Save?"))
    if saved:
        row = look_up(runtime, name, save=True)
        with runtime.sessions.begin() as session:
            change = _save(session, row, None if saving.as_code else changes, loaded, now)
            row = session.get_one(Schedule, row.id)
    if saving.json:
        document = {"saved": saved, **_effect_document(change), "now": document_of(row, now)}
        sys.stdout.write(f"{jsonlib.dumps(document, ensure_ascii=False)}\n")
    else:
        sys.stdout.write("Saved.\n" if saved else "Nothing was changed.\n")


def delete_schedule(settings: Settings, name: str, *, json: bool) -> None:
    runtime = open_runtime(settings)
    row = look_up(runtime, name, save=True)
    with runtime.sessions.begin() as session:
        row = delete(session, row.id, utc_now())
    told = jsonlib.dumps({"schedule": name_of(row), "deleted": True}) if json else f"{name_of(row)}: deleted"
    sys.stdout.write(f"{told}\n")


def fire_schedule(settings: Settings, name: str, *, json: bool) -> None:
    runtime = open_runtime(settings)
    row = look_up(runtime, name, save=True)
    loaded = runtime.registry.get(row.pipeline)
    user, now = getpass.getuser(), utc_now()
    changed = commit_and_send(
        runtime,
        lambda session: start_now(session, row, loaded, Trigger.CLI, user, now, runtime.items),
    )
    told = jsonlib.dumps(changed.document) if json else f"{name_of(row)}: run {changed.run.id} is queued"
    sys.stdout.write(f"{told}\n")
    if changed.waits:
        sys.stderr.write(f"{changed.waits}\n")


def _save(
    session: Session, row: Schedule, changes: dict[str, Any] | None, loaded: LoadedPipeline, now: datetime
) -> Change:
    if changes is None:
        return reset(session, row.id, loaded, now)
    return edit(session, row.id, changes, loaded, now)


def _show(row: Schedule, change: Change) -> None:
    effect, place = change.effect, change.timetable.place
    console = console_of()
    console.print(f"{name_of(row)}: {describe(change.timetable)}", highlight=False)
    table = Table("Runs before", "Runs after", box=None, pad_edge=False)
    for number in range(max(len(effect.before), len(effect.after))):
        sides = (effect.before[number : number + 1], effect.after[number : number + 1])
        table.add_row(*(_local(side[0], place) if side else "" for side in sides))
    if table.row_count:
        console.print(table)
    for line in _remarks(change):
        console.print(line, highlight=False)


def _remarks(change: Change) -> list[str]:
    effect, place = change.effect, change.timetable.place
    lines = [f"Starts a run at once, for {_local(instant, place)}." for instant in effect.at_once]
    if effect.extra is not None:
        lines.append(f"{effect.extra} has had its run, and gets another one.")
    if effect.missed is not None:
        lines.append(f"{effect.missed} is left without a run.")
    return lines


def _effect_document(change: Change) -> dict[str, Any]:
    effect, place = change.effect, change.timetable.place
    return {
        "description": describe(change.timetable),
        "before": [run.astimezone(place).isoformat() for run in effect.before],
        "after": [run.astimezone(place).isoformat() for run in effect.after],
        "at_once": [run.astimezone(place).isoformat() for run in effect.at_once],
        "extra": str(effect.extra) if effect.extra else None,
        "missed": str(effect.missed) if effect.missed else None,
    }


def _local(instant: datetime, place: Any) -> str:
    return f"{instant.astimezone(place):%a %Y-%m-%d %H:%M}"

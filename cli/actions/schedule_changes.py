"""Makes, changes, pauses and deletes schedules, and starts a run of one."""

import getpass
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import typer
from sqlalchemy.orm import Session

from cli.actions.runtimes import open_runtime
from cli.actions.schedule_lookup import look_up
from cli.actions.schedule_reading import BadOption, changes_of, read_instant, schedule_of
from cli.actions.sending import commit_and_send
from cli.options import ScheduleOptions
from cli.printing.console import note, print_json, print_line
from cli.printing.effects import effect_document, print_effect
from cli.printing.schedule_documents import schedule_document
from cli.printing.schedules import print_changed
from pipelines.loading.registry import LoadedPipeline
from pipelines.schedules import presence
from pipelines.schedules.editing import Change, delete, edit, preview, preview_reset, reset
from pipelines.schedules.pausing import pause, resume
from pipelines.schedules.starting import start_now
from pipelines.schedules.stored import name_of, timetable_of
from presstime.clock import utc_now
from presstime.database import reading
from presstime.models import Schedule, Trigger
from presstime.settings import Settings


@dataclass(frozen=True)
class Saving:
    """The way a change is saved, or not: `as_code` drops all overrides, a dry run only says what it would cause."""

    as_code: bool
    dry_run: bool
    yes: bool
    json: bool

    @property
    def asks(self) -> bool:
        return not (self.yes or self.json) and sys.stdin.isatty()


def create_schedule(
    settings: Settings, pipeline: str, name: str, options: ScheduleOptions, *, json: bool
) -> None:
    """Make a schedule that no code declares."""
    runtime = open_runtime(settings)
    loaded = runtime.registry.get(pipeline)
    schedule = schedule_of(options, name, loaded.pipeline.timezone)
    now = utc_now()
    with runtime.sessions.begin() as session:
        row = presence.create_schedule(session, runtime.registry, loaded, schedule, now)
    runtime.engine.dispose()
    print_changed(row, now, json=json)


def edit_schedule(settings: Settings, name: str, options: ScheduleOptions, saving: Saving) -> None:
    """Say what a change causes, and save it when that is wanted."""
    if saving.as_code == options.says_anything:
        raise BadOption("say what to change, such as --cron '0 6 * * *', or --as-code to drop all changes")
    runtime = open_runtime(settings)
    now = utc_now()
    row = look_up(runtime, name, save=False)
    loaded = runtime.registry.get(row.pipeline)
    changes = None if saving.as_code else changes_of(options, row.name, row.timezone)
    with reading(runtime.sessions) as session:
        change = _preview(session, row, changes, loaded, now)
    if not saving.json:
        print_effect(row, change)
    saved = not saving.dry_run and (not saving.asks or typer.confirm("Save?"))
    if saved:
        row = look_up(runtime, name, save=True)
        with runtime.sessions.begin() as session:
            change = _save(session, row, changes, loaded, now)
            row = session.get_one(Schedule, row.id)
    runtime.engine.dispose()
    if saving.json:
        print_json({"saved": saved, **effect_document(change), "now": schedule_document(row, now)})
    else:
        print_line("Saved." if saved else "Nothing was changed.")


def pause_schedule(settings: Settings, name: str, until: str | None, why: str | None, *, json: bool) -> None:
    """Let a schedule start no runs, until it is resumed or until a time."""
    runtime = open_runtime(settings)
    row, now = look_up(runtime, name, save=True), utc_now()
    end = read_instant("--until", until, timetable_of(row).tz) if until else None
    with runtime.sessions.begin() as session:
        row = pause(session, row.id, now, by=getpass.getuser(), until=end, why=why)
    runtime.engine.dispose()
    print_changed(row, now, json=json)


def resume_schedule(settings: Settings, name: str, *, json: bool) -> None:
    """Let a paused schedule start runs again."""
    runtime = open_runtime(settings)
    row, now = look_up(runtime, name, save=True), utc_now()
    with runtime.sessions.begin() as session:
        row = resume(session, row.id, now)
    runtime.engine.dispose()
    print_changed(row, now, json=json)


def delete_schedule(settings: Settings, name: str, *, json: bool) -> None:
    """Delete a schedule that no code declares."""
    runtime = open_runtime(settings)
    row = look_up(runtime, name, save=True)
    with runtime.sessions.begin() as session:
        row = delete(session, row.id, utc_now())
    runtime.engine.dispose()
    if json:
        print_json({"schedule": name_of(row), "deleted": True})
    else:
        print_line(f"{name_of(row)}: deleted")


def fire_schedule(settings: Settings, name: str, *, json: bool) -> None:
    """Start a run of a schedule now."""
    runtime = open_runtime(settings)
    row = look_up(runtime, name, save=True)
    loaded = runtime.registry.get(row.pipeline)
    user, now = getpass.getuser(), utc_now()
    changed = commit_and_send(
        runtime,
        lambda session: start_now(session, row, loaded, Trigger.CLI, user, now, runtime.items),
    )
    if json:
        print_json(changed.document)
    else:
        print_line(f"{name_of(row)}: run {changed.run.id} is queued")
    if changed.waits:
        note(changed.waits)


def _preview(
    session: Session, row: Schedule, changes: dict[str, Any] | None, loaded: LoadedPipeline, now: datetime
) -> Change:
    """What the changes cause; None drops all that an operator changed."""
    if changes is None:
        return preview_reset(session, row, loaded, now)
    return preview(session, row, changes, loaded, now)


def _save(
    session: Session, row: Schedule, changes: dict[str, Any] | None, loaded: LoadedPipeline, now: datetime
) -> Change:
    if changes is None:
        return reset(session, row.id, loaded, now)
    return edit(session, row.id, changes, loaded, now)

"""Commands about schedules: what they will do and why they did it; and making, changing and pausing them."""

from typing import Annotated

import typer

from cli.options import (
    CHANGES,
    TIMETABLE,
    WHOLE,
    Json,
    Limit,
    OfPipeline,
    ScheduleOptions,
    Stored,
    with_schedule_options,
)
from presstime.settings import load_settings

schedule = typer.Typer(
    name="schedule",
    help="Show, make, change and pause schedules.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def why(
    name: Stored,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="T", help="In its own zone: 2026-03-08 or 2026-03-08T06:00; else now."),
    ] = None,
    json: Json = False,
) -> None:
    """Say what a schedule did at some time, and why it started a run or none."""
    from cli.actions.schedules import show_why

    show_why(load_settings(), name, at, json=json)


def late(pipeline: OfPipeline = None, limit: Limit = 20, json: Json = False) -> None:
    """List what was not finished by its deadline, the newest first: runs, and instants that had none."""
    from cli.actions.schedules import list_late

    list_late(load_settings(), pipeline, limit, json=json)


@schedule.command("list")
def list_(pipeline: OfPipeline = None, json: Json = False) -> None:
    """List the schedules, and when each starts its next run."""
    from cli.actions.schedules import list_schedules

    list_schedules(load_settings(), pipeline, json=json)


@schedule.command()
def show(name: Stored, json: Json = False) -> None:
    """Show a schedule: when, by which policies, and what an operator changed about its code."""
    from cli.actions.schedules import show_schedule

    show_schedule(load_settings(), name, json=json)


@schedule.command()
def pause(
    name: Stored,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="T", help="In its own zone: 2026-03-08 or 2026-03-08T06:00."),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="What others read.")] = None,
    json: Json = False,
) -> None:
    """Let a schedule start no runs until it is resumed, or until a time."""
    from cli.actions.schedule_changes import pause_schedule

    pause_schedule(load_settings(), name, until, reason, json=json)


@schedule.command()
def resume(name: Stored, json: Json = False) -> None:
    """Let a paused schedule start runs again; what it missed meanwhile stays missed."""
    from cli.actions.schedule_changes import resume_schedule

    resume_schedule(load_settings(), name, json=json)


@schedule.command("next")
@with_schedule_options(TIMETABLE)
def next_(
    name: Annotated[
        str | None,
        typer.Argument(metavar="SCHEDULE", help="PIPELINE/NAME, or NAME alone where no other has it."),
    ] = None,
    count: Annotated[int, typer.Option("-n", min=1, max=10_000, help="How many instants.")] = 20,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="T", help="After this time: 2026-03-08 or 2026-03-08T06:00."),
    ] = None,
    *,
    options: ScheduleOptions,
    json: Json = False,
) -> None:
    """Show the next instants of a schedule, or of one that options describe, with what is odd about them."""
    from cli.actions.schedules import show_next

    show_next(load_settings, name, options, start, count, json=json)


@schedule.command()
@with_schedule_options(WHOLE)
def create(
    pipeline: Annotated[str, typer.Argument(metavar="PIPELINE", help="What it runs.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its own name, such as daily.")],
    *,
    options: ScheduleOptions,
    json: Json = False,
) -> None:
    """Make a schedule that no code declares, with parameters of its own."""
    from cli.actions.schedule_changes import create_schedule

    create_schedule(load_settings(), pipeline, name, options, json=json)


@schedule.command()
@with_schedule_options(CHANGES)
def edit(
    name: Stored,
    *,
    options: ScheduleOptions,
    as_code: Annotated[
        bool, typer.Option("--as-code", help="Drop all changes; follow the pipeline's code again.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would cause.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Save without asking.")] = False,
    json: Json = False,
) -> None:
    """Change a schedule. Says first which runs come by it, and whether one is left out or comes twice."""
    from cli.actions.schedule_changes import Saving, edit_schedule

    saving = Saving(as_code=as_code, dry_run=dry_run, yes=yes, json=json)
    edit_schedule(load_settings(), name, options, saving)


@schedule.command()
def delete(name: Stored, json: Json = False) -> None:
    """Delete a schedule that no code declares. Its runs stay."""
    from cli.actions.schedule_changes import delete_schedule

    delete_schedule(load_settings(), name, json=json)


@schedule.command()
def fire(name: Stored, json: Json = False) -> None:
    """Start a run of a schedule now, with its parameters, beside those that it starts itself."""
    from cli.actions.schedule_changes import fire_schedule

    fire_schedule(load_settings(), name, json=json)

"""Commands about schedules: what they will do, and why they did what they did."""

import json as jsonlib
import sys
from typing import Annotated

import typer

from cli import options
from cli.commands import schedule_edits
from cli.commands.reports import Json
from cli.options import Stored
from presstime.settings import load_settings

schedule = typer.Typer(
    name="schedule",
    help="Show, make, change and pause schedules.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[
    str | None,
    typer.Argument(metavar="SCHEDULE", help="PIPELINE/NAME, or NAME alone where no other has it."),
]


def register(app: typer.Typer) -> None:
    schedule_edits.register(schedule)
    app.add_typer(schedule)
    app.command()(why)
    app.command()(late)


def why(
    name: Stored,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="T", help="In its own zone: 2026-03-08 or 2026-03-08T06:00; else now."),
    ] = None,
    json: Json = False,
) -> None:
    """Say what a schedule did at some time, and why it started a run or none."""
    from cli.printing.why import Why

    found = Why(load_settings(), name, at)
    told = jsonlib.dumps(found.document(), ensure_ascii=False) if json else "\n".join(found.lines())
    sys.stdout.write(f"{told}\n")


def late(
    pipeline: Annotated[str | None, typer.Option(help="Only of this pipeline.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    json: Json = False,
) -> None:
    """List what was not finished by its deadline, the newest first: runs, and instants that had none."""
    from cli.printing.late import print_late

    print_late(load_settings(), pipeline, limit, json=json)


@schedule.command("list")
def list_(
    pipeline: Annotated[str | None, typer.Option(help="Only of this pipeline.")] = None, json: Json = False
) -> None:
    """List the schedules, and when each starts its next run."""
    from cli.printing.schedules import print_schedules

    print_schedules(load_settings(), pipeline, json=json)


@schedule.command()
def show(name: Stored, json: Json = False) -> None:
    """Show a schedule: when, by which policies, and what an operator changed about its code."""
    from cli.printing.schedules import show_schedule

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
    from cli.printing.schedules import pause_schedule

    pause_schedule(load_settings(), name, until, reason, json=json)


@schedule.command()
def resume(name: Stored, json: Json = False) -> None:
    """Let a paused schedule start runs again; what it missed meanwhile stays missed."""
    from cli.printing.schedules import resume_schedule

    resume_schedule(load_settings(), name, json=json)


@schedule.command("next")
def next_(  # noqa: PLR0917 # the options of the command
    name: Name = None,
    count: Annotated[int, typer.Option("-n", min=1, max=10_000, help="How many instants.")] = 20,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="T", help="After this time: 2026-03-08 or 2026-03-08T06:00."),
    ] = None,
    cron: options.CronLines = None,
    every: options.Every = None,
    at: options.At = None,
    zone: options.Zone = None,
    country: options.Country = None,
    region: options.Region = None,
    closed_file: options.ClosedFile = None,
    on_closed: options.OnClosed = None,
    json: Json = False,
) -> None:
    """Show the next instants of a schedule, or of one that options describe, with what is odd about them."""
    from cli.actions.schedule_reading import Wanted
    from cli.printing.instants import plan, show_plan

    wanted = Wanted(
        cron=cron or (),
        every=every,
        at=at,
        zone=zone,
        country=country,
        region=region,
        closed_file=closed_file,
        on_closed=on_closed,
    )
    planned = plan(load_settings, name, wanted, start, count)
    if json:
        instants = [one.local.isoformat() for one in planned.instants if one.fires]
        sys.stdout.write(f"{jsonlib.dumps(instants)}\n")
    else:
        show_plan(planned)

"""Commands that make, change and delete schedules, and that start a run of one."""

from typing import Annotated

import typer

from cli import schedule_arguments as arguments
from cli.look import Json
from presstime.settings import load_settings


def register(schedule: typer.Typer) -> None:
    for command in (create, edit, delete, fire):
        schedule.command()(command)


def create(  # noqa: PLR0917 # the options of the command
    pipeline: Annotated[str, typer.Argument(metavar="PIPELINE", help="What it runs.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its own name, such as daily.")],
    cron: arguments.CronLines = None,
    every: arguments.Every = None,
    at: arguments.At = None,
    zone: arguments.Zone = None,
    param: arguments.Parameters = None,
    country: arguments.Country = None,
    region: arguments.Region = None,
    closed_file: arguments.ClosedFile = None,
    on_closed: arguments.OnClosed = None,
    starts: arguments.Starts = None,
    ends: arguments.Ends = None,
    catch_up: arguments.CatchUp = None,
    grace: arguments.Grace = None,
    overlap: arguments.Overlap = None,
    jitter: arguments.Jitter = None,
    by: arguments.By = None,
    stop_after: arguments.StopAfter = None,
    json: Json = False,
) -> None:
    """Make a schedule that no code declares, with parameters of its own."""
    from cli.schedule_changes import create_schedule
    from cli.schedule_options import Wanted

    wanted = Wanted(
        cron=cron or (),
        every=every,
        at=at,
        zone=zone,
        param=param or (),
        country=country,
        region=region,
        closed_file=closed_file,
        on_closed=on_closed,
        starts=starts,
        ends=ends,
        catch_up=catch_up,
        grace=grace,
        overlap=overlap,
        jitter=jitter,
        by=by,
        stop_after=stop_after,
    )
    create_schedule(load_settings(), pipeline, name, wanted, json=json)


def edit(  # noqa: PLR0917 # the options of the command
    name: arguments.Stored,
    cron: arguments.CronLines = None,
    every: arguments.Every = None,
    at: arguments.At = None,
    zone: arguments.Zone = None,
    param: arguments.Parameters = None,
    country: arguments.Country = None,
    region: arguments.Region = None,
    closed_file: arguments.ClosedFile = None,
    on_closed: arguments.OnClosed = None,
    starts: arguments.Starts = None,
    ends: arguments.Ends = None,
    catch_up: arguments.CatchUp = None,
    grace: arguments.Grace = None,
    overlap: arguments.Overlap = None,
    jitter: arguments.Jitter = None,
    by: arguments.By = None,
    stop_after: arguments.StopAfter = None,
    clear: Annotated[
        list[str] | None,
        typer.Option("--clear", metavar="WHAT", help="Take away a calendar, grace, by, zone...; repeatable."),
    ] = None,
    as_code: Annotated[
        bool, typer.Option("--as-code", help="Drop all changes; follow the pipeline's code again.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would cause.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Save without asking.")] = False,
    json: Json = False,
) -> None:
    """Change a schedule. Says first which runs come by it, and whether one is left out or comes twice."""
    from cli.schedule_changes import Saving, edit_schedule
    from cli.schedule_options import Wanted

    wanted = Wanted(
        cron=cron or (),
        every=every,
        at=at,
        zone=zone,
        param=param or (),
        country=country,
        region=region,
        closed_file=closed_file,
        on_closed=on_closed,
        starts=starts,
        ends=ends,
        catch_up=catch_up,
        grace=grace,
        overlap=overlap,
        jitter=jitter,
        by=by,
        stop_after=stop_after,
        clear=clear or (),
    )
    edit_schedule(load_settings(), name, wanted, Saving(as_code=as_code, dry_run=dry_run, yes=yes, json=json))


def delete(name: arguments.Stored, json: Json = False) -> None:
    """Delete a schedule that no code declares. Its runs stay."""
    from cli.schedule_changes import delete_schedule

    delete_schedule(load_settings(), name, json=json)


def fire(name: arguments.Stored, json: Json = False) -> None:
    """Start a run of a schedule now, with its parameters, beside those that it starts itself."""
    from cli.schedule_changes import fire_schedule

    fire_schedule(load_settings(), name, json=json)

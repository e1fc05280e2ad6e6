"""Commands that make, change and delete schedules, and that start a run of one."""

from typing import Annotated

import typer

from cli import options
from cli.commands.reports import Json
from presstime.settings import load_settings


def register(schedule: typer.Typer) -> None:
    for command in (create, edit, delete, fire):
        schedule.command()(command)


def create(  # noqa: PLR0917 # the options of the command
    pipeline: Annotated[str, typer.Argument(metavar="PIPELINE", help="What it runs.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its own name, such as daily.")],
    cron: options.CronLines = None,
    every: options.Every = None,
    at: options.At = None,
    zone: options.Zone = None,
    param: options.Parameters = None,
    country: options.Country = None,
    region: options.Region = None,
    closed_file: options.ClosedFile = None,
    on_closed: options.OnClosed = None,
    starts: options.Starts = None,
    ends: options.Ends = None,
    catch_up: options.CatchUp = None,
    grace: options.Grace = None,
    overlap: options.Overlap = None,
    jitter: options.Jitter = None,
    by: options.By = None,
    stop_after: options.StopAfter = None,
    json: Json = False,
) -> None:
    """Make a schedule that no code declares, with parameters of its own."""
    from cli.actions.schedule_reading import Wanted
    from cli.actions.schedules import create_schedule

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
    name: options.Stored,
    cron: options.CronLines = None,
    every: options.Every = None,
    at: options.At = None,
    zone: options.Zone = None,
    param: options.Parameters = None,
    country: options.Country = None,
    region: options.Region = None,
    closed_file: options.ClosedFile = None,
    on_closed: options.OnClosed = None,
    starts: options.Starts = None,
    ends: options.Ends = None,
    catch_up: options.CatchUp = None,
    grace: options.Grace = None,
    overlap: options.Overlap = None,
    jitter: options.Jitter = None,
    by: options.By = None,
    stop_after: options.StopAfter = None,
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
    from cli.actions.schedule_reading import Wanted
    from cli.actions.schedules import Saving, edit_schedule

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


def delete(name: options.Stored, json: Json = False) -> None:
    """Delete a schedule that no code declares. Its runs stay."""
    from cli.actions.schedules import delete_schedule

    delete_schedule(load_settings(), name, json=json)


def fire(name: options.Stored, json: Json = False) -> None:
    """Start a run of a schedule now, with its parameters, beside those that it starts itself."""
    from cli.actions.schedules import fire_schedule

    fire_schedule(load_settings(), name, json=json)

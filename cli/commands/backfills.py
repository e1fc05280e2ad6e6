"""Commands about backfills: make runs of past periods, and look after them on their way."""

from typing import Annotated

import typer

from cli.options import Json, Limit, Parameters
from presstime.settings import load_settings

backfills = typer.Typer(
    name="backfills",
    help="Show, pause, resume and cancel backfills.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Id = Annotated[str, typer.Argument(metavar="BACKFILL", help="Its id, or its first characters.")]
Follow = Annotated[
    bool,
    typer.Option("--follow", help="Stay and show its progress until it is over; Ctrl-C leaves it alone."),
]


def backfill(  # noqa: PLR0917 # the options of the command
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A pipeline; or PIPELINE/SCHEDULE, for its days and parameters."),
    ],
    first: Annotated[
        str, typer.Option("--from", metavar="PERIOD", help="The first one: 2013, 2013-01, 2013-01-05.")
    ],
    last: Annotated[str, typer.Option("--to", metavar="PERIOD", help="The last one, included.")],
    param: Parameters = None,
    max_active: Annotated[int, typer.Option(min=1, max=1000, help="Runs under way at a time.")] = 4,
    rerun: Annotated[
        str,
        typer.Option(metavar="WHICH", help="Periods without a run (missing), failed ones too, or all."),
    ] = "missing",
    newest_first: Annotated[bool, typer.Option("--newest-first", help="Else the oldest.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which runs it would start.")] = False,
    follow: Follow = False,
    json: Json = False,
) -> None:
    """Make runs of past periods, a few at a time; those that had their run are left out."""
    from cli.actions.backfills import BackfillOptions, start_backfill

    options = BackfillOptions(name, first, last, param or (), max_active, rerun, newest_first)
    start_backfill(load_settings(), options, dry_run=dry_run, follow=follow, json=json)


@backfills.command("list")
def list_(limit: Limit = 20, json: Json = False) -> None:
    """List backfills, the newest first, with how far they are."""
    from cli.actions.backfills import list_backfills

    list_backfills(load_settings(), limit, json=json)


@backfills.command()
def show(backfill: Id, follow: Follow = False, json: Json = False) -> None:
    """Show how far a backfill is."""
    from cli.actions.backfills import show_backfill

    show_backfill(load_settings(), backfill, follow=follow, json=json)


@backfills.command()
def pause(backfill: Id, json: Json = False) -> None:
    """Start no more runs of it until it is resumed; those under way go on."""
    from cli.actions.backfills import change_backfill

    change_backfill(load_settings(), backfill, "pause", json=json)


@backfills.command()
def resume(backfill: Id, json: Json = False) -> None:
    """Let a paused one go on."""
    from cli.actions.backfills import change_backfill

    change_backfill(load_settings(), backfill, "resume", json=json)


@backfills.command()
def cancel(backfill: Id, json: Json = False) -> None:
    """Start no more runs of it, and cancel those under way."""
    from cli.actions.backfills import change_backfill

    change_backfill(load_settings(), backfill, "cancel", json=json)

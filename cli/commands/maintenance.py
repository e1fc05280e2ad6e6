"""Commands for the keeping of an installation: remove what is old, and bring the database up to date."""

from typing import Annotated

import typer

from presstime.settings import load_settings


def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would go.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Remove runs, results, events and reports that have been kept long enough."""
    from cli.actions.maintenance import prune

    prune(load_settings(), dry_run=dry_run, json=json)


def migrate(
    revision: Annotated[str, typer.Argument(help="Where to go; the newest by default.")] = "head",
) -> None:
    """Bring the database to the shape that this version needs."""
    from cli.actions.maintenance import migrate

    migrate(load_settings(), revision)

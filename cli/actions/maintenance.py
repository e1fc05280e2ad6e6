"""Removes what has been kept long enough, and brings the database up to date."""

import typer

from presstime.settings import Settings, make_data_folder


def prune(settings: Settings, *, dry_run: bool, json: bool) -> None:
    """Remove what is old, and print how much; a dry run removes nothing."""
    from cli.actions.runtimes import open_runtime
    from cli.printing.console import print_json
    from cli.printing.pruning import print_tally, progress_bars, tally_document
    from scheduler.pruning import run_prune

    runtime = open_runtime(settings)  # durable: after a power cut no row may come back without its objects
    try:
        with progress_bars() as tell:
            tally = run_prune(runtime, dry=dry_run, tell=tell)
    finally:
        runtime.engine.dispose()
    if json:
        print_json(tally_document(tally, dry_run=dry_run))
    else:
        print_tally(tally, dry_run=dry_run)


def migrate(settings: Settings, revision: str) -> None:
    """Bring the database to this revision."""
    from presstime.database import create_engine
    from presstime.migrations import head_revision, upgrade

    make_data_folder(settings.data_dir)
    upgrade(create_engine(settings.effective_database_url), revision)
    typer.echo(f"The database is at version {head_revision() if revision == 'head' else revision}.")

"""Commands that stay: everything at once, or one process of it."""

from datetime import datetime
from typing import Annotated

import typer

from presstime.settings import load_settings


def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="Also serve the demo site, and load its pipelines.")
    ] = False,
) -> None:
    """Start everything and watch over it, until Ctrl-C."""
    from cli.actions.services import serve_all

    serve_all(load_settings(), demo=demo)


def worker(
    pool: Annotated[
        str | None, typer.Option(help="prefork, threads or solo, instead of PRESSTIME_WORKER_POOL.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(help="Tasks at a time, instead of PRESSTIME_WORKER_CONCURRENCY.")
    ] = None,
    queues: Annotated[
        str | None, typer.Option(help="Separated by commas, instead of PRESSTIME_WORKER_QUEUES.")
    ] = None,
) -> None:
    """Execute tasks, until told to stop."""
    from cli.actions.processes import run_worker

    run_worker({"POOL": pool, "CONCURRENCY": concurrency, "QUEUES": queues})


def beat() -> None:
    """Ring the alarms of schedules, until told to stop. Any number may run."""
    from cli.actions.processes import run_beat

    run_beat()


def keeper(
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M:%S.%f%z"], help="Keep only runs made after this instant."),
    ] = None,
) -> None:
    """Repair what was left undone, until told to stop. Several may run; one acts."""
    from cli.actions.processes import run_keeper

    run_keeper(since)


def api() -> None:
    """Serve the API and the page, until told to stop."""
    from cli.actions.processes import run_api

    run_api()

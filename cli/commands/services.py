"""Commands that stay: everything at once, or one process of it."""

import os
import signal
import sys
import threading
from datetime import datetime
from typing import Annotated

import typer

from presstime.settings import Settings, load_settings, make_data_folder


def register(app: typer.Typer) -> None:
    for command in (up, worker, beat, keeper, api, migrate):
        app.command()(command)


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
    from scheduler.celery_app import app
    from scheduler.worker import run_worker

    given = {"POOL": pool, "CONCURRENCY": concurrency, "QUEUES": queues}
    # As variables, because the process that renews the leases reads the settings too.
    os.environ.update({f"PRESSTIME_WORKER_{key}": str(v) for key, v in given.items() if v is not None})
    settings = _ready()
    sys.exit(run_worker(app, settings))


def beat() -> None:
    """Ring the alarms of schedules, until told to stop. Any number may run."""
    from scheduler.celery_app import app
    from scheduler.worker import run_beat

    run_beat(app, _ready())


def keeper(
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M:%S.%f%z"], help="Keep only runs made after this instant."),
    ] = None,
) -> None:
    """Repair what was left undone, until told to stop. Several may run; one acts."""
    from scheduler.celery_app import app
    from scheduler.keeper import Keeper

    _ready()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Keeper(app, since=since).run(stop)


def api() -> None:
    """Serve the API and the page, until told to stop."""
    import uvicorn

    from api.app import create_app

    settings = _ready()
    uvicorn.run(
        create_app(settings),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=settings.log_level == "DEBUG",
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def migrate(
    revision: Annotated[str, typer.Argument(help="Where to go; the newest by default.")] = "head",
) -> None:
    """Bring the database to the shape that this version needs."""
    from presstime.database import create_engine
    from presstime.migrations import head_revision, upgrade

    settings = load_settings()
    make_data_folder(settings.data_dir)
    upgrade(create_engine(settings.effective_database_url), revision)
    typer.echo(f"The database is at version {head_revision() if revision == 'head' else revision}.")


def _ready() -> Settings:
    """Settings read, logs set up, and a database of the right shape."""
    from presstime.database import create_engine
    from presstime.logs import configure_logs
    from presstime.migrations import ensure_current

    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    engine = create_engine(settings.effective_database_url)
    ensure_current(engine, create=False)
    engine.dispose()
    return settings

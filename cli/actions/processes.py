"""The processes of an installation, each run in this one until it is told to stop.

What a process needs is loaded inside its function: a worker's memory is counted, and the API serves no beat.
"""

import os
import signal
import sys
import threading
from collections.abc import Mapping
from datetime import datetime

from presstime.settings import Settings, load_settings


def run_worker(given: Mapping[str, object]) -> None:
    """Execute tasks; what is given stands for the PRESSTIME_WORKER_ variables."""
    from scheduler.celery_app import app
    from scheduler.worker import run_worker as work

    # As variables, because the process that renews the leases reads the settings too.
    os.environ.update({f"PRESSTIME_WORKER_{key}": str(v) for key, v in given.items() if v is not None})
    settings = _ready()
    sys.exit(work(app, settings))


def run_beat() -> None:
    """Ring the alarms of schedules."""
    from scheduler.celery_app import app
    from scheduler.worker import run_beat as ring

    ring(app, _ready())


def run_keeper(since: datetime | None) -> None:
    """Repair what was left undone."""
    from scheduler.celery_app import app
    from scheduler.keeper import Keeper

    _ready()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Keeper(app, since=since).run(stop)


def run_api() -> None:
    """Serve the API and the page."""
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

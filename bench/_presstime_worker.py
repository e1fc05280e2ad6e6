"""`presstime worker` but for the settings that both sides share: `python -m bench._presstime_worker`."""

import sys

from bench._side import SETTINGS
from presstime.logs import configure_logs
from presstime.settings import load_settings
from scheduler.celery_app import app
from scheduler.worker import run_worker


def main() -> None:
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    app.conf.update(SETTINGS)
    sys.exit(run_worker(app, settings))


if __name__ == "__main__":
    main()

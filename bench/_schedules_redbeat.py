"""Schedules as RedBeat's own crontab entries for a bare task; its processes: `python -m bench._schedules_redbeat`.

Knows no run and no SQL: what is due only notes the time.
"""

import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from celery import Celery
from celery.schedules import BaseSchedule, crontab, schedule
from redbeat.schedulers import RedBeatScheduler, RedBeatSchedulerEntry, ensure_conf

from bench._installation import PATIENCE, Installation
from bench._schedules_side import Side, lines, sleep_until
from presstime.clock import utc_now
from presstime.logs import configure_logs
from presstime.settings import Settings, load_settings
from scheduler.celery_app import celery_settings
from scheduler.queues import CONTROL

TASK = "bare.note"
NOTES = "BENCH_NOTES"  # the variable that names the file of the notes
PERIOD = timedelta(minutes=5)


def note(name: str) -> None:
    """One write of a short line, which several processes may do at once."""
    with Path(os.environ[NOTES]).open("ab", buffering=0) as file:
        file.write(f"{name} {time.time()!r}\n".encode())


def create_bare(settings: Settings) -> Celery:
    app = Celery("bare", set_as_current=False)
    app.conf.update(celery_settings(settings) | {"beat_scheduler": "redbeat:RedBeatScheduler"})
    app.task(name=TASK, shared=False)(note)
    ensure_conf(app)
    return app


class RedBeat(Side):
    name = "celery-redbeat"

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation)
        self._notes = installation.folder / "notes"
        self._notes.touch()
        installation.variables[NOTES] = str(self._notes)
        self.app = create_bare(installation.settings)

    def load(self, size: int) -> float:
        began = time.perf_counter()
        for number, line in enumerate(lines(size)):
            minute, hour, *_ = line.split()
            self._entry(f"daily-{number}", crontab(minute=minute, hour=hour)).save()
        return time.perf_counter() - began

    def _entry(self, name: str, when: BaseSchedule) -> RedBeatSchedulerEntry:
        return RedBeatSchedulerEntry(name, TASK, when, args=[name], options={"queue": CONTROL}, app=self.app)

    def scheduler(self) -> RedBeatScheduler:
        return RedBeatScheduler(self.app)

    def make_due(self, keys: list[str]) -> None:
        for key in keys:
            RedBeatSchedulerEntry.from_key(key, app=self.app).reschedule(utc_now() - timedelta(days=2))

    def start_beat(self) -> int:
        process = self.installation.start_python("beat", "-m", __name__, "beat")
        log = self.installation.folder / "beat.log"
        self.installation.wait("beat", lambda: "maxinterval" in log.read_text() or None)
        return process.pid

    def start_worker(self) -> int:
        return self.installation.start_python("worker", "-m", __name__, "worker").pid

    def ring_at(self, instant: datetime, together: int) -> list[float]:
        """New entries, as if each had run one period before the instant."""
        self._notes.write_text("")
        entries = [self._entry(f"often-{n}", schedule(PERIOD, app=self.app)) for n in range(together)]
        for entry in entries:
            entry.last_run_at = instant - PERIOD
            entry.save()
        sleep_until(instant)
        deadline = time.monotonic() + PATIENCE
        while len(noted := self._notes.read_text().splitlines()) < together:
            if time.monotonic() > deadline:
                raise self.installation.failed(f"{len(noted)} of {together} notes after {PATIENCE:.0f} s")
            time.sleep(0.05)
        for entry in entries:
            entry.delete()
        return [float(line.split()[1]) - instant.timestamp() for line in noted]

    def finish(self) -> None:
        """What only notes the time is over when its note is seen."""

    def close(self) -> None:
        self.app.close()


def main() -> None:
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    app = create_bare(settings)
    if sys.argv[1] == "beat":
        app.Beat(loglevel="INFO", schedule=os.devnull, pidfile="").run()
        return
    app.Worker(
        hostname="bare@localhost",
        pool=settings.worker_pool,
        concurrency=settings.concurrency,
        queues=[CONTROL],
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        pidfile=None,
    ).start()


if __name__ == "__main__":
    main()

"""The work as a bare Celery chord, and its worker: `python -m bench._bare`. Knows no run and no SQL."""

import os
import time
import uuid
import warnings
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from celery import Celery, chord
from celery.exceptions import SecurityWarning
from celery.exceptions import TimeoutError as CeleryTimeout
from celery.result import AsyncResult
from openpyxl import Workbook

from bench._installation import PATIENCE, Installation
from bench._side import SETTINGS, Asked, Ended, Side
from bench._work import PARTS, combine, rows_of
from presstime.logs import configure_logs
from presstime.settings import Settings, load_settings
from scheduler.celery_app import celery_settings
from scheduler.queues import with_express
from scheduler.valkey import results_url, socket_path

Columns = dict[str, list[object]]  # a frame as JSON


def extract(number: int) -> Columns:
    return {str(name): values.tolist() for name, values in rows_of(number).items()}


def combine_and_write(parts: list[Columns], path: str) -> tuple[float, int]:
    """The chord's body; when the workbook was there, in seconds since 1970, and in which process it ran."""
    groups = combine(pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True))
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Groups"
    sheet.append(list(groups.columns))
    for row in groups.itertuples(index=False, name=None):
        sheet.append(list(row))
    book.save(path)
    return time.time(), os.getpid()


def create_bare(settings: Settings) -> Celery:
    """An application with the settings of Presstime's own, Celery's result store, and two tasks."""
    app = Celery("bare", set_as_current=False)
    app.conf.update(
        celery_settings(settings) | SETTINGS | {"result_backend": results_url(socket_path(settings.data_dir))}
    )
    app.task(name="bare.extract", shared=False)(extract)
    app.task(name="bare.combine_and_write", shared=False)(combine_and_write)
    return app


@dataclass(frozen=True)
class _Chord:
    result: "AsyncResult[tuple[float, int]]"
    path: Path


class Bare(Side):
    name = "bare Celery"

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._app = create_bare(installation.settings)
        self._chords: dict[str, _Chord] = {}
        self._bodies: set[int] = set()  # process ids
        self.worker = installation.start_python("worker", "-m", "bench._bare")

    def ask(self) -> Asked:
        at = time.time()
        path = self._installation.folder / f"{uuid.uuid4().hex}.xlsx"
        body = self._app.signature("bare.combine_and_write", args=(str(path),))
        header = [self._app.signature("bare.extract", args=(number,)) for number in range(PARTS)]
        result = chord(header, app=self._app)(body)
        self._chords[result.id] = _Chord(result, path)
        return Asked(result.id, at)

    def wait(self, asked: Asked) -> Ended:
        kept = self._chords.pop(asked.key)
        try:
            ended, pid = kept.result.get(timeout=PATIENCE)
        except CeleryTimeout:
            raise self._installation.failed(f"chord {asked.key} did not end in {PATIENCE:.0f} s") from None
        except Exception as error:
            raise self._installation.failed(f"chord {asked.key} failed: {error!r}") from error
        self._bodies.add(pid)
        return Ended(ended, kept.path)

    def seasoned(self) -> set[int]:
        """Those that have executed a body: ten extracts a chord come to every child by themselves."""
        return self._bodies

    def close(self) -> None:
        self._app.close()


def main() -> None:
    """Work until told to stop, with the arguments that Presstime gives its own worker."""
    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    warnings.filterwarnings("ignore", category=SecurityWarning)
    worker = create_bare(settings).Worker(
        hostname="bare@localhost",
        pool=settings.worker_pool,
        concurrency=settings.concurrency,
        queues=with_express(settings.worker_queues.split(",")),
        loglevel=settings.log_level,
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        pidfile=None,
    )
    worker.start()


if __name__ == "__main__":
    main()

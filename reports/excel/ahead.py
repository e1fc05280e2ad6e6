"""Large sheets of one workbook are written side by side where there are processors for it."""

import os
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO

from reports.excel.archive import Entry
from reports.excel.deflate import Deflate

PROCESSORS_A_SHEET = 2  # one makes rows while the other compresses


def sheets_at_a_time() -> int:
    """How many sheets the processors that this process may use can write at a time."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, usable // PROCESSORS_A_SHEET)


class Ahead:
    """Sheets written before their turn, each compressed into a file of its own, in the order of their start."""

    def __init__(self, workers: int, deflate: Deflate) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="sheet")
        self._deflate = deflate
        self._jobs: dict[str, Future[tuple[Entry, IO[bytes]]]] = {}

    def start(self, name: str, write: Callable[[Entry], None]) -> None:
        self._jobs[name] = self._pool.submit(self._run, write)

    def take(self, name: str) -> tuple[Entry, IO[bytes]] | None:
        """The sheet's entry and what it wrote, once it is there; None for one that was not started here."""
        job = self._jobs.pop(name, None)
        return job.result() if job else None

    def close(self) -> None:
        """Wait for what is still being written, after a failure elsewhere, and throw it away."""
        self._pool.shutdown(cancel_futures=True)
        for job in self._jobs.values():
            if not job.cancelled() and job.exception() is None:
                job.result()[1].close()

    def _run(self, write: Callable[[Entry], None]) -> tuple[Entry, IO[bytes]]:
        spool: IO[bytes] = tempfile.TemporaryFile(prefix="presstime-")  # noqa: SIM115 # whoever takes it closes it
        entry = Entry(spool, self._deflate)
        try:
            try:
                write(entry)
            finally:
                entry.finish()
        except BaseException:
            spool.close()
            raise
        return entry, spool

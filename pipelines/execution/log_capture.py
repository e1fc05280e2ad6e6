"""Captures what a step logs while it runs, and keeps it with its task."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 256 * 1024  # characters of one attempt's log; what comes later is counted, not kept
FORMAT = logging.Formatter("%(asctime)s.%(msecs)03d %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")


class CapturedLog(logging.Handler):
    """Keeps what one thread logs."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(FORMAT)
        self._thread = threading.get_ident()
        self._lines: list[str] = []
        self._size = 0
        self._dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread != self._thread:
            return
        line = self.format(record)
        if self._size + len(line) > MOST:
            self._dropped += 1
            return
        self._lines.append(line)
        self._size += len(line)

    @property
    def text(self) -> str:
        dropped = [f"... and {self._dropped:,} lines more"] if self._dropped else []
        return "\n".join(self._lines + dropped)


@contextmanager
def captured_log() -> Iterator[CapturedLog]:
    """Collect the lines that this thread logs inside."""
    handler = CapturedLog()
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield handler
    finally:
        root.removeHandler(handler)

"""Wait in a test for a condition, never for a time, and no longer than the process lives that has to meet it."""

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

PATIENCE = 60.0  # seconds after which a wait is given up; never what a test measures
T = TypeVar("T")


class Pollable(Protocol):
    """A process that was started: `subprocess.Popen`, or one like it."""

    def poll(self) -> int | None: ...


def until(
    condition: Callable[[], T | None],
    what: str,
    *,
    seconds: float = PATIENCE,
    process: Pollable | None = None,
    details: Callable[[], str] = str,
) -> T:
    """Return what `condition` returns, once that is true; `details` are added to the error if it never is."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if process is not None and (code := process.poll()) is not None:
            raise AssertionError(f"the process ended with {code} before {what}\n{details()}")
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s in vain for {what}\n{details()}")
        time.sleep(0.01)
    return found

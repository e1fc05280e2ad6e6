"""The demo site as a process of its own, as users run it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from presstime.settings import PROJECT

FIRST_LINE = "demo site at "


@contextmanager
def demo_process() -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The process and its address; told to stop at the end, if it has not stopped already."""
    command = [sys.executable, "-m", "demo", "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()  # empty, if it ends without one
            if not first.startswith(FIRST_LINE):
                process.terminate()
                raise RuntimeError(f"the demo site did not start: {first}{process.stdout.read()}")
            yield process, first.removeprefix(FIRST_LINE).strip()
        finally:
            process.terminate()
            process.communicate()

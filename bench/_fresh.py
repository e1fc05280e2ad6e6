"""A module of the benches in a process of its own, which prints its figures as JSON on its last line."""

import json
import os
import subprocess
import sys
from typing import Any

from bench._installation import NOT_KEPT, BenchFailed
from presstime.settings import PROJECT

LEAVES = 30.0  # seconds that it has to end what it started itself


def in_fresh_process(module: str, *words: object) -> Any:
    """The figures that it prints. Raises BenchFailed when there are none."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_KEPT)}
    process = subprocess.Popen(
        [sys.executable, "-m", module, *map(str, words)],
        cwd=PROJECT,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said, complained = process.communicate()
    finally:
        _end(process)
    lines = said.splitlines()
    if process.returncode or not lines:
        what = " ".join(map(str, words)) or module
        raise BenchFailed(f"{what} ended with {process.returncode}", {"stderr": complained})
    return json.loads(lines[-1])


def _end(process: "subprocess.Popen[str]") -> None:
    """Terminate it where it still works; killed, it would leave behind the processes that it started."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(LEAVES)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

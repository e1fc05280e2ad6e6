"""What a bench started is ended with it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from presstime.settings import PROJECT

LIMIT = 60.0  # seconds after which a bench that does not end is given up
CASE = """
import sys, time
from pathlib import Path
from bench._installation import Installation
with Installation() as installation:
    Path(sys.argv[1]).write_text(f"{installation.valkey.pid} {installation.folder}\\n")
    time.sleep(600)
"""
BENCH = """
import sys
from bench._fresh import in_fresh_process
from bench._installation import exit_when_terminated
exit_when_terminated()
in_fresh_process("case", sys.argv[1])
"""

pytestmark = pytest.mark.timeout(2 * LIMIT + 10)


def test_a_process_that_is_terminated_ends_what_it_started(tmp_path: Path) -> None:
    assert _left_behind(CASE, tmp_path) == []


def test_a_bench_that_is_terminated_lets_its_case_end_what_that_started(tmp_path: Path) -> None:
    (tmp_path / "case.py").write_text(CASE)

    assert _left_behind(BENCH, tmp_path) == []


def _left_behind(code: str, folder: Path) -> list[str]:
    """What is still there of an installation when the process that runs this code has been terminated."""
    told = folder / "told"
    path = os.pathsep.join([str(PROJECT), str(folder)])
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(told)], cwd=PROJECT, env={**os.environ, "PYTHONPATH": path}
    )
    deadline = time.monotonic() + LIMIT
    while not (told.exists() and told.read_text().endswith("\n")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.terminate()
    assert process.wait(LIMIT) in {128 + signal.SIGTERM, 128 + signal.SIGINT, -signal.SIGINT}
    server, place = told.read_text().split()
    left = ["its server"] if psutil.pid_exists(int(server)) else []
    return left + ["its folder"] * Path(place).exists()

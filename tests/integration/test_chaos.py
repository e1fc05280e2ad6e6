"""The chaos bench on SQLite with ten runs: every kind of fault once, and nothing is lost.

`python -m bench.chaos --quick --database postgresql` is the other half, which takes too long for every test run.
"""

import json
import subprocess
import sys

import pytest

from presstime.settings import PROJECT

LIMIT = 240  # seconds after which it is given up


@pytest.mark.timeout(LIMIT + 10)
def test_every_run_survives_every_kind_of_fault() -> None:
    words = ("--quick", "--check", "--json", "--database", "sqlite", "--runs", "10")

    done = subprocess.run(
        [sys.executable, "-m", "bench.chaos", *words],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    figures = said["figures"]["sqlite"]
    assert said["missed"] == []
    assert set(figures["complaints"].values()) == {0}
    assert figures["runs"] == said["runs"] + figures["scheduled"] > said["runs"]
    assert all(row["done"] > 0 for row in figures["faults"].values())
    assert any(row["hit"] > 0 for row in figures["faults"].values())

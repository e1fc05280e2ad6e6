"""The quick form of the chaos bench, on both databases: every kind of fault once, and nothing is lost."""

import json
import subprocess
import sys

import pytest

from presstime.settings import PROJECT
from tests.conftest import DATABASES

LIMIT = 240  # seconds after which it is given up


@pytest.mark.timeout(LIMIT + 10)
@pytest.mark.parametrize("database", DATABASES)
def test_every_run_survives_every_kind_of_fault(database: str) -> None:
    words = ("--quick", "--check", "--json", "--database", database)

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
    figures = said["figures"][database]
    assert said["missed"] == []
    assert set(figures["complaints"].values()) == {0}
    assert figures["runs"] == said["runs"] + figures["scheduled"] > said["runs"]
    assert all(row["done"] > 0 for row in figures["faults"].values())
    assert any(row["hit"] > 0 for row in figures["faults"].values())

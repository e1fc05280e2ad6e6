"""Ending what a process has started, down to the last of it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from scheduler.processes import end_families
from tests.support.processes import is_alive, living_with, until_all_ended
from tests.support.waiting import PATIENCE, until

# Starts a child in a session of its own.
PARENT = """
import subprocess
subprocess.run(["sleep", "600"], start_new_session=True)
"""
MARK = "STARTED_BY"


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[psutil.Process]:
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", PARENT], env={**os.environ, MARK: str(tmp_path)}
    ) as process:
        try:
            yield psutil.Process(process.pid)
        finally:
            for one in living_with(MARK, str(tmp_path)):
                one.kill()
            process.wait(PATIENCE)


def test_a_child_that_was_not_known_is_ended_too(parent: psutil.Process) -> None:
    until(lambda: bool(parent.children()), "its first child")
    (child,) = parent.children()

    end_families([parent])

    until_all_ended([parent.pid, child.pid])


def test_who_has_ended_already_hurts_nobody() -> None:
    ended = subprocess.Popen(["true"])
    process = psutil.Process(ended.pid)
    ended.wait(PATIENCE)

    end_families([process])

    assert not is_alive(ended.pid)

"""Following a run: what is said while nobody takes it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from cli.actions.following import follow
from pipelines.graph import Node
from presstime.models import RunState
from presstime.settings import load_settings
from scheduler.runtime import Runtime
from tests.support.runs.graphs import advanced, claimed, done, run_of, stages_of, submitted, tasks_of
from tests.support.servers.databases import sqlite_with_tables

WARNING = "No worker has taken this run for 0 s. Is one running?"


@pytest.fixture
def runtime(data_dir: Path) -> Iterator[Runtime]:
    sqlite_with_tables(data_dir / "presstime.db")
    opened = Runtime.open(load_settings())
    yield opened
    opened.engine.dispose()


@pytest.fixture
def run_id(runtime: Runtime) -> UUID:
    return submitted(runtime.sessions, Node("a", "extract"))


def looks(*steps: Callable[[], object]) -> Callable[[], None]:
    """Something happens before each of the first looks."""
    left = list(steps)

    def check() -> None:
        if left:
            left.pop(0)()

    return check


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().err.split())


def test_when_no_worker_takes_the_run_that_is_said_once(
    runtime: Runtime, run_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    (task,) = tasks_of(runtime.sessions, run_id, "a")

    def end() -> None:
        done(runtime.sessions, task)
        advanced(runtime.sessions, run_id, stages_of(runtime.sessions, run_id)[0])

    check = looks(bool, bool, bool, end)
    run = follow(runtime, run_id, check=check, hint="Is one running?", unclaimed=0)

    assert run.state is RunState.SUCCEEDED
    assert said(capsys).count(WARNING) == 1


def test_of_a_run_that_a_worker_has_taken_it_is_not_said(
    runtime: Runtime, run_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    (task,) = tasks_of(runtime.sessions, run_id, "a")
    assert claimed(runtime.sessions, task) is not None
    assert run_of(runtime.sessions, run_id).state is RunState.RUNNING

    class Left(Exception):
        """The one who follows has seen enough."""

    def leave() -> None:
        raise Left

    with pytest.raises(Left):
        follow(runtime, run_id, check=looks(bool, bool, leave), hint="Is one running?", unclaimed=0)

    assert "No worker" not in said(capsys)


def test_nobody_is_warned_before_a_worker_had_its_time(
    runtime: Runtime, run_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    (task,) = tasks_of(runtime.sessions, run_id, "a")

    def end() -> None:
        done(runtime.sessions, task)
        advanced(runtime.sessions, run_id, stages_of(runtime.sessions, run_id)[0])

    follow(runtime, run_id, check=looks(bool, end), hint="Is one running?", unclaimed=3600)

    assert "No worker" not in said(capsys)

"""`presstime prune`: what it prints, what it leaves, and what it refuses in one line."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from presstime.models import RunState, Task
from presstime.settings import load_settings
from scheduler.pruning import holding
from scheduler.runtime import Runtime
from tests.support.commands import Command
from tests.support.runs.graphs import NOW
from tests.support.runs.past import Past
from tests.support.servers.databases import sqlite_with_tables


@pytest.fixture
def past(command: Command) -> Iterator[Past]:
    settings = load_settings()
    sqlite_with_tables(settings.data_dir / "presstime.db")
    runtime = Runtime.open(settings)
    yield Past(runtime.sessions, runtime.artifacts)
    runtime.engine.dispose()


@pytest.fixture
def old(past: Past, monkeypatch: pytest.MonkeyPatch) -> Past:
    """Three runs, one of them old."""
    monkeypatch.setenv("PRESSTIME_KEEP_RUNS_COUNT", "1")
    past.run(0)
    past.run(30, report=b"last month's")
    past.run(400, report=b"last year's report", fetched=[b"a page"])
    past.run(800, state=RunState.RUNNING)
    return past


REMOVED = """\
           1  runs
           2  tasks
           4  events
           1  reports
           1  snapshots
           2  results between steps, 32 bytes
           2  files of reports and snapshots, 24 bytes
Old runs that stay:
           1  not finished
"""


def test_it_says_what_would_go_and_then_what_went(command: Command, old: Past) -> None:
    runs = old.runs()

    dry = command("prune", "--dry-run")
    assert (dry.code, dry.stdout, dry.stderr) == (0, "Would go:\n" + REMOVED, "")
    assert old.runs() == runs

    real = command("prune")
    assert (real.code, real.stdout, real.stderr) == (0, "Removed:\n" + REMOVED, "")
    assert len(old.runs()) == len(runs) - 1
    assert old.files() == {b"last month's"}


def test_one_document_for_programs(command: Command, old: Past) -> None:
    dry, real = (json.loads(command("prune", "--json", *words).stdout) for words in (["--dry-run"], []))

    assert (dry.pop("dry_run"), real.pop("dry_run")) == (True, False)
    assert dry == real
    assert real["removed"]["runs"] == {"count": 1}
    assert real["removed"]["files"] == {"count": 2, "bytes": 24}
    assert real["removed"]["firings"] == {"count": 0}
    assert real["set_aside"] == {"count": 0, "bytes": 0}
    assert real["kept_runs"] == {"unfinished": 1}


def test_nothing_to_do_is_said(command: Command, past: Past) -> None:
    past.run(0)
    for words in ([], ["--dry-run"]):
        ended = command("prune", *words)
        assert (ended.code, ended.stderr) == (0, "")
        assert ended.stdout.splitlines()[1:] == ["     nothing is old enough"]


def test_on_a_new_installation_there_is_nothing(command: Command) -> None:
    assert command("prune").code == 0


def test_files_that_wait_for_tasks_under_way_are_named(command: Command, old: Past) -> None:
    with old.sessions.begin() as session:
        task = session.scalars(select(Task)).first()
        assert task is not None
        task.lease_until = task.started_at = NOW

    ended = command("prune")

    assert "           2  files, 24 bytes, are set aside and go with the next prune" in ended.stdout
    with old.sessions.begin() as session:
        session.merge(Task(id=task.id, lease_until=None))
    assert "set aside" not in command("prune").stdout
    assert old.keys("trash") == []


def test_a_second_prune_is_refused_and_names_the_first(command: Command, old: Past) -> None:
    with holding(old.sessions) as lease:
        refused = command("prune")
        looked = command("prune", "--dry-run")

    assert (refused.code, refused.stdout) == (2, "")
    assert lease.holder in refused.line
    assert looked.code == 0


def test_a_run_whose_results_are_gone_is_not_retried(command: Command, past: Past) -> None:
    past.run(0)
    run_id = past.run(30, pipeline="one", state=RunState.FAILED)
    past.run(1, pipeline="one")
    assert command("prune").code == 0

    refused = command("retry", str(run_id))

    assert (refused.code, refused.stdout) == (2, "")
    assert refused.line.endswith("start it anew with rerun")
    assert f"the results of run {run_id} were removed on " in refused.line
    assert run_id in past.runs()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEEP_RUNS_DAYS", "-1"),
        ("KEEP_RUNS_DAYS", "a year"),
        ("KEEP_EVENTS_DAYS", "99999999"),
        ("KEEP_FRAMES_DAYS", "1.5"),
        ("KEEP_RUNS_COUNT", "-1"),
        ("PRUNE_AT", "3:30"),
        ("PRUNE_AT", "24:00"),
        ("PRUNE_AT", "never"),
    ],
)
def test_a_bad_setting_is_named_and_nothing_goes(
    command: Command, old: Past, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    before = old.inventory()
    monkeypatch.setenv(f"PRESSTIME_{name}", value)

    refused = command("prune")

    assert (refused.code, refused.stdout) == (2, "")
    assert f"PRESSTIME_{name}: " in refused.line
    assert old.inventory() == before

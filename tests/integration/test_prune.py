"""Pruning as a process: beside a worker, killed in the middle, started by the keeper. On both databases."""

import json
import signal
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from presstime.artifacts import file_key
from presstime.clock import utc_now
from presstime.models import Heartbeat, Leader, Report, Run, RunState, Task
from scheduler.pruning import NOBODY, ROLE
from scheduler.runtime import Runtime
from tests.support.installations.installation import Install, Installation
from tests.support.runs.past import Past, many_runs
from tests.support.servers.postgres import PostgresServer

SAME = '''
"""The same workbook for the same number, whenever it is made."""

import pandas as pd
from pipelines import Params, Pipeline
from reports import Sheet, Workbook


class Asked(Params):
    number: int


same = Pipeline("same", params=Asked, period="month")


@same.extract
def rows(asked: Asked) -> pd.DataFrame:
    return pd.DataFrame({"n": [asked.number]})


@same.report
def book(rows: pd.DataFrame) -> Workbook:
    return Workbook(Sheet("Rows", rows))
'''
NUMBERS = range(6)


@pytest.fixture
def on_postgres(postgres: PostgresServer, install: Install) -> Installation:
    """On PostgreSQL, where many write at once. The same rules are tested on SQLite without processes."""
    made = install(database_url=postgres.create_database(), keep_runs_count="0", prune_at="00:00")
    made.make_tables()
    return made


def start_runs(on_postgres: Installation) -> list[UUID]:
    """One for each number, all of them about one month."""
    return [on_postgres.submit("same", "2013-01", params={"number": number}) for number in NUMBERS]


def number_of(runtime: Runtime, *states: RunState) -> int:
    with runtime.sessions() as session:
        query = select(func.count()).select_from(Run)
        return session.scalar(query.where(Run.state.in_(states)) if states else query) or 0


def test_workers_make_the_same_files_anew_while_they_are_pruned(on_postgres: Installation) -> None:
    on_postgres.write_pipeline("same", SAME)
    on_postgres.start_valkey()
    on_postgres.start("worker")
    start_runs(on_postgres)
    on_postgres.wait("the first", lambda: number_of(on_postgres.runtime, RunState.SUCCEEDED) == len(NUMBERS))
    shas = move_reports_to_the_past(on_postgres.runtime)
    assert len(shas) == len(NUMBERS)

    again = start_runs(on_postgres)
    pruned = 0
    while number_of(on_postgres.runtime, RunState.SUCCEEDED) < 3 * len(NUMBERS) - pruned:
        ended = on_postgres.command("prune", "--json")
        assert ended.returncode == 0, ended.stderr
        pruned += json.loads(ended.stdout)["removed"]["runs"]["count"]
        assert number_of(on_postgres.runtime, RunState.FAILED) == 0
    while on_postgres.command("prune", "--dry-run").stdout.count("  runs\n"):
        assert on_postgres.command("prune").returncode == 0
    assert on_postgres.command("prune").returncode == 0

    with on_postgres.runtime.sessions() as session:
        reports = {report.run_id: report.sha256 for report in session.scalars(select(Report))}
    assert sorted(reports) == sorted(again)
    assert set(reports.values()) == shas, "the same bytes"
    for sha256 in shas:
        assert on_postgres.runtime.artifacts.exists(file_key(sha256))
    assert Past(on_postgres.runtime.sessions, on_postgres.runtime.artifacts).keys("trash") == []


def move_reports_to_the_past(runtime: Runtime) -> set[str]:
    """As if runs of last year had made them."""
    past = Past(runtime.sessions, runtime.artifacts)
    with runtime.sessions() as session:
        reports = session.execute(select(Report.id, Report.sha256)).all()
    for days, (report_id, _) in enumerate(reports, start=400):
        run_id = past.run(days, pipeline="same")
        with runtime.sessions.begin() as session:
            task_id = session.scalars(select(Task.id).where(Task.run_id == run_id)).first()
            moved = {"run_id": run_id, "task_id": task_id}
            session.execute(update(Report).where(Report.id == report_id).values(**moved))
    return {sha256 for _, sha256 in reports}


def test_one_that_was_killed_is_gone_on_with_at_once(on_postgres: Installation) -> None:
    past = Past(on_postgres.runtime.sessions, on_postgres.runtime.artifacts)
    many_runs(on_postgres.runtime.sessions, 3000, 6)
    kept = past.run(0, report=b"today's")
    for days in range(400, 420):
        past.run(days, report=b"report of %d" % days)
    total = number_of(on_postgres.runtime)
    expected = json.loads(on_postgres.command("prune", "--dry-run", "--json").stdout)["removed"]

    on_postgres.start("prune", "prune")
    on_postgres.wait("the first batch to go", lambda: number_of(on_postgres.runtime) < total)
    assert on_postgres.stop("prune", signal.SIGKILL) == -signal.SIGKILL
    left = number_of(on_postgres.runtime)
    ended = on_postgres.command("prune", "--json")

    assert left > 1, "it was killed in the middle"
    assert ended.returncode == 0, ended.stderr
    removed = json.loads(ended.stdout)["removed"]
    assert removed["runs"]["count"] == left - 1
    assert removed["files"] == expected["files"]
    assert (past.runs(), past.with_frames(), past.files()) == ({kept}, {kept}, {b"today's"})
    assert past.inventory()["tasks"] == 2


def test_the_keeper_prunes_once_its_hour_has_come(on_postgres: Installation, tmp_path: Path) -> None:
    past = Past(on_postgres.runtime.sessions, on_postgres.runtime.artifacts)
    kept, _ = past.run(0), past.run(400)
    yesterday = utc_now() - timedelta(days=2)
    with on_postgres.runtime.sessions.begin() as session:
        session.add(Leader(role=ROLE, holder=NOBODY, lease_until=yesterday, since=yesterday))
    on_postgres.start_valkey()
    on_postgres.start("keeper", "keeper", "--since", "2026-01-01T00:00:00.000000+0000")
    on_postgres.wait("that one to lead for a while", lambda: beats(on_postgres.runtime) > 2)
    assert past.runs() > {kept}, "it keeps what `presstime run` started, no more"
    on_postgres.stop("keeper")

    on_postgres.start("keeper")

    on_postgres.wait("the old run to go", lambda: past.runs() == {kept})
    on_postgres.wait("its last line", lambda: "the daily prune removed" in on_postgres.log("keeper"))
    assert "the daily prune begins" in on_postgres.log("keeper")
    assert "1 runs" in on_postgres.log("keeper")
    with on_postgres.runtime.sessions() as session:
        row = session.get_one(Leader, ROLE)
        assert row.since > yesterday
        assert row.holder == NOBODY
    assert on_postgres.stop("keeper") == 0


def beats(runtime: Runtime) -> float:
    """Seconds between the first and the latest sign of life of a keeper."""
    with runtime.sessions() as session:
        seen = session.execute(select(Heartbeat.started_at, Heartbeat.seen_at)).first()
    return (seen.seen_at - seen.started_at).total_seconds() if seen else 0

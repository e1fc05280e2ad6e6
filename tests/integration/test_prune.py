"""Pruning as a process: beside a worker, killed in the middle, started by the keeper. On both databases."""

import json
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from pipelines.runs.request import Origin, request_run
from pipelines.runs.submit import submit
from pipelines.schedules.sync import sync
from presstime.artifacts import file_key
from presstime.clock import utc_now
from presstime.migrations import ensure_current
from presstime.models import Heartbeat, Leader, Report, Run, RunState, Task, Trigger
from scheduler.celery_app import create_app
from scheduler.outbox import Publisher
from scheduler.pruning import NOBODY, ROLE
from scheduler.runtime import Runtime
from tests.integration.conftest import Install
from tests.pipelines.runs.retention.test_batches import many_runs
from tests.support.installations.installation import Installation
from tests.support.runs.past import Past
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
def installation(postgres: PostgresServer, install: Install) -> Installation:
    """On PostgreSQL, where many write at once. The same rules are tested on SQLite without processes."""
    made = install(database_url=postgres.create_database(), keep_runs_count="0", prune_at="00:00")
    opened = made.runtime()
    ensure_current(opened.engine, create=True)
    opened.engine.dispose()
    return made


@pytest.fixture
def runtime(installation: Installation) -> Iterator[Runtime]:
    opened = installation.runtime()
    yield opened
    opened.engine.dispose()


def start_runs(installation: Installation, runtime: Runtime) -> list[UUID]:
    """One for each number, all of them about one month."""
    loaded = runtime.registry.get("same")
    with runtime.sessions() as session, session.begin():
        sync(session, runtime.registry, utc_now())
        made = []
        for number in NUMBERS:
            asked = request_run(
                loaded,
                params={"number": number},
                interval="2013-01",
                as_of=utc_now(),
                origin=Origin(Trigger.CLI),
            )
            made.append(submit(session, asked, runtime.items).id)
    Publisher(create_app(lambda: installation.settings), runtime).publish_enqueued(session)
    return made


def number_of(runtime: Runtime, *states: RunState) -> int:
    with runtime.sessions() as session:
        query = select(func.count()).select_from(Run)
        return session.scalar(query.where(Run.state.in_(states)) if states else query) or 0


def test_workers_make_the_same_files_anew_while_they_are_pruned(
    installation: Installation, runtime: Runtime
) -> None:
    installation.write_pipeline("same", SAME)
    installation.start_valkey()
    installation.start("worker")
    start_runs(installation, runtime)
    installation.wait("the first", lambda: number_of(runtime, RunState.SUCCEEDED) == len(NUMBERS))
    shas = move_reports_to_the_past(runtime)
    assert len(shas) == len(NUMBERS)

    again = start_runs(installation, runtime)
    pruned = 0
    while number_of(runtime, RunState.SUCCEEDED) < 3 * len(NUMBERS) - pruned:
        ended = installation.command("prune", "--json")
        assert ended.returncode == 0, ended.stderr
        pruned += json.loads(ended.stdout)["removed"]["runs"]["count"]
        assert number_of(runtime, RunState.FAILED) == 0
    while installation.command("prune", "--dry-run").stdout.count("  runs\n"):
        assert installation.command("prune").returncode == 0
    assert installation.command("prune").returncode == 0

    with runtime.sessions() as session:
        reports = {report.run_id: report.sha256 for report in session.scalars(select(Report))}
    assert sorted(reports) == sorted(again)
    assert set(reports.values()) == shas, "the same bytes"
    for sha256 in shas:
        assert runtime.artifacts.exists(file_key(sha256))
    assert Past(runtime.sessions, runtime.artifacts).keys("trash") == []


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


def test_one_that_was_killed_is_gone_on_with_at_once(installation: Installation, runtime: Runtime) -> None:
    past = Past(runtime.sessions, runtime.artifacts)
    many_runs(runtime.sessions, 3000, 6)
    kept = past.run(0, report=b"today's")
    for days in range(400, 420):
        past.run(days, report=b"report of %d" % days)
    total = number_of(runtime)
    expected = json.loads(installation.command("prune", "--dry-run", "--json").stdout)["removed"]

    installation.start("prune", "prune")
    installation.wait("the first batch to go", lambda: number_of(runtime) < total)
    assert installation.stop("prune", signal.SIGKILL) == -signal.SIGKILL
    left = number_of(runtime)
    ended = installation.command("prune", "--json")

    assert left > 1, "it was killed in the middle"
    assert ended.returncode == 0, ended.stderr
    removed = json.loads(ended.stdout)["removed"]
    assert removed["runs"]["count"] == left - 1
    assert removed["files"] == expected["files"]
    assert (past.runs(), past.with_frames(), past.files()) == ({kept}, {kept}, {b"today's"})
    assert past.inventory()["tasks"] == 2


def test_the_keeper_prunes_once_its_hour_has_come(
    installation: Installation, runtime: Runtime, tmp_path: Path
) -> None:
    past = Past(runtime.sessions, runtime.artifacts)
    kept, _ = past.run(0), past.run(400)
    yesterday = utc_now() - timedelta(days=2)
    with runtime.sessions.begin() as session:
        session.add(Leader(role=ROLE, holder=NOBODY, lease_until=yesterday, since=yesterday))
    installation.start_valkey()
    installation.start("keeper", "keeper", "--since", "2026-01-01T00:00:00.000000+0000")
    installation.wait("that one to lead for a while", lambda: beats(runtime) > 2)
    assert past.runs() > {kept}, "it keeps what `presstime run` started, no more"
    installation.stop("keeper")

    installation.start("keeper")

    installation.wait("the old run to go", lambda: past.runs() == {kept})
    installation.wait("its last line", lambda: "the daily prune removed" in installation.log("keeper"))
    assert "the daily prune begins" in installation.log("keeper")
    assert "1 runs" in installation.log("keeper")
    with runtime.sessions() as session:
        row = session.get_one(Leader, ROLE)
        assert row.since > yesterday
        assert row.holder == NOBODY
    assert installation.stop("keeper") == 0


def beats(runtime: Runtime) -> float:
    """Seconds between the first and the latest sign of life of a keeper."""
    with runtime.sessions() as session:
        seen = session.execute(select(Heartbeat.started_at, Heartbeat.seen_at)).first()
    return (seen.seen_at - seen.started_at).total_seconds() if seen else 0

"""A file's sha256 finds the runs that made it, and those that fetched it. On both databases."""

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session, sessionmaker

from bench._cost_history import gather_statistics
from bench._cost_sql import explain, listening
from pipelines.runs.file_origins import SHOWN, UnknownFile, origins
from pipelines.runs.handback import held_task
from pipelines.runs.records import record_snapshots
from pipelines.sources.snapshots import Snapshot as Fetched
from presstime.database import table_of
from presstime.ids import new_id
from presstime.models import File, Report
from tests.support.query_plans import whole_reads
from tests.support.runs.files import SHA256, fetched, made, run_with_task
from tests.support.runs.graphs import NOW


def test_the_runs_that_made_a_file_are_found_newest_first(sessions: sessionmaker[Session]) -> None:
    tasks = [run_with_task(sessions) for _ in range(3)]
    made(sessions, tasks[0][1])
    made(sessions, tasks[1][1])
    made(sessions, tasks[2][1], body=b"other figures")

    with sessions() as session:
        found = origins(session, SHA256, before=None, limit=10)

    assert [origin.run.id for origin in found] == [tasks[1][0], tasks[0][0]]
    told = [(one.report.version, one.newest_version) for origin in found for one in origin.made]
    assert told == [(2, 3), (1, 3)]
    assert [(one.made_total, one.fetched_total, one.made[0].media_type) for one in found] == [
        (1, 0, "text/plain")
    ] * 2


def test_versions_are_counted_for_each_pipeline_and_name(sessions: sessionmaker[Session]) -> None:
    _, task = run_with_task(sessions)
    _, other = run_with_task(sessions, "other")
    made(sessions, task, "Sales")
    made(sessions, task, "Costs")
    made(sessions, run_with_task(sessions)[1], "Costs", b"new")
    made(sessions, other, "Sales", pipeline="other")
    made(sessions, run_with_task(sessions, "other")[1], "Sales", b"new", pipeline="other")

    with sessions() as session:
        found = origins(session, SHA256, before=None, limit=10)

    told = {(one.report.pipeline, one.report.name): one.newest_version for run in found for one in run.made}
    assert told == {("bare", "Sales"): 1, ("bare", "Costs"): 2, ("other", "Sales"): 2}


def test_each_format_of_a_report_has_versions_of_its_own(sessions: sessionmaker[Session]) -> None:
    run, task = run_with_task(sessions)
    first = [made(sessions, task, format_=one, body=one.encode()) for one in ("xlsx", "csv")]
    _, later = run_with_task(sessions)
    second = made(sessions, later, format_="csv", body=b"later")

    assert [(one.format, one.version, one.supersedes) for one in first] == [
        ("xlsx", 1, None),
        ("csv", 1, None),
    ]
    assert (second.version, second.supersedes) == (2, first[1].id)
    with sessions() as session:
        (found,) = origins(session, first[0].sha256, before=None, limit=10)
    assert (found.run.id, found.made[0].newest_version) == (run, 1)


def test_the_runs_that_fetched_a_file_are_found_with_where(sessions: sessionmaker[Session]) -> None:
    run, task = run_with_task(sessions)
    fetched(sessions, task, "http://a/1", "http://a/2")
    fetched(sessions, run_with_task(sessions)[1], "http://b", body=b"other")

    with sessions() as session:
        (found,) = origins(session, SHA256, before=None, limit=10)

    assert (found.run.id, found.made, found.fetched_total) == (run, [], 2)
    assert [(one.snapshot.url, one.step, one.item) for one in found.fetched] == [
        ("http://a/1", "pages", None),
        ("http://a/2", "pages", None),
    ]


def test_a_run_that_did_both_is_one(sessions: sessionmaker[Session]) -> None:
    run, task = run_with_task(sessions)
    made(sessions, task)
    fetched(sessions, task, "http://a")

    with sessions() as session:
        (found,) = origins(session, SHA256, before=None, limit=10)

    assert (found.run.id, found.made_total, found.fetched_total) == (run, 1, 1)


def test_of_many_uses_by_one_run_the_first_are_listed_and_all_counted(
    sessions: sessionmaker[Session],
) -> None:
    _, task = run_with_task(sessions)
    fetched(sessions, task, *(f"http://a/{number}" for number in range(SHOWN + 30)))
    for number in range(SHOWN + 2):
        made(sessions, task, f"Sales {number}")

    with sessions() as session:
        (found,) = origins(session, SHA256, before=None, limit=10)

    assert [one.snapshot.position for one in found.fetched] == list(range(SHOWN))
    assert [one.report.name for one in found.made] == [f"Sales {number}" for number in range(SHOWN)]
    assert (found.made_total, found.fetched_total) == (SHOWN + 2, SHOWN + 30)


def test_pages_go_on_where_the_last_one_ended(sessions: sessionmaker[Session]) -> None:
    runs = []
    for number in range(5):
        run, task = run_with_task(sessions)
        runs.append(run)
        if number % 2:
            made(sessions, task)
        else:
            fetched(sessions, task, "http://a")

    with sessions() as session:
        first = origins(session, SHA256, before=None, limit=3)
        rest = origins(session, SHA256, before=first[-1].run.id, limit=3)
        none = origins(session, SHA256, before=rest[-1].run.id, limit=3)

    assert [one.run.id for one in first + rest] == runs[::-1]
    assert none == []


def test_a_file_that_no_run_knows_is_said_so(sessions: sessionmaker[Session]) -> None:
    run, task = run_with_task(sessions)
    made(sessions, task)

    with sessions() as session:
        for before in (None, run):
            with pytest.raises(UnknownFile, match=r"0{64}; one that was opened and saved again"):
                origins(session, "0" * 64, before=before, limit=10)


def test_a_file_is_found_by_index_among_many(engine: Engine, sessions: sessionmaker[Session]) -> None:
    _, task = run_with_task(sessions)
    report = made(sessions, task)
    fetched(sessions, task, "http://a")
    others = [f"{number:064x}" for number in range(5_000)]
    row = {column.name: getattr(report, column.key) for column in table_of(Report).columns}
    reports = [
        row | {"id": new_id(), "sha256": one, "name": one, "version": place}
        for place, one in enumerate(others, start=2)
    ]
    with sessions.begin() as session:
        file = {"bytes": 1, "media_type": "text/plain", "created_at": NOW}
        session.execute(insert(File), [file | {"sha256": one} for one in others])
        session.execute(insert(Report), reports)
    with sessions.begin() as session:
        some = [
            Fetched(place, "http://b", 200, "", None, NOW, one, 1)
            for place, one in enumerate(others, start=1)
        ]
        record_snapshots(session, held_task(session, task), some)
    gather_statistics(engine)

    with listening(engine) as heard, sessions() as session:
        origins(session, SHA256, before=None, limit=10)

    plans = {text: explain(engine, statement) for (_, text), statement in heard.statements.items()}
    whole = {
        text: plan
        for text, plan in plans.items()
        for line in whole_reads([step.strip() for step in plan])
        if any(name in line for name in ("reports", "snapshots"))
    }
    assert len(plans) >= 4
    assert whole == {}
    first = "\n".join(next(iter(plans.values())))
    assert "ix_reports_sha256" in first
    assert "ix_snapshots_sha256" in first

"""Pruning beside attempts that store the same bytes at that moment. Real threads, on both databases and stores."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session, sessionmaker

from pipelines.graph import Need, Node
from pipelines.runs.claims import Attempt
from pipelines.runs.complete import Result, succeed
from pipelines.runs.records import Document
from pipelines.sources.snapshots import Recorder
from presstime.artifacts import Artifacts
from presstime.clock import utc_now
from presstime.database import create_engine, create_sessions
from tests.support.runs.graphs import advanced, claimed, submitted, tasks_of
from tests.support.runs.past import Past
from tests.support.servers.postgres import PostgresServer
from tests.support.waiting import until

BODIES = (b"an empty page", b"the list of regions", b"the same table as yesterday")
ATTEMPTS, PRUNES, THREADS = 15, 3, 3


def begun(sessions: sessionmaker[Session], *nodes: Node) -> Attempt:
    run_id = submitted(sessions, *(nodes or (Node("fetch", "extract"),)))
    attempt = claimed(sessions, tasks_of(sessions, run_id, "fetch")[0])
    assert attempt is not None
    return attempt


def fetched(store: Artifacts) -> Result:
    recorder = Recorder(store, utc_now)
    for body in BODIES:
        recorder.record("https://example.org", 200, "text/plain", None, body)
    stored = store.put_bytes(b"the same workbook", "text/plain")
    return Result(
        snapshots=recorder.snapshots,
        documents=[Document(stored, f"book {threading.get_ident()}", "b.xlsx", "xlsx")],
    )


def work(past: Past, pruned: threading.Event) -> int:
    """Runs of one step, which are old at once, and runs of two, which never end. How many in all.

    It goes on until pruning has come by often enough, however slow that is.
    """
    number = 0
    while number < ATTEMPTS or not pruned.is_set():
        second = Node("after", "transform", needs=(Need("fetch", "data"),))
        attempt = begun(past.sessions, Node("fetch", "extract"), *([second] if number % 5 == 0 else []))
        result = fetched(past.artifacts)
        with past.sessions.begin() as session:
            assert succeed(session, attempt, result)
        if number % 5:
            advanced(past.sessions, attempt.run_id)
        number += 1
    return number


def test_attempts_that_store_the_same_bytes_lose_nothing(past_anywhere: Past) -> None:
    past = past_anywhere
    begun(past.sessions)  # its pipeline
    past.now = utc_now() + timedelta(days=400)  # for which whatever has ended is old, and every file a day
    pruned = threading.Event()
    with ThreadPoolExecutor(THREADS) as pool:
        working = [pool.submit(work, past, pruned) for _ in range(THREADS)]
        try:
            for _ in range(PRUNES):
                past.prune(settled=past.database_time())
                assert past.broken() == []
        finally:
            pruned.set()
        submitted_runs = 1 + sum(one.result() for one in working)

    past.prune(settled=past.database_time())
    assert past.broken() == []
    runs = past.inventory()["runs"]
    assert 1 + THREADS * ATTEMPTS // 5 <= runs < submitted_runs, "some went, some stay for ever"


@contextmanager
def before(engine: Engine, statement: str, then: Callable[[], object]) -> Iterator[None]:
    """Do something in the middle of a transaction, once, before it sends that statement."""
    waiting = [then]

    def look(connection: object, cursor: object, sent: str, *rest: object) -> None:
        if sent.startswith(statement) and waiting:
            waiting.pop()()

    event.listen(engine, "before_cursor_execute", look)
    yield
    event.remove(engine, "before_cursor_execute", look)


@pytest.fixture
def postgres_past(postgres: PostgresServer, artifacts: Artifacts) -> Iterator[Past]:
    with postgres.database_with_tables() as url:
        engine = create_engine(url)
        yield Past(create_sessions(engine), artifacts)
        engine.dispose()


def own_engine(past: Past) -> Engine:
    """For the attempt alone, so that what happens in the middle of its transaction is not its own doing."""
    engine: Engine = past.sessions.kw["bind"]
    return create_engine(engine.url.render_as_string(hide_password=False))


def blocked(past: Past) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with past.sessions() as session:
        return bool(session.scalar(text(query)))


def test_a_file_about_to_be_referred_to_is_left_alone(postgres_past: Past) -> None:
    past = postgres_past
    past.run(0)
    past.run(400, fetched=BODIES)
    attempt, engine = begun(past.sessions), own_engine(past)
    result = fetched(past.artifacts)

    with (
        before(engine, "INSERT INTO snapshots", past.prune),
        create_sessions(engine).begin() as session,
    ):
        assert succeed(session, attempt, result)

    engine.dispose()
    past.prune(settled=past.database_time())
    assert past.broken() == []
    assert past.files() == {*BODIES, b"the same workbook"}


def test_a_row_that_pruning_removes_at_that_moment_is_written_anew(postgres_past: Past) -> None:
    """Pruning has found it without a reference and locked it; the attempt comes before it is gone."""
    past = postgres_past
    past.run(0)
    past.run(400, fetched=BODIES)
    attempt, engine = begun(past.sessions), own_engine(past)
    result = fetched(past.artifacts)
    recording: list[Future[None]] = []
    with ThreadPoolExecutor(1) as pool:

        def let_it_come() -> None:
            recording.append(pool.submit(record, engine, attempt, result))
            until(lambda: blocked(past) or recording[0].done(), "the attempt to wait for pruning")

        with before(past.sessions.kw["bind"], "DELETE FROM files", let_it_come):
            past.prune()
        recording[0].result()

    engine.dispose()
    past.prune(settled=past.database_time())
    assert past.broken() == []
    assert past.files() == {*BODIES, b"the same workbook"}


def record(engine: Engine, attempt: Attempt, result: Result) -> None:
    with create_sessions(engine).begin() as session:
        assert succeed(session, attempt, result)


def test_a_report_about_to_be_superseded_is_waited_for(postgres_past: Past) -> None:
    past = postgres_past
    past.run(0, pipeline="bare")
    past.run(400, pipeline="bare", report=b"version 1")
    attempt, engine = begun(past.sessions), own_engine(past)
    document = Document(past.artifacts.put_bytes(b"version 2", "text/plain"), "book", "book.xlsx", "xlsx")
    pruning: list[Future[Any]] = []
    with ThreadPoolExecutor(1) as pool:

        def prune_now() -> None:
            pruning.append(pool.submit(past.prune))
            until(lambda: blocked(past) or pruning[0].done(), "pruning to wait for the attempt")

        with before(engine, "INSERT INTO reports", prune_now), create_sessions(engine).begin() as session:
            assert succeed(session, attempt, Result(documents=[document]))
        pruning[0].result()

    engine.dispose()
    with past.sessions() as session:
        rows = session.execute(text("SELECT version, supersedes FROM reports")).all()
    assert [tuple(row) for row in rows] == [(2, None)]
    assert past.broken() == []

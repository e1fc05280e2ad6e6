"""A request that comes twice makes one run, on both databases, even when it comes twice at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from pipelines.graph import Graph, Node
from pipelines.runs.idempotency import KeyReused, submit_once
from pipelines.runs.outbox import take_enqueued
from pipelines.runs.request import Origin, RunRequest
from pipelines.runs.submit import submit
from presstime.clock import utc_now
from presstime.models import IdempotencyKey, OutboxMessage, PipelineRow, Run, Task, Trigger

ONE, OTHER = "1" * 64, "2" * 64  # digests of requests


@pytest.fixture(autouse=True)
def pipeline(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add(
            PipelineRow(
                name="sales",
                title="Sales",
                description="",
                source="sales.py",
                timezone="UTC",
                created_at=utc_now(),
            )
        )


def maker(session: Session) -> Callable[[], Run]:
    request = RunRequest(
        pipeline="sales",
        graph=Graph((Node("rows", "extract"),)),
        code_version="1",
        file_sha256="0" * 64,
        timezone="UTC",
        as_of=utc_now(),
        origin=Origin(Trigger.API),
    )
    return lambda: submit(session, request, lambda output: [])


def count(sessions: sessionmaker[Session], table: type[Run | Task | OutboxMessage | IdempotencyKey]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_key_gives_the_run_that_it_made(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        first = submit_once(session, "monday", ONE, maker(session)).id
    with sessions.begin() as session:
        again = submit_once(session, "monday", ONE, maker(session)).id
        assert take_enqueued(session) == []

    assert again == first
    assert count(sessions, Run) == 1


def test_a_key_is_refused_for_another_request(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        submit_once(session, "monday", ONE, maker(session))

    with pytest.raises(KeyReused, match="new key"), sessions.begin() as session:
        submit_once(session, "monday", OTHER, maker(session))

    assert count(sessions, Run) == 1


def test_a_request_that_fails_leaves_its_key_free(sessions: sessionmaker[Session]) -> None:
    def fail() -> Run:
        raise LookupError("no such pipeline")

    with pytest.raises(LookupError), sessions.begin() as session:
        submit_once(session, "monday", ONE, fail)

    assert count(sessions, IdempotencyKey) == 0
    with sessions.begin() as session:
        submit_once(session, "monday", OTHER, maker(session))
    assert count(sessions, Run) == 1


def test_requests_at_the_same_moment_make_one_run_and_send_it_once(sessions: sessionmaker[Session]) -> None:
    together = threading.Barrier(8)
    sent: list[int] = []

    def request(number: int) -> UUID:
        together.wait()
        with sessions() as session:
            with session.begin():
                run = submit_once(session, "monday", ONE, maker(session)).id
            sent.extend(row.id for row in take_enqueued(session))
        return run

    with ThreadPoolExecutor(8) as pool:
        runs = set(pool.map(request, range(8)))

    assert len(runs) == 1
    assert (count(sessions, Run), count(sessions, Task), count(sessions, OutboxMessage)) == (1, 1, 1)
    assert len(sent) == 1


def test_of_two_requests_with_one_key_the_later_is_told_apart(sessions: sessionmaker[Session]) -> None:
    """The first has not committed yet when the second finds no key; only the insert shows who was first."""
    answers: list[str] = []

    def second() -> None:
        try:
            with sessions.begin() as session:
                submit_once(session, "monday", OTHER, maker(session))
        except KeyReused as error:
            answers.append(error.key)

    with sessions.begin() as session:
        submit_once(session, "monday", ONE, maker(session))
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(timeout=0.3)
        assert thread.is_alive()
    thread.join()

    assert answers == ["monday"]
    assert count(sessions, Run) == 1

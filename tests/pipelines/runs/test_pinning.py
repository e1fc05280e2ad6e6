"""Which earlier run a new one builds on: the newest that fits, chosen once, kept until it is needed no more."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session, sessionmaker

from pipelines.graph import Node, in_order
from pipelines.interval import parse_interval, preceding
from pipelines.runs.pinning import pinned_run
from pipelines.runs.request import Origin, RunRequest
from pipelines.runs.submit import submit
from presstime.artifacts import Artifacts
from presstime.database import create_engine, create_sessions, database_now
from presstime.models import Run, RunState, TaskState, Trigger
from presstime.models.tables import RUNS, TASKS
from tests.support.runs.graphs import NOW, claimed, expire, read_items, run_of, tasks_of
from tests.support.runs.past import Past, ensure_pipeline
from tests.support.servers.postgres import PostgresServer

Sessions = sessionmaker[Session]
FIGURES = Node("figures", "transform")
BUILDS = Node("report", "transform", previous=("figures",))
ZONE = "America/New_York"


def made(
    sessions: Sessions,
    interval: str | None = None,
    *,
    params: dict[str, Any] | None = None,
    nodes: Sequence[Node] = (FIGURES, BUILDS),
) -> UUID:
    """A run that has just been submitted."""
    with sessions.begin() as session:
        ensure_pipeline(session, "sales")
        return submit(session, request(interval, params=params, nodes=nodes), read_items).id


def request(
    interval: str | None = None,
    *,
    params: dict[str, Any] | None = None,
    nodes: Sequence[Node] = (FIGURES, BUILDS),
) -> RunRequest:
    return RunRequest(
        pipeline="sales",
        graph=in_order(nodes),
        code_version="1",
        file_sha256="0" * 64,
        timezone=ZONE,
        as_of=NOW,
        origin=Origin(Trigger.CLI),
        params=params or {},
        interval=parse_interval(interval, "month", ZONE) if interval else None,
    )


def ended(sessions: Sessions, interval: str | None = None, state: str = "succeeded", **given: Any) -> UUID:
    """A run whose steps all gave what tells it from others."""
    run_id = made(sessions, interval, **given)
    with sessions.begin() as session:
        session.execute(
            update(TASKS)
            .where(TASKS.c.run_id == run_id)
            .values(state=TaskState.SUCCEEDED, output={"kind": "json", "text": f'"{run_id}"'})
        )
        session.execute(
            update(RUNS).where(RUNS.c.id == run_id).values(state=state, finished_at=database_now())
        )
    return run_id


def pinned(sessions: Sessions, run_id: UUID) -> UUID | None:
    return pinned_run(run_of(sessions, run_id).pins, "figures")


def test_the_newest_success_of_the_interval_before_with_the_same_parameters_is_pinned(
    sessions: Sessions,
) -> None:
    shop = {"shop": "Harbour"}
    ended(sessions, "2026-02", params=shop)
    wanted = ended(sessions, "2026-02", params=shop)
    ended(sessions, "2026-02", "failed", params=shop)
    made(sessions, "2026-02", params=shop)  # which is still to run
    ended(sessions, "2026-02", params={"shop": "Market"})
    for other in ("2026-01", "2026-03", "2026-02-01", "2026"):
        ended(sessions, other, params=shop)

    assert pinned(sessions, made(sessions, "2026-03", params=shop)) == wanted


def test_an_old_period_that_was_made_late_is_still_the_one_before(sessions: Sessions) -> None:
    ended(sessions, "2026-02")
    wanted = ended(sessions, "2025-12")

    assert pinned(sessions, made(sessions, "2026-01")) == wanted
    assert pinned(sessions, made(sessions, "2025-12")) is None


def test_without_an_interval_it_is_the_newest_success_with_the_same_parameters(sessions: Sessions) -> None:
    ended(sessions, params={"a": 1, "b": "ä"})
    wanted = ended(sessions, params={"a": 1, "b": "ä"})
    ended(sessions, params={"a": 2, "b": "ä"})
    ended(sessions, state="cancelled", params={"a": 1, "b": "ä"})
    ended(sessions, "2026-02", params={"a": 1, "b": "ä"})

    assert pinned(sessions, made(sessions, params={"a": 1, "b": "ä"})) == wanted


def test_a_run_that_had_no_such_step_or_had_it_in_another_form_is_none(sessions: Sessions) -> None:
    ended(sessions, nodes=[BUILDS])
    ended(sessions, nodes=[Node("figures", "transform", mapped=True, items=('"a"',)), BUILDS])

    assert pinned(sessions, made(sessions)) is None


def test_a_run_that_takes_nothing_from_before_pins_nothing(sessions: Sessions) -> None:
    ended(sessions)

    assert run_of(sessions, made(sessions, nodes=[FIGURES])).pins == {}


def test_every_attempt_gets_the_same_results_whatever_succeeds_meanwhile(sessions: Sessions) -> None:
    before = ended(sessions)
    run_id = made(sessions)
    (task,) = tasks_of(sessions, run_id, "report")

    given = []
    for _ in range(2):
        with sessions.begin() as session:
            session.execute(update(TASKS).where(TASKS.c.id == task.id).values(state=TaskState.READY))
        attempt = claimed(sessions, task)
        assert attempt is not None
        given.append([part.output for part in attempt.previous["figures"]])
        expire(sessions, task)
        ended(sessions)

    assert given == [[{"kind": "json", "text": f'"{before}"'}]] * 2


def test_a_mapped_step_is_handed_on_item_by_item_in_its_order(sessions: Sessions) -> None:
    mapped = Node("figures", "transform", mapped=True, items=('"b"', '"a"', '"c"'))
    before = ended(sessions, nodes=[mapped, BUILDS])
    skipped = tasks_of(sessions, before, "figures")[2]
    with sessions.begin() as session:
        session.execute(
            update(TASKS).where(TASKS.c.id == skipped.id).values(state=TaskState.SKIPPED, output=None)
        )
    run_id = made(sessions, nodes=[mapped, BUILDS])
    with sessions.begin() as session:
        session.execute(update(TASKS).where(TASKS.c.step == "report").values(state=TaskState.READY))

    attempt = claimed(sessions, tasks_of(sessions, run_id, "report")[0])
    assert attempt is not None
    assert [part.item for part in attempt.previous["figures"]] == ['"b"', '"a"']


def test_what_a_run_builds_on_outlives_its_time(sessions: Sessions, artifacts: Artifacts) -> None:
    past = Past(sessions, artifacts)
    older, old = past.run(30), past.run(20)
    with sessions.begin() as session:
        session.execute(update(RUNS).values(graph=in_order([FIGURES]).to_json()))
    run_id = made(sessions)
    assert pinned(sessions, run_id) == old
    ended(sessions, params={"newer": True})

    past.prune()

    assert past.with_frames() == {old}
    assert run_of(sessions, older).results_pruned_at is not None
    assert pinned(sessions, made(sessions)) == old


def test_what_the_next_period_will_be_compared_with_stays_for_each_set_of_parameters(
    sessions: Sessions, artifacts: Artifacts
) -> None:
    past = Past(sessions, artifacts)
    graph = in_order([FIGURES, BUILDS]).to_json()
    kept = {}
    for days, shop, month in ((50, "A", 9), (40, "B", 10), (39, "A", 10), (30, "C", 8), (29, "A", 8)):
        kept[shop, month] = run_id = past.run(days)
        start = datetime(2026, month, 1, tzinfo=UTC)
        of_month = {"interval_start": start, "interval_end": start + timedelta(days=31)}
        with sessions.begin() as session:
            session.execute(
                update(RUNS).where(RUNS.c.id == run_id).values(graph=graph, params={"shop": shop}, **of_month)
            )

    past.prune()

    newest = kept["A", 8]  # of the pipeline as a whole
    assert past.with_frames() == {kept["A", 10], kept["B", 10], kept["C", 8], newest}


def test_results_that_are_being_removed_are_not_built_on(sessions: Sessions) -> None:
    kept, going = ended(sessions), ended(sessions)

    with ThreadPoolExecutor(1) as pool, sessions.begin() as session:
        session.get_one(Run, going, with_for_update=True)
        run = pool.submit(made, sessions)
        with pytest.raises(TimeoutError):
            run.result(timeout=0.3)
        session.execute(update(RUNS).where(RUNS.c.id == going).values(results_pruned_at=database_now()))
        session.commit()
        assert pinned(sessions, run.result(timeout=30)) == kept


@pytest.mark.parametrize(
    ("interval", "before"),
    [
        ("2026-03", "2026-02"),
        ("2026-01", "2025-12"),
        ("2026-Q1", "2025-Q4"),
        ("2026", "2025"),
        ("2026-W01", "2025-W52"),
        ("2026-03-09", "2026-03-08"),
        ("2026-03-09T00", "2026-03-08T23"),
        ("2026-11-01T01-0500", "2026-11-01T01-0400"),
        ("2026-03-09/2026-03-11", "2026-03-07--2026-03-09"),
        ("2026-01-01/2026-06-01", "2025-08-03--2026-01-01"),
    ],
)
def test_the_period_before_is_as_long_on_the_clocks_of_its_zone(interval: str, before: str) -> None:
    found = preceding(parse_interval(interval, "month", ZONE))
    assert found.label == before
    assert found.end == parse_interval(interval, "month", ZONE).start


def test_the_day_before_one_after_the_clocks_changed_has_its_own_hours() -> None:
    found = preceding(parse_interval("2026-03-09", "day", ZONE))
    assert found.end.astimezone(UTC) - found.start.astimezone(UTC) == timedelta(hours=23)
    assert found.start.astimezone(UTC) == datetime(2026, 3, 8, 5, tzinfo=UTC)


def test_states_that_are_no_success_are_never_pinned(sessions: Sessions) -> None:
    for state in RunState:
        if state is not RunState.SUCCEEDED:
            ended(sessions, state=state.value)

    assert pinned(sessions, made(sessions)) is None


def test_runs_that_build_on_the_same_one_do_not_wait_for_each_other(postgres: PostgresServer) -> None:
    with postgres.database_with_tables() as url:
        engine = create_engine(url)
        sessions = create_sessions(engine)
        before = ended(sessions, "2026-02")
        with sessions.begin() as first, sessions.begin() as second:
            second.execute(text("SET LOCAL lock_timeout = '5s'"))
            runs = [submit(session, request("2026-03"), read_items) for session in (first, second)]
            assert [pinned_run(run.pins, "figures") for run in runs] == [before, before]
        engine.dispose()

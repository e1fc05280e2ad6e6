"""The broker delivers messages of a chord again while their tasks still run. On both databases, with no keeper."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from presstime.models import RunState, Stage, TaskState
from tests.support.installations.witness import Witness

JOIN = """
@p.extract(over=["a", "b", "c"])
def each(name: str) -> str:
    note("began", name)
    wait_for("go")
    note("ended", name)
    return name


@p.transform
def together(each: list[str]) -> str:
    note("together", "".join(each))
    return "".join(each)
"""
HEADER = 3


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def witness(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    url = request.getfixturevalue("postgres").create_database() if request.param == "postgresql" else ""
    with Witness(tmp_path_factory.mktemp("redelivery"), url, lease_seconds="600") as made:
        made.start("worker", "worker", "--concurrency", str(HEADER + 1))  # one is left for what comes again
        yield made


def deliver_again(witness: Witness) -> int:
    """What the Redis transport does when a visibility timeout ends: all that is unacknowledged comes back."""
    before = len(witness.messages())
    with witness.app.connection_for_write(transport_options={"visibility_timeout": 0}) as connection:
        channel: Any = connection.default_channel  # its types do not know Redis
        channel.qos.restore_visible(num=100, interval=1)
    return before


def stage_of_header(witness: Witness, run_id: UUID) -> Stage:
    with witness.runtime.sessions() as session:
        return session.scalars(select(Stage).where(Stage.run_id == run_id, Stage.size == HEADER)).one()


def test_a_header_delivered_twice_while_it_runs_is_executed_once_and_joins_once(witness: Witness) -> None:
    run_id = witness.run("join", JOIN)
    witness.wait_noted("began", times=HEADER)

    assert deliver_again(witness) == HEADER
    # Each second copy returns at once, and the chord counts it as done: its body comes while all three work.
    stage: Stage = witness.wait(
        "advance to come early",
        lambda: (found := stage_of_header(witness, run_id)).seen_at is not None and found,
    )

    assert (stage.open_tasks, stage.closed_at, stage.published) == (HEADER, None, 1)
    assert witness.noted("ended") == []
    assert witness.task(run_id, "together").state is TaskState.PENDING
    witness.open("go")
    assert witness.finished(run_id).state is RunState.SUCCEEDED
    witness.app.signature("presstime.advance", args=(str(run_id), str(stage.id))).apply_async()
    witness.wait("the second advance to be done", lambda: not waiting(witness) and not witness.messages())
    assert_once(witness, run_id)


def waiting(witness: Witness) -> list[dict[str, Any]]:
    with witness.app.connection_for_read() as connection:
        channel: Any = connection.default_channel
        return [json.loads(one) for one in channel.client.lrange("control", 0, -1)]


def assert_once(witness: Witness, run_id: UUID) -> None:
    for what in ("began", "ended"):
        assert sorted(one.words for one in witness.noted(what)) == [("a",), ("b",), ("c",)]
    assert [one.words for one in witness.noted("together")] == [("abc",)]
    tasks = [*witness.tasks(run_id, "each"), witness.task(run_id, "together")]
    assert {(task.state, task.attempt, task.errors, task.losses) for task in tasks} == {
        (TaskState.SUCCEEDED, 1, 0, 0)
    }
    with witness.runtime.sessions() as session:
        stages = session.scalars(select(Stage).where(Stage.run_id == run_id).order_by(Stage.number)).all()
    assert [(stage.size, stage.open_tasks, stage.published) for stage in stages] == [
        (HEADER, 0, 1),
        (1, 0, 1),
    ]
    assert all(stage.closed_at is not None for stage in stages)
    assert len(witness.events(run_id, "run.succeeded")) == 1

"""Runs that wait for other runs of their pipeline, and tasks for others that use the same resource."""

import threading
from uuid import UUID

import pytest
from sqlalchemy.orm import Session, sessionmaker

from pipelines.graph import Node
from pipelines.runs.complete import Result, succeed
from pipelines.runs.operations import cancel
from presstime.models import Intent, OutboxMessage, RunState, Task, TaskState, Trigger
from tests.support.runs.graphs import (
    OTHER,
    advanced,
    asked_of,
    claimed,
    done,
    run_of,
    submitted,
    tasks_of,
)

Sessions = sessionmaker[Session]
ONE, TWO = {"max_runs": 1}, {"max_runs": 2}


def a_run(sessions: Sessions, most: dict[str, int], trigger: Trigger = Trigger.SCHEDULE) -> UUID:
    return submitted(sessions, Node(name="a", kind="extract"), trigger=trigger, policies=most)


def waits(sessions: Sessions, run_id: UUID) -> bool:
    return tasks_of(sessions, run_id, "a")[0].stage_id is None


def ended(sessions: Sessions, run_id: UUID) -> None:
    assert done(sessions, tasks_of(sessions, run_id, "a")[0])
    advanced(sessions, run_id)
    assert run_of(sessions, run_id).state is RunState.SUCCEEDED


def woken(sessions: Sessions) -> list[UUID]:
    """The runs that were asked to go on, once each; as the publisher would, take them to their next look."""
    rows = [row for row in asked_of(sessions) if row.intent is Intent.ADVANCE]
    with sessions.begin() as session:
        for row in rows:
            session.delete(session.get_one(OutboxMessage, row.id))
    for row in rows:
        advanced(sessions, row.run_id)
    return [row.run_id for row in rows]


def test_as_many_runs_of_a_pipeline_are_under_way_as_may(sessions: Sessions) -> None:
    first, second, third = (a_run(sessions, TWO) for _ in range(3))

    assert [waits(sessions, run) for run in (first, second, third)] == [False, False, True]
    ended(sessions, second)
    assert woken(sessions) == [third]
    assert not waits(sessions, third)


def test_runs_of_other_pipelines_do_not_count(sessions: Sessions) -> None:
    a_run(sessions, ONE)
    other = submitted(sessions, Node(name="a", kind="extract"), name="other", policies=ONE)

    assert not waits(sessions, other)


def test_a_run_that_somebody_waits_for_is_let_in_first(sessions: Sessions) -> None:
    first, scheduled = a_run(sessions, ONE), a_run(sessions, ONE)
    asked = a_run(sessions, ONE, Trigger.API)

    ended(sessions, first)

    assert woken(sessions) == [asked]
    assert waits(sessions, scheduled)
    ended(sessions, asked)
    assert woken(sessions) == [scheduled]


def test_a_cancelled_run_makes_room_and_one_that_waited_needs_none(sessions: Sessions) -> None:
    first, second, third = (a_run(sessions, ONE) for _ in range(3))

    for run in (second, first):
        with sessions.begin() as session:
            cancel(session, run, "ann")

    assert third in woken(sessions)
    assert not waits(sessions, third)


def test_an_early_look_lets_nobody_in(sessions: Sessions) -> None:
    a_run(sessions, ONE)
    second = a_run(sessions, ONE)

    advanced(sessions, second)

    assert waits(sessions, second)


def test_runs_asked_for_at_the_same_instant_do_not_both_slip_in(sessions: Sessions) -> None:
    a_run(sessions, ONE)  # the pipeline's row is there
    ended(sessions, next(iter(run for run in [a_run(sessions, {"max_runs": 2})])))
    ready = threading.Barrier(4)
    made: list[UUID] = []

    def ask() -> None:
        ready.wait()
        made.append(a_run(sessions, {"max_runs": 2}))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(not waits(sessions, run) for run in made) == 1


@pytest.mark.parametrize("most", [1, 2])
def test_a_resource_is_shared_by_runs_and_pipelines(sessions: Sessions, most: int) -> None:
    site = Node(name="a", kind="extract", resource="site", resource_limit=most)
    runs = [submitted(sessions, site, name=name) for name in ("one", "two", "three")]
    tasks = [tasks_of(sessions, run, "a")[0] for run in runs]

    attempts = [claimed(sessions, task, worker=OTHER) for task in tasks]

    held = [attempt for attempt in attempts if attempt is not None]
    assert len(held) == most
    before = len(asked_of(sessions))
    with sessions.begin() as session:
        assert succeed(session, held[0], Result(output={"rows": 1}))
    assert [(row.intent, row.task_id) for row in asked_of(sessions)[before:]] == [
        (Intent.TASK, tasks[most].id)
    ]
    assert done(sessions, tasks[most])


def test_a_shared_resource_counts_right_when_many_ask_at_once(sessions: Sessions) -> None:
    site = Node(name="a", kind="extract", resource="site", resource_limit=2)
    tasks = [tasks_of(sessions, submitted(sessions, site), "a")[0] for _ in range(6)]
    ready = threading.Barrier(len(tasks))
    taken: list[UUID] = []

    def take(number: int) -> None:
        ready.wait()
        if claimed(sessions, tasks[number]) is not None:
            taken.append(tasks[number].id)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == 2


def turned_away(sessions: Sessions, *triggers: Trigger) -> tuple[UUID | None, list[UUID]]:
    """Let runs wait for a site that another run holds and then lets go: the task that is sent again, and all."""
    site = Node(name="a", kind="extract", resource="site", resource_limit=1)
    holder = claimed(sessions, tasks_of(sessions, submitted(sessions, site), "a")[0], worker=OTHER)
    assert holder is not None
    tasks = [tasks_of(sessions, submitted(sessions, site, trigger=trigger), "a")[0] for trigger in triggers]
    for task in reversed(tasks):
        assert claimed(sessions, task) is None
    before = len(asked_of(sessions))
    with sessions.begin() as session:
        assert succeed(session, holder, Result(output={"rows": 1}))
    (message,) = asked_of(sessions)[before:]
    return message.task_id, [task.id for task in tasks]


def test_a_free_slot_goes_to_the_run_that_somebody_waits_for(sessions: Sessions) -> None:
    chosen, (_, asked) = turned_away(sessions, Trigger.SCHEDULE, Trigger.API)
    assert chosen == asked


def test_among_equals_a_free_slot_goes_to_the_oldest(sessions: Sessions) -> None:
    chosen, (oldest, _) = turned_away(sessions, Trigger.SCHEDULE, Trigger.SCHEDULE)
    assert chosen == oldest


def test_a_resource_without_a_limit_turns_nobody_away(sessions: Sessions) -> None:
    site = Node(name="a", kind="extract", resource="site")
    tasks = [tasks_of(sessions, submitted(sessions, site), "a")[0] for _ in range(3)]

    assert all(claimed(sessions, task) for task in tasks)
    with sessions.begin() as session:
        assert session.get_one(Task, tasks[0].id).state is TaskState.RUNNING


def test_a_limit_of_a_step_counts_beside_that_of_its_resource(sessions: Sessions) -> None:
    many = Node("m", "extract", mapped=True, items=('"x"', '"y"'), resource="site", resource_limit=9, limit=1)
    first, second = tasks_of(sessions, submitted(sessions, many), "m")

    assert claimed(sessions, first) is not None
    assert claimed(sessions, second) is None

"""What the keeper puts right, from SQL alone; and that doing it twice does no harm. On both databases."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session, sessionmaker

from bench._cost_history import gather_statistics
from pipelines.graph import Need, Node
from pipelines.runs.complete import Result, succeed
from pipelines.runs.handback import LOSSES
from presstime.clock import utc_now
from presstime.database import database_now
from presstime.models import Intent, OutboxMessage, Run, RunState, Stage, Task, TaskState
from scheduler.repairs import (
    BATCH,
    Hands,
    advance_joined,
    fail_overdue,
    fail_overtime,
    late_schedules,
    requeue_lost,
    resend_pause,
    resend_unclaimed,
)
from tests.support.alarms import add
from tests.support.runs.graphs import (
    advanced,
    asked_of,
    claimed,
    done,
    events_of,
    expire,
    run_of,
    stages_of,
    submitted,
    tasks_of,
)
from tests.support.runs.nodes import chain

Sessions = sessionmaker[Session]


def sent(sessions: Sessions, seconds_ago: float, times: int = 1) -> None:
    """As if every stage had been published then."""
    with sessions.begin() as session:
        session.execute(update(Stage).values(published=times, published_at=database_now(-seconds_ago)))
        for row in session.scalars(select(OutboxMessage)):
            session.delete(row)


def resent(sessions: Sessions, *, since: datetime | None = None, code: str = "1") -> int:
    """Of a broker that has kept its memory, and whose queues are empty; `code` is what is loaded."""
    return resend_unclaimed(
        Hands(sessions, since=since),
        forgotten=False,
        waits=lambda _: False,
        has_code=lambda _, version: version == code,
    )


def test_a_lost_attempt_makes_its_task_ready_in_a_new_stage(sessions: Sessions) -> None:
    run_id = submitted(sessions, *chain("a", "b"))
    (task,) = tasks_of(sessions, run_id, "a")
    assert claimed(sessions, task)
    sent(sessions, 0)
    assert requeue_lost(Hands(sessions)) == 0, "its lease still runs"
    expire(sessions, task)

    assert requeue_lost(Hands(sessions)) == 1
    assert requeue_lost(Hands(sessions)) == 0

    (task,) = tasks_of(sessions, run_id, "a")
    assert (task.state, task.losses, task.errors) == (TaskState.READY, 1, 0)
    assert [row.intent for row in asked_of(sessions)] == [Intent.ADVANCE]
    advanced(sessions, run_id)
    assert done(sessions, tasks_of(sessions, run_id, "a")[0])
    assert done(sessions, tasks_of(sessions, run_id, "b")[0])
    advanced(sessions, run_id)
    assert run_of(sessions, run_id).state is RunState.SUCCEEDED
    assert "task.lost" in [event.kind for event in events_of(sessions, run_id)]


def test_nobody_waits_for_the_join_of_a_stage_that_lost_a_task(sessions: Sessions) -> None:
    both = Node("m", "extract", mapped=True, items=("1", "2"))
    run_id = submitted(sessions, both, Node("sum", "transform", needs=(Need("m", "data"),)))
    lost, other = tasks_of(sessions, run_id, "m")
    assert claimed(sessions, lost)
    attempt = claimed(sessions, other)
    assert attempt is not None
    expire(sessions, lost)
    assert requeue_lost(Hands(sessions)) == 1
    before = len(asked_of(sessions))

    with sessions.begin() as session:
        assert succeed(session, attempt, Result(output={"rows": 1}))

    assert [row.intent for row in asked_of(sessions)[before:]] == [Intent.ADVANCE]


def test_a_task_that_is_lost_again_and_again_fails_the_run(sessions: Sessions) -> None:
    run_id = submitted(sessions, *chain("a", "b"))

    for _ in range(LOSSES + 1):
        (task,) = tasks_of(sessions, run_id, "a")
        assert claimed(sessions, task)
        expire(sessions, task)
        assert requeue_lost(Hands(sessions)) == 1
        advanced(sessions, run_id)

    run = run_of(sessions, run_id)
    assert run.state is RunState.FAILED
    assert run.error is not None
    assert "lost" in run.error


def test_a_join_that_never_came_is_made_up_for(sessions: Sessions) -> None:
    run_id = submitted(sessions, *chain("a"))
    done(sessions, tasks_of(sessions, run_id, "a")[0])
    sent(sessions, 60)
    assert advance_joined(Hands(sessions)) == 0, "it may still be on its way"
    with sessions.begin() as session:
        session.execute(update(Stage).values(closed_at=database_now(-10)))

    assert advance_joined(Hands(sessions)) == 1
    assert advance_joined(Hands(sessions)) == 0

    assert [(row.intent, row.run_id) for row in asked_of(sessions)] == [(Intent.ADVANCE, run_id)]


def test_what_nobody_claimed_is_sent_again_after_a_pause_that_grows(sessions: Sessions) -> None:
    run_id = submitted(sessions, *chain("a"))
    sent(sessions, 2)
    assert resent(sessions) == 0
    sent(sessions, 6)
    assert resent(sessions) == 1
    assert resent(sessions) == 0, "its row waits already"
    sent(sessions, 6, times=2)
    assert resent(sessions) == 0
    sent(sessions, 11, times=2)
    assert resent(sessions) == 1

    (stage,) = stages_of(sessions, run_id)
    assert [(row.intent, row.stage_id) for row in asked_of(sessions)] == [(Intent.PUBLISH, stage.id)]
    assert resend_pause(1) == 5
    assert resend_pause(20) == 300


def test_a_running_task_is_not_sent_again(sessions: Sessions) -> None:
    run_id = submitted(sessions, *chain("a"))
    assert claimed(sessions, tasks_of(sessions, run_id, "a")[0])
    sent(sessions, 60)

    assert resent(sessions) == 0


@pytest.mark.parametrize(("again", "state"), [(True, TaskState.READY), (False, TaskState.FAILED)])
def test_an_attempt_that_takes_too_long_is_tried_again_only_where_the_step_says_so(
    sessions: Sessions,
    again: bool,  # one of the cases
    state: TaskState,
) -> None:
    run_id = submitted(sessions, Node("a", "extract", retries=1, retry_overtime=again))
    (task,) = tasks_of(sessions, run_id, "a")
    assert claimed(sessions, task) is not None
    with sessions.begin() as session:
        session.execute(update(Task).values(time_limit_at=database_now(-1)))

    assert fail_overtime(Hands(sessions)) == 1

    (task,) = tasks_of(sessions, run_id, "a")
    assert (task.state, task.error_type) == (state, "TimeLimit")


def test_older_runs_are_left_alone_where_that_is_asked(sessions: Sessions) -> None:
    run_id = submitted(sessions, *chain("a"))
    (task,) = tasks_of(sessions, run_id, "a")
    assert claimed(sessions, task)
    expire(sessions, task)
    sent(sessions, 60)
    later = utc_now() + timedelta(seconds=60)

    assert requeue_lost(Hands(sessions, since=later)) == 0
    assert advance_joined(Hands(sessions, since=later)) == 0
    assert resent(sessions, since=later) == 0
    assert requeue_lost(Hands(sessions, since=later - timedelta(hours=1))) == 1


def test_a_run_past_its_deadline_fails_and_says_so(sessions: Sessions) -> None:
    run_id = submitted(sessions, *chain("a", "b"))
    attempt = claimed(sessions, tasks_of(sessions, run_id, "a")[0])
    assert attempt is not None
    assert fail_overdue(Hands(sessions)) == 0
    with sessions.begin() as session:
        session.execute(update(Run).values(deadline_at=database_now(-1)))

    assert fail_overdue(Hands(sessions)) == 1
    assert fail_overdue(Hands(sessions)) == 0

    run = run_of(sessions, run_id)
    assert run.state is RunState.FAILED
    assert run.error is not None
    assert run.error.startswith("not finished by its deadline")
    assert {tasks_of(sessions, run_id, step)[0].state for step in "ab"} == {TaskState.CANCELLED}
    with sessions.begin() as session:
        assert not succeed(session, attempt, Result(output={"too": "late"}))


def test_a_run_whose_code_is_gone_says_so_once(sessions: Sessions) -> None:
    run_id = submitted(sessions, *chain("a"))
    for times in (1, 2, 3):
        sent(sessions, 1000, times)
        resent(sessions, code="2")

    (note,) = run_of(sessions, run_id).notes
    assert "waits for code version 1" in note
    assert [event.kind for event in events_of(sessions, run_id)].count("run.stranded") == 1


def test_a_run_that_merely_waits_for_a_worker_is_not_called_stranded(sessions: Sessions) -> None:
    run_id = submitted(sessions, *chain("a"))
    sent(sessions, 1000, 3)

    resent(sessions, code="1")

    assert run_of(sessions, run_id).notes == []


def test_a_join_of_a_time_before_a_retry_is_not_made_up_for(sessions: Sessions) -> None:
    run_id = submitted(sessions, *chain("a"))
    done(sessions, tasks_of(sessions, run_id, "a")[0])
    with sessions.begin() as session:
        session.execute(update(Stage).values(closed_at=database_now(-10)))
        session.execute(
            update(Run).values(generation=Run.generation + 1)
        )  # as a retry leaves its stages behind

    assert advance_joined(Hands(sessions)) == 0


@pytest.mark.parametrize(
    ("forgotten", "waits", "seconds_ago", "again"),
    [
        (False, False, 6, 1),
        (False, True, 6, 0),  # its messages stand in a queue, behind others
        (True, True, 6, 1),  # what a broker has forgotten stands nowhere
        (True, False, 2, 1),  # nor is there anything to wait for
        (False, False, 2, 0),
        (True, False, -5, 0),  # sent since
    ],
)
def test_what_is_sent_again_depends_on_what_the_broker_still_has(
    sessions: Sessions,
    forgotten: bool,  # one of the cases
    waits: bool,
    seconds_ago: float,
    again: int,
) -> None:
    run_id = submitted(sessions, *chain("a"))
    sent(sessions, seconds_ago)

    resends = resend_unclaimed(
        Hands(sessions), forgotten=forgotten, waits=lambda _: waits, has_code=lambda *_: True
    )

    assert resends == again
    reasons = [event.data.get("why") for event in events_of(sessions, run_id) if event.kind == "stage.resent"]
    assert reasons == (["the broker lost its memory" if forgotten else None] if again else [])


def test_schedules_that_wait_longest_are_woken_first(sessions: Sessions, engine: Engine) -> None:
    ids = [
        add(sessions, f"s{number:03}", next_at=utc_now() - timedelta(seconds=60 + number))
        for number in range(BATCH + 2)
    ]
    add(sessions, "of-a-beat", next_at=utc_now() - timedelta(seconds=1))

    gather_statistics(engine)  # so that PostgreSQL reads the table in the order of its rows

    assert late_schedules(sessions) == ids[2:], (
        "the two that are due since shortest are left to the next round"
    )

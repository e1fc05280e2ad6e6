"""The life of a run in SQL: claimed once, completed once, advanced by whoever comes, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from pipelines.graph import Need, Node
from pipelines.runs.complete import Failure, Result, fail, skip, succeed
from pipelines.runs.handback import lose
from pipelines.runs.states import IllegalMove, move_run
from presstime.database import database_now
from presstime.models import Intent, RunState, Stage, Task, TaskState
from tests.support.runs.graphs import (
    OTHER,
    WORKER,
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
from tests.support.runs.nodes import mapped, step

Sessions = sessionmaker[Session]


def test_a_submitted_run_has_its_first_stage_and_what_publishes_it(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"), step("b", "a"))

    (stage,) = stages_of(sessions, run_id)
    assert (stage.kind, stage.size, stage.open_tasks) == ("chain", 2, 2)
    assert [(row.intent, row.stage_id) for row in asked_of(sessions)] == [(Intent.PUBLISH, stage.id)]
    assert [t.state for t in tasks_of(sessions, run_id, "a")] == [TaskState.READY]
    assert [t.state for t in tasks_of(sessions, run_id, "b")] == [TaskState.PENDING]


def test_a_chain_runs_to_its_end_and_its_advance_finishes_the_run(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"), step("b", "a"))

    assert done(sessions, tasks_of(sessions, run_id, "a")[0])
    assert done(sessions, tasks_of(sessions, run_id, "b")[0])
    advanced(sessions, run_id, stages_of(sessions, run_id)[0])

    run = run_of(sessions, run_id)
    assert run.state is RunState.SUCCEEDED
    assert run.finished_at is not None
    numbers = [event.number for event in events_of(sessions, run_id)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert events_of(sessions, run_id)[-1].kind == "run.succeeded"


def test_a_task_is_claimed_by_one_of_many(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"))
    (task,) = tasks_of(sessions, run_id, "a")

    with ThreadPoolExecutor(8) as pool:
        attempts = list(pool.map(lambda _: claimed(sessions, task), range(16)))

    assert [attempt.number for attempt in attempts if attempt] == [1]


def test_a_task_that_waits_for_another_cannot_be_claimed(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"), step("b", "a"))

    assert claimed(sessions, tasks_of(sessions, run_id, "b")[0]) is None


def test_an_attempt_that_lost_its_lease_cannot_write_its_result(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"))
    (task,) = tasks_of(sessions, run_id, "a")
    zombie = claimed(sessions, task)
    assert zombie is not None
    expire(sessions, task)
    assert claimed(sessions, task, OTHER) is None  # only the keeper says that an attempt is lost
    with sessions.begin() as session:
        assert lose(session, zombie, losses=0)
    second = claimed(sessions, task, OTHER)
    assert second is not None

    with sessions.begin() as session:
        assert not succeed(session, zombie, Result(output={"from": "zombie"}))
    with sessions.begin() as session:
        assert succeed(session, second, Result(output={"from": "second"}))

    (task,) = tasks_of(sessions, run_id, "a")
    assert task.output == {"from": "second"}
    assert (task.attempt, task.losses) == (2, 1)


def test_an_attempt_with_a_lease_is_not_taken_over(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"))
    (task,) = tasks_of(sessions, run_id, "a")

    assert claimed(sessions, task, WORKER) is not None
    assert claimed(sessions, task, OTHER) is None


def test_a_worker_without_the_code_leaves_the_task_to_others(sessions: Sessions) -> None:
    from pipelines.runs.claims import claim

    run_id = submitted(sessions, step("a"))
    (task,) = tasks_of(sessions, run_id, "a")

    with sessions.begin() as session:
        assert claim(session, task.id, WORKER, lambda *_: False) is None

    assert tasks_of(sessions, run_id, "a")[0].state is TaskState.READY


def test_an_advance_that_comes_early_leaves_the_last_task_to_ask_for_another(sessions: Sessions) -> None:
    run_id = submitted(sessions, mapped("m", "x", "y"), step("sum", "m"))
    (stage,) = stages_of(sessions, run_id)
    first, last = tasks_of(sessions, run_id, "m")
    done(sessions, first)

    advanced(sessions, run_id, stage)
    assert run_of(sessions, run_id).state is RunState.RUNNING
    assert stages_of(sessions, run_id)[0].seen_at is not None
    before = len(asked_of(sessions))
    done(sessions, last)

    assert [row.intent for row in asked_of(sessions)[before:]] == [Intent.ADVANCE]
    advanced(sessions, run_id)
    assert tasks_of(sessions, run_id, "sum")[0].state is TaskState.READY


def test_an_advance_that_comes_twice_finds_nothing_to_do(sessions: Sessions) -> None:
    run_id = submitted(sessions, mapped("m", "x"), step("sum", "m"))
    done(sessions, tasks_of(sessions, run_id, "m")[0])

    for _ in range(3):
        advanced(sessions, run_id, stages_of(sessions, run_id)[0])

    assert len(stages_of(sessions, run_id)) == 2


def test_two_last_finishers_do_not_miss_each_other(sessions: Sessions) -> None:
    run_id = submitted(sessions, mapped("m", *map(str, range(8))), step("sum", "m"))
    tasks = tasks_of(sessions, run_id, "m")

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda task: done(sessions, task), tasks))

    assert stages_of(sessions, run_id)[0].open_tasks == 0


def test_a_failed_step_is_tried_again_and_takes_its_followers_along(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a", retries=1), step("b", "a"))
    attempt = claimed(sessions, tasks_of(sessions, run_id, "a")[0])
    assert attempt is not None

    with sessions.begin() as session:
        fail(session, attempt, Failure("no answer", "FetchFailed"))

    (task,) = tasks_of(sessions, run_id, "a")
    assert (task.state, task.errors, task.stage_id) == (TaskState.READY, 1, None)
    assert claimed(sessions, task) is None, "it is not due yet"
    with sessions.begin() as session:
        session.execute(update(Task).values(not_before=database_now(-1)).where(Task.id == task.id))
    advanced(sessions, run_id)
    assert [t.place for t in tasks_of(sessions, run_id, "b")] == [1]
    assert done(sessions, tasks_of(sessions, run_id, "a")[0])
    assert done(sessions, tasks_of(sessions, run_id, "b")[0])
    advanced(sessions, run_id)
    assert run_of(sessions, run_id).state is RunState.SUCCEEDED


def test_a_failure_without_another_try_fails_the_run_and_skips_what_hangs_on_it(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"), step("b", "a"), step("alone"))
    attempt = claimed(sessions, tasks_of(sessions, run_id, "a")[0])
    assert attempt is not None
    with sessions.begin() as session:
        fail(session, attempt, Failure("no answer from the site", "FetchFailed"))

    advanced(sessions, run_id)
    assert run_of(sessions, run_id).state is RunState.RUNNING, "the other branch goes on"
    done(sessions, tasks_of(sessions, run_id, "alone")[0])
    advanced(sessions, run_id)

    run = run_of(sessions, run_id)
    assert (run.state, run.error) == (RunState.FAILED, "a: no answer from the site")
    (skipped,) = tasks_of(sessions, run_id, "b")
    assert (skipped.state, skipped.error) == (TaskState.SKIPPED, "'a' failed")


def test_a_step_with_nothing_to_do_leaves_the_run_succeeded(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"), step("b", "a"))
    attempt = claimed(sessions, tasks_of(sessions, run_id, "a")[0])
    assert attempt is not None

    with sessions.begin() as session:
        skip(session, attempt, "it is a holiday", Result())
    advanced(sessions, run_id)

    assert run_of(sessions, run_id).state is RunState.SUCCEEDED
    assert tasks_of(sessions, run_id, "b")[0].error == "'a' had nothing to do"


def test_a_map_over_a_step_gets_a_task_for_each_item(sessions: Sessions) -> None:
    mapped = Node("m", "extract", mapped=True, over="days", needs=(Need("days", "over"),))
    run_id = submitted(sessions, step("days"), mapped, step("sum", "m"))
    done(sessions, tasks_of(sessions, run_id, "days")[0], {"list": ["mon", "tue", "wed"]})

    advanced(sessions, run_id, stages_of(sessions, run_id)[0])

    assert [task.item for task in tasks_of(sessions, run_id, "m")] == ['"mon"', '"tue"', '"wed"']
    assert stages_of(sessions, run_id)[1].kind == "chord"


def test_a_map_over_nothing_goes_straight_on(sessions: Sessions) -> None:
    mapped = Node("m", "extract", mapped=True, over="days", needs=(Need("days", "over"),))
    run_id = submitted(sessions, step("days"), mapped, step("sum", "m"))
    done(sessions, tasks_of(sessions, run_id, "days")[0], {"list": []})

    advanced(sessions, run_id, stages_of(sessions, run_id)[0])

    assert tasks_of(sessions, run_id, "m") == []
    assert tasks_of(sessions, run_id, "sum")[0].state is TaskState.READY


def test_an_item_given_twice_fails_the_run_and_is_named(sessions: Sessions) -> None:
    mapped = Node("m", "extract", mapped=True, over="days", needs=(Need("days", "over"),))
    run_id = submitted(sessions, step("days"), mapped, step("sum", "m"))
    done(sessions, tasks_of(sessions, run_id, "days")[0], {"list": ["mon", "mon"]})

    advanced(sessions, run_id)

    run = run_of(sessions, run_id)
    assert run.state is RunState.FAILED
    assert run.error is not None
    assert '"mon" twice' in run.error


def test_a_long_map_waits_in_two_chords_of_two_hundred_at_a_time(sessions: Sessions) -> None:
    run_id = submitted(sessions, mapped("m", *map(str, range(650))), step("sum", "m"))

    stages = stages_of(sessions, run_id)
    assert [(stage.size, stage.more) for stage in stages] == [(200, True), (200, True)]

    started = next(t for t in tasks_of(sessions, run_id, "m") if t.stage_id == stages[0].id)
    assert claimed(sessions, started) is not None
    advanced(sessions, run_id)
    assert [stage.size for stage in stages_of(sessions, run_id)] == [200, 200, 200]


def finish_chord(sessions: Sessions, stage: Stage, *, failing: int = 0) -> None:
    """As if its tasks had been done; a claim and a result for each of two hundred would take too long here."""
    with sessions.begin() as session:
        ids = session.scalars(select(Task.id).where(Task.stage_id == stage.id).order_by(Task.position)).all()
        for state, some in ((TaskState.FAILED, ids[:failing]), (TaskState.SUCCEEDED, ids[failing:])):
            session.execute(update(Task).where(Task.id.in_(some)).values(state=state))
        session.execute(
            update(Stage).where(Stage.id == stage.id).values(open_tasks=0, started_at=database_now())
        )


def test_the_end_of_a_chord_plans_the_next_one_and_that_of_the_last_goes_on(sessions: Sessions) -> None:
    run_id = submitted(sessions, mapped("m", *map(str, range(650))), step("sum", "m"))

    for ended, planned in ((0, 3), (1, 4), (2, 4)):
        finish_chord(sessions, stages_of(sessions, run_id)[ended])
        advanced(sessions, run_id, stages_of(sessions, run_id)[ended])
        assert len(stages_of(sessions, run_id)) == planned, ended
    assert [stage.size for stage in stages_of(sessions, run_id)] == [200, 200, 200, 50]
    assert tasks_of(sessions, run_id, "sum")[0].state is TaskState.PENDING

    last = stages_of(sessions, run_id)[3]
    finish_chord(sessions, last)
    advanced(sessions, run_id, last)
    assert tasks_of(sessions, run_id, "sum")[0].state is TaskState.READY


def test_a_failed_item_lets_the_others_run(sessions: Sessions) -> None:
    run_id = submitted(sessions, mapped("m", *map(str, range(450))), step("sum", "m"))
    first, _ = stages_of(sessions, run_id)

    finish_chord(sessions, first, failing=1)
    advanced(sessions, run_id, first)

    assert [stage.size for stage in stages_of(sessions, run_id)] == [200, 200, 50]
    for stage in stages_of(sessions, run_id)[1:]:
        assert run_of(sessions, run_id).state is RunState.QUEUED, "items are still to come"
        finish_chord(sessions, stage)
        advanced(sessions, run_id, stage)
    assert run_of(sessions, run_id).state is RunState.FAILED
    assert tasks_of(sessions, run_id, "sum")[0].state is TaskState.SKIPPED


def test_a_limit_turns_tasks_away_until_a_place_is_free(sessions: Sessions) -> None:
    run_id = submitted(sessions, mapped("m", "x", "y", "z", limit=1), step("sum", "m"))
    first, second, third = tasks_of(sessions, run_id, "m")
    attempt = claimed(sessions, first)
    assert attempt is not None

    assert claimed(sessions, second) is None
    assert claimed(sessions, third) is None
    before = len(asked_of(sessions))
    with sessions.begin() as session:
        succeed(session, attempt, Result(output={"rows": 1}))

    assert [(row.intent, row.task_id) for row in asked_of(sessions)[before:]] == [(Intent.TASK, second.id)]
    assert done(sessions, second)


def test_illegal_moves_are_refused(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"))
    run = run_of(sessions, run_id)

    with (
        sessions() as session,
        pytest.raises(IllegalMove, match=f"run {run_id} is in a state that succeeded"),
    ):
        move_run(session, run, RunState.SUCCEEDED)

    assert run_of(sessions, run_id).state is RunState.QUEUED


def test_a_final_run_lets_nothing_in(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"), step("b"))
    attempt = claimed(sessions, tasks_of(sessions, run_id, "a")[0])
    assert attempt is not None
    with sessions.begin() as session:
        move_run(session, run := session.merge(run_of(sessions, run_id)), RunState.CANCELLED)
        assert run.state is RunState.CANCELLED

    assert claimed(sessions, tasks_of(sessions, run_id, "b")[0]) is None
    with sessions.begin() as session:
        assert not succeed(session, attempt, Result(output={"late": True}))


def test_a_stage_is_gone_with_its_tasks_when_its_run_is(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"))

    with sessions.begin() as session:
        session.delete(session.merge(run_of(sessions, run_id)))

    assert tasks_of(sessions, run_id, "a") == []
    with sessions() as session:
        assert session.query(Stage).count() == 0

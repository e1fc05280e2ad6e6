"""What is told of attempts that came to nothing, how long the next one waits, and who may take one back."""

from collections.abc import Sequence

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from pipelines.graph import Node
from pipelines.runs.claims import Worker
from pipelines.runs.complete import Failure, Result, fail, retry_pause
from pipelines.runs.handback import hand_back_in_doubt
from pipelines.runs.listing import failed_attempts
from presstime.database import database_now
from presstime.models import RunState, Task, TaskState
from tests.support.runs.graphs import WORKER, advanced, claimed, done, run_of, submitted, tasks_of

Sessions = sessionmaker[Session]


def failed(sessions: Sessions, task: Task, failure: Failure) -> None:
    attempt = claimed(sessions, task)
    assert attempt is not None
    with sessions.begin() as session:
        assert fail(session, attempt, failure)


def made_due(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.execute(update(Task).values(not_before=database_now(-1)))


def test_what_an_attempt_failed_with_is_told_after_the_next_one_succeeded(sessions: Sessions) -> None:
    run_id = submitted(sessions, Node("a", "extract", retries=1))
    (task,) = tasks_of(sessions, run_id, "a")
    logged = Result(log="asked the site")
    failed(sessions, task, Failure("no answer", "FetchFailed", "Traceback: here", result=logged))
    made_due(sessions)
    advanced(sessions, run_id)
    assert done(sessions, tasks_of(sessions, run_id, "a")[0])

    with sessions() as session:
        (kept,) = failed_attempts(session, task.id)
    assert (kept.attempt, kept.error, kept.error_type) == (1, "no answer", "FetchFailed")
    assert (kept.traceback, kept.log) == ("Traceback: here", "asked the site")


def pauses(errors: int, asked: float | None = None) -> Sequence[float]:
    node = Node("a", "extract", backoff_s=10, longest_backoff_s=60)
    return [retry_pause(node, errors, asked) for _ in range(300)]


@pytest.mark.parametrize(("errors", "middle"), [(1, 10), (2, 20), (3, 40), (4, 60), (9, 60)])
def test_pauses_double_up_to_the_longest_and_are_never_in_step(errors: int, middle: float) -> None:
    drawn = pauses(errors)

    assert 0.75 * middle <= min(drawn) < 0.9 * middle
    assert 1.1 * middle < max(drawn) <= 1.25 * middle


def test_a_site_that_names_a_time_is_not_asked_before_it_and_not_much_earlier_than_usual() -> None:
    assert set(pauses(1, asked=90)) == {90}
    assert min(pauses(1, asked=0.5)) >= 7.5


def test_the_run_tells_the_failure_that_came_first(sessions: Sessions) -> None:
    run_id = submitted(sessions, Node("a", "extract"), Node("b", "extract"))
    for name in ("b", "a"):
        failed(sessions, tasks_of(sessions, run_id, name)[0], Failure(f"the fault of {name}", "ValueError"))
    advanced(sessions, run_id)

    run = run_of(sessions, run_id)
    assert (run.state, run.error) == (RunState.FAILED, "b: the fault of b")


def test_of_items_that_failed_together_the_run_tells_the_first(sessions: Sessions) -> None:
    items = tuple(f'"{value}"' for value in "zyx")
    run_id = submitted(sessions, Node("m", "extract", mapped=True, items=items))
    for task in reversed(tasks_of(sessions, run_id, "m")):
        failed(sessions, task, Failure("no answer", "ValueError"))
    with sessions.begin() as session:  # the order of the rows is another one
        session.execute(update(Task).values(finished_at=database_now(-60), position=2 - Task.position))
    advanced(sessions, run_id)

    assert run_of(sessions, run_id).error == "m x: no answer"


@pytest.mark.parametrize(
    ("worker", "state"),
    [
        (WORKER, TaskState.READY),
        (Worker("worker-2", pid=WORKER.pid, lease_seconds=60), TaskState.RUNNING),
        (Worker(WORKER.name, pid=WORKER.pid + 1, lease_seconds=60), TaskState.RUNNING),
    ],
)
def test_a_claim_in_doubt_is_undone_by_the_process_that_made_it_alone(
    sessions: Sessions, worker: Worker, state: TaskState
) -> None:
    (task,) = tasks_of(sessions, submitted(sessions, Node("a", "extract")), "a")
    assert claimed(sessions, task) is not None

    with sessions.begin() as session:
        hand_back_in_doubt(session, task.id, worker)

    with sessions() as session:
        assert session.get_one(Task, task.id).state is state


def test_a_task_that_is_done_is_not_given_back(sessions: Sessions) -> None:
    (task,) = tasks_of(sessions, submitted(sessions, Node("a", "extract")), "a")
    assert done(sessions, task)

    with sessions.begin() as session:
        hand_back_in_doubt(session, task.id, WORKER)

    with sessions() as session:
        assert session.get_one(Task, task.id).state is TaskState.SUCCEEDED

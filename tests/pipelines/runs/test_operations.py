"""Cancel, retry, retry of one item, rerun; on both databases."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy.orm import Session, sessionmaker

from pipelines import Pipeline
from pipelines.graph import Graph, Need, Node, in_order
from pipelines.loading.load import load_pipeline
from pipelines.loading.loaded import LoadedPipeline
from pipelines.runs.claims import Attempt
from pipelines.runs.complete import Failure, Result, fail, succeed
from pipelines.runs.handback import let_go
from pipelines.runs.operations import Again, NotPossible, cancel, rerun, retry, retry_item
from presstime.models import FailedAttempt, RunState, Task, Trigger
from tests.support.runs.graphs import (
    NOW,
    advanced,
    claimed,
    done,
    events_of,
    read_items,
    run_of,
    stages_of,
    submitted,
    tasks_of,
)
from tests.support.runs.nodes import mapped, step

Sessions = sessionmaker[Session]


def loaded_as(*nodes: Node, code: str = "1") -> LoadedPipeline:
    """A loaded pipeline whose graph is this one."""
    bare = Pipeline("bare")

    @bare.extract
    def something() -> int:
        return 1

    return replace(load_pipeline(bare), graph=in_order(nodes), code_version=code)


def again(*nodes: Node, code: str = "1") -> Again:
    return Again("ann", loaded_as(*nodes, code=code), NOW)


def attempt_of(sessions: Sessions, task: Task) -> Attempt:
    attempt = claimed(sessions, task)
    assert attempt is not None
    return attempt


def failed(sessions: Sessions, task: Task, error: str = "no") -> None:
    attempt = attempt_of(sessions, task)
    with sessions.begin() as session:
        assert fail(session, attempt, Failure(error, "ValueError", "Traceback ..."))


def cancelled(sessions: Sessions, run_id: UUID) -> None:
    with sessions.begin() as session:
        cancel(session, run_id, "ann")


def states(sessions: Sessions, run_id: UUID, name: str) -> list[str]:
    return [str(task.state) for task in tasks_of(sessions, run_id, name)]


def test_a_cancelled_run_is_final_with_all_its_tasks(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"), step("b", "a"))
    attempt = attempt_of(sessions, tasks_of(sessions, run_id, "a")[0])

    cancelled(sessions, run_id)

    assert run_of(sessions, run_id).state is RunState.CANCELLED
    assert states(sessions, run_id, "a") + states(sessions, run_id, "b") == ["cancelled", "cancelled"]
    assert events_of(sessions, run_id)[-1].data == {"actor": "ann"}
    with sessions.begin() as session:
        assert not succeed(session, attempt, Result(output={"too": "late"}))


def test_a_cancelled_attempt_keeps_its_place_until_its_process_has_let_go(sessions: Sessions) -> None:
    nodes = (mapped("a", "x"),)
    run_id = submitted(sessions, *nodes)
    attempt = attempt_of(sessions, tasks_of(sessions, run_id, "a")[0])

    cancelled(sessions, run_id)
    assert tasks_of(sessions, run_id, "a")[0].lease_until is not None
    with sessions.begin() as session:
        assert let_go(session, attempt)
        assert not let_go(session, attempt)

    assert tasks_of(sessions, run_id, "a")[0].lease_until is None


def test_what_is_final_cannot_be_cancelled(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"))
    done(sessions, tasks_of(sessions, run_id, "a")[0])
    advanced(sessions, run_id)

    with sessions.begin() as session, pytest.raises(NotPossible, match="is succeeded already"):
        cancel(session, run_id, "ann")


def test_a_retry_keeps_what_succeeded_and_goes_on_from_what_failed(sessions: Sessions) -> None:
    nodes = (step("a"), step("b", "a"), step("c", "b"))
    run_id = submitted(sessions, *nodes)
    done(sessions, tasks_of(sessions, run_id, "a")[0], {"rows": 7})
    failed(sessions, tasks_of(sessions, run_id, "b")[0])
    advanced(sessions, run_id)
    assert run_of(sessions, run_id).state is RunState.FAILED

    with sessions.begin() as session:
        retry(session, run_id, again(*nodes), read_items)

    run = run_of(sessions, run_id)
    assert (run.state, run.generation, run.error, run.finished_at) == (RunState.QUEUED, 2, None, None)
    assert [states(sessions, run_id, name) for name in "abc"] == [["succeeded"], ["ready"], ["pending"]]
    (second,) = [stage for stage in stages_of(sessions, run_id) if stage.generation == 2]
    assert (second.kind, second.size) == ("chain", 2)
    assert done(sessions, tasks_of(sessions, run_id, "b")[0])
    assert done(sessions, tasks_of(sessions, run_id, "c")[0])
    advanced(sessions, run_id)
    assert run_of(sessions, run_id).state is RunState.SUCCEEDED
    assert [task.attempt for name in "abc" for task in tasks_of(sessions, run_id, name)] == [1, 2, 1]


def test_the_traces_of_a_failed_attempt_are_kept_when_a_later_one_succeeds(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"))
    (task,) = tasks_of(sessions, run_id, "a")
    failed(sessions, task, "first try")
    advanced(sessions, run_id)
    with sessions.begin() as session:
        retry(session, run_id, again(step("a")), read_items)
    done(sessions, task)

    with sessions() as session:
        kept = session.get_one(FailedAttempt, (task.id, 1))
        now = session.get_one(Task, task.id)
        assert (now.error, now.traceback) == (None, None)
    assert (kept.error, kept.error_type, kept.traceback) == ("first try", "ValueError", "Traceback ...")


def test_a_cancelled_run_can_go_on(sessions: Sessions) -> None:
    nodes = (mapped("a", "x", "y"),)
    run_id = submitted(sessions, *nodes)
    done(sessions, tasks_of(sessions, run_id, "a")[0])
    zombie = attempt_of(sessions, tasks_of(sessions, run_id, "a")[1])
    cancelled(sessions, run_id)

    with sessions.begin() as session:
        retry(session, run_id, again(*nodes), read_items)

    assert states(sessions, run_id, "a") == ["succeeded", "ready"]
    assert done(sessions, tasks_of(sessions, run_id, "a")[1], {"from": "second"})
    with sessions.begin() as session:
        assert not succeed(session, zombie, Result(output={"from": "zombie"}))
    advanced(sessions, run_id)
    assert run_of(sessions, run_id).state is RunState.SUCCEEDED
    assert tasks_of(sessions, run_id, "a")[1].output == {"from": "second"}


def test_one_item_is_tried_again_and_the_others_stay(sessions: Sessions) -> None:
    nodes = (mapped("a", "x", "y", "z"), step("sum", "a"))
    run_id = submitted(sessions, *nodes)
    one, two, three = tasks_of(sessions, run_id, "a")
    done(sessions, one)
    failed(sessions, two)
    failed(sessions, three)
    advanced(sessions, run_id)

    with sessions.begin() as session:
        retry_item(session, run_id, two.id, again(*nodes), read_items)

    assert states(sessions, run_id, "a") == ["succeeded", "ready", "failed"]
    done(sessions, two)
    advanced(sessions, run_id)
    assert run_of(sessions, run_id).state is RunState.FAILED  # the third is still missing
    assert states(sessions, run_id, "sum") == ["skipped"]
    with sessions.begin() as session:
        retry_item(session, run_id, three.id, again(*nodes), read_items)
    done(sessions, three)
    advanced(sessions, run_id)
    assert states(sessions, run_id, "sum") == ["ready"]


def test_an_item_alone_of_a_cancelled_run_does_not_make_the_others_count_as_done(sessions: Sessions) -> None:
    nodes = (mapped("a", "x", "y"), step("sum", "a"))
    run_id = submitted(sessions, *nodes)
    cancelled(sessions, run_id)
    one, _ = tasks_of(sessions, run_id, "a")

    with sessions.begin() as session:
        retry_item(session, run_id, one.id, again(*nodes), read_items)
    done(sessions, one)
    advanced(sessions, run_id)

    run = run_of(sessions, run_id)
    assert (run.state, run.error) == (RunState.FAILED, "a y: was cancelled")


def test_what_succeeded_cannot_be_tried_again(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"))
    (task,) = tasks_of(sessions, run_id, "a")
    done(sessions, task)
    advanced(sessions, run_id)

    with sessions.begin() as session, pytest.raises(NotPossible, match=r"is succeeded.*rerun"):
        retry(session, run_id, again(step("a")), read_items)


def test_a_run_that_is_under_way_is_not_retried(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"))

    with sessions.begin() as session, pytest.raises(NotPossible, match=r"is queued.*cancel it first"):
        retry(session, run_id, again(step("a")), read_items)


def test_a_retry_goes_on_with_mended_code_and_says_so(sessions: Sessions) -> None:
    nodes = (step("a"), step("b", "a"))
    run_id = submitted(sessions, *nodes)
    done(sessions, tasks_of(sessions, run_id, "a")[0])
    failed(sessions, tasks_of(sessions, run_id, "b")[0])
    advanced(sessions, run_id)
    mended = (step("a"), step("b", "a", retries=2))

    with sessions.begin() as session:
        retry(session, run_id, again(*mended, code="2"), read_items)

    run = run_of(sessions, run_id)
    assert run.code_version == "2"
    assert Graph.from_json(run.graph).node("b").retries == 2
    (said,) = [event.data for event in events_of(sessions, run_id) if event.kind == "run.retried"]
    assert said == {"actor": "ann", "generation": 2, "from_code": "1", "to_code": "2"}


def test_a_retry_with_other_steps_is_refused(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"), step("b", "a"))
    failed(sessions, tasks_of(sessions, run_id, "a")[0])
    advanced(sessions, run_id)

    with sessions.begin() as session, pytest.raises(NotPossible, match="other steps now"):
        retry(session, run_id, again(step("a"), step("c", "a"), code="2"), read_items)

    assert run_of(sessions, run_id).state is RunState.FAILED


def test_items_that_were_given_twice_are_counted_anew_in_a_retry(sessions: Sessions) -> None:
    nodes = (step("list"), Node("each", "extract", mapped=True, over="list", needs=(Need("list", "over"),)))
    run_id = submitted(sessions, *nodes)
    failed(sessions, tasks_of(sessions, run_id, "list")[0])
    advanced(sessions, run_id)

    with sessions.begin() as session:
        retry(session, run_id, again(*nodes), read_items)
    done(sessions, tasks_of(sessions, run_id, "list")[0], {"list": [1, 2]})
    advanced(sessions, run_id)

    assert states(sessions, run_id, "each") == ["ready", "ready"]


def test_a_rerun_is_a_new_run_that_names_the_old_one(sessions: Sessions) -> None:
    run_id = submitted(sessions, step("a"))
    cancelled(sessions, run_id)

    with sessions.begin() as session:
        new_id = rerun(session, run_id, again(step("a"), code="2"), read_items).id

    new = run_of(sessions, new_id)
    assert (new.rerun_of, new.trigger, new.state) == (run_id, Trigger.RERUN, RunState.QUEUED)
    assert (new.code_version, new.actor) == ("2", "ann")
    assert run_of(sessions, run_id).state is RunState.CANCELLED
    assert states(sessions, new_id, "a") == ["ready"]

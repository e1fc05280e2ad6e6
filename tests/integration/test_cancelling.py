"""A run is cancelled while its steps work: they and what they started are gone, and the worker goes on."""

from collections.abc import Iterator

import psutil
import pytest

from presstime.models import RunState, Task, TaskState
from tests.support.installations.witness import Witness
from tests.support.processes import is_alive, living_with

WAITING = """
@p.extract
def waiting() -> int:
    child = subprocess.Popen(["sleep", "1000"])
    note("waiting", child.pid)
    try:
        child.wait()
    finally:
        note("cleaned")
    return 1
"""

DEAF_CHILD = """
DEAF = "trap : TERM; echo deaf; while :; do sleep 1000; done"


@p.extract
def waiting() -> int:
    marked = {**os.environ, "STARTED_BY": str(FOLDER)}
    child = subprocess.Popen(["sh", "-c", DEAF], stdout=subprocess.PIPE, env=marked)
    child.stdout.readline()
    note("with-deaf-child", child.pid)
    child.wait()
    return 1
"""

STUBBORN = """
@p.extract
def stubborn() -> int:
    child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    note("stubborn", child.pid)
    while True:
        try:
            time.sleep(1000)
        except BaseException as error:
            note("caught", type(error).__name__)
"""

IN_A_THREAD = """
@p.extract
def waiting() -> int:
    note("in-a-thread")
    wait_for("thread-may-end")
    note("thread-ended")
    return 1
"""

QUICK = """
@p.extract
def quick() -> int:
    note("quick")
    return 1
"""


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    """One process has to serve all tests: whatever follows a cancelled step follows in its place."""
    with (
        Witness(tmp_path_factory.mktemp("cancelling"), lease_seconds="600") as made,
        made.installation.held_by_up(),
    ):
        made.start("worker", "worker", "--concurrency", "1")
        yield made


def assert_nothing_recorded(task: Task) -> None:
    assert (task.state, task.attempt) == (TaskState.CANCELLED, 1)
    assert (task.output, task.error, task.errors, task.losses) == (None, None, 0, 0)


def started(witness: Witness) -> list[psutil.Process]:
    """Whatever a step has started and lives, whosever child it has become: by its environment."""
    return living_with("STARTED_BY", str(witness.folder))


def pid_of_the_next_step(witness: Witness) -> int:
    """Which process executes what comes next."""
    before = len(witness.noted("quick"))
    assert witness.finished(witness.run("quick", QUICK)).state is RunState.SUCCEEDED
    return witness.wait_noted("quick", times=before + 1)[-1].pid


def test_a_cancelled_step_cleans_up_and_its_process_goes_on_with_other_work(witness: Witness) -> None:
    run_id = witness.run("waiting", WAITING)
    (begun,) = witness.wait_noted("waiting")

    done = witness.installation.command("cancel", str(run_id))

    assert (done.returncode, done.stderr) == (0, "")
    assert witness.finished(run_id).state is RunState.CANCELLED
    witness.wait_noted("cleaned")
    witness.until_gone([int(begun.words[0])])
    assert pid_of_the_next_step(witness) == begun.pid
    task = witness.task(run_id, "waiting")
    assert_nothing_recorded(task)
    assert task.lease_until is None, "its place is free"


def test_what_a_cancelled_step_started_is_killed_when_it_hears_nothing(witness: Witness) -> None:
    run_id = witness.run("deaf", DEAF_CHILD)
    (begun,) = witness.wait_noted("with-deaf-child")
    (shell,) = {one.pid for one in started(witness)} & {int(begun.words[0])}

    witness.cancel(run_id)

    # Told to stop, the shell's child ends, and the shell starts another one.
    witness.wait("nothing of it to be left", lambda: not started(witness))
    assert not is_alive(shell)
    assert pid_of_the_next_step(witness) == begun.pid
    assert_nothing_recorded(witness.task(run_id, "waiting"))


def test_a_step_that_goes_on_when_cancelled_is_killed_with_what_it_started(witness: Witness) -> None:
    witness.kill("worker")
    witness.start("impatient", "worker", "--concurrency", "1", cancel_seconds="0.2")
    run_id = witness.run("stubborn", STUBBORN)
    (begun,) = witness.wait_noted("stubborn")

    witness.cancel(run_id)

    assert witness.wait_noted("caught")[0].words == ("Cancelled",)
    witness.until_gone([begun.pid, int(begun.words[0])])
    assert pid_of_the_next_step(witness) != begun.pid
    assert_nothing_recorded(witness.task(run_id, "stubborn"))


def test_in_a_thread_a_cancelled_step_goes_on_and_its_result_is_dropped(witness: Witness) -> None:
    witness.kill("impatient")
    witness.start("threads", "worker", "--pool", "threads")
    run_id = witness.run("threaded", IN_A_THREAD)
    (begun,) = witness.wait_noted("in-a-thread")

    witness.cancel(run_id)

    assert witness.finished(run_id).state is RunState.CANCELLED
    assert pid_of_the_next_step(witness) == begun.pid
    assert witness.task(run_id, "waiting").lease_until is not None, "its thread still holds its place"
    witness.open("thread-may-end")
    witness.wait("its place to be free", lambda: witness.task(run_id, "waiting").lease_until is None)
    assert witness.noted("thread-ended")
    assert_nothing_recorded(witness.task(run_id, "waiting"))
    assert "its result is dropped" in witness.log("threads")
    assert is_alive(begun.pid)

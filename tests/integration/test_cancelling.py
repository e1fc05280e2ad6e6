"""A run is cancelled while its steps work: they and what they started are gone, and the worker goes on."""

from collections.abc import Iterator

import psutil
import pytest

from presstime.clock import utc_now
from presstime.models import RunState, Task, TaskState
from scheduler.folder_lock import FolderLock
from tests.support.installations.live import Site, is_there

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
DEAF = "trap '' TERM; echo deaf; while :; do sleep 1000; done"


@p.extract
def waiting() -> int:
    child = subprocess.Popen(["sh", "-c", DEAF], stdout=subprocess.PIPE)
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
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One process has to serve all tests: whatever follows a cancelled step follows in its place."""
    made = Site(tmp_path_factory.mktemp("cancelling"), lease_seconds="600")
    lock = FolderLock.acquire(made.installation.data_dir, "up", utc_now())
    made.start("worker", "worker", "--concurrency", "1")
    yield made
    made.close()
    lock.release()


def assert_nothing_recorded(task: Task) -> None:
    assert (task.state, task.attempt) == (TaskState.CANCELLED, 1)
    assert (task.output, task.error, task.errors, task.losses) == (None, None, 0, 0)


def pid_of_the_next_step(site: Site) -> int:
    """Which process executes what comes next."""
    before = len(site.noted("quick"))
    assert site.finished(site.run("quick", QUICK)).state is RunState.SUCCEEDED
    return site.wait_noted("quick", times=before + 1)[-1].pid


def test_a_cancelled_step_cleans_up_and_its_process_goes_on_with_other_work(site: Site) -> None:
    run_id = site.run("waiting", WAITING)
    (begun,) = site.wait_noted("waiting")

    done = site.installation.command("cancel", str(run_id))

    assert (done.returncode, done.stderr) == (0, "")
    assert site.finished(run_id).state is RunState.CANCELLED
    site.wait_noted("cleaned")
    site.until_gone([int(begun.words[0])])
    assert pid_of_the_next_step(site) == begun.pid
    task = site.task(run_id, "waiting")
    assert_nothing_recorded(task)
    assert task.lease_until is None, "its place is free"


def test_what_a_cancelled_step_started_is_killed_when_it_hears_nothing(site: Site) -> None:
    run_id = site.run("deaf", DEAF_CHILD)
    (begun,) = site.wait_noted("with-deaf-child")
    child = psutil.Process(int(begun.words[0]))
    family = [child.pid, *(one.pid for one in child.children())]

    site.cancel(run_id)

    site.until_gone(family)
    assert pid_of_the_next_step(site) == begun.pid
    assert_nothing_recorded(site.task(run_id, "waiting"))


def test_a_step_that_goes_on_when_cancelled_is_killed_with_what_it_started(site: Site) -> None:
    run_id = site.run("stubborn", STUBBORN)
    (begun,) = site.wait_noted("stubborn")

    site.cancel(run_id)

    assert site.wait_noted("caught")[0].words == ("Cancelled",)
    site.until_gone([begun.pid, int(begun.words[0])])
    assert pid_of_the_next_step(site) != begun.pid
    assert_nothing_recorded(site.task(run_id, "stubborn"))


def test_in_a_thread_a_cancelled_step_goes_on_and_its_result_is_dropped(site: Site) -> None:
    site.kill("worker")
    site.start("threads", "worker", "--pool", "threads")
    run_id = site.run("threaded", IN_A_THREAD)
    (begun,) = site.wait_noted("in-a-thread")

    site.cancel(run_id)

    assert site.finished(run_id).state is RunState.CANCELLED
    assert pid_of_the_next_step(site) == begun.pid
    assert site.task(run_id, "waiting").lease_until is not None, "its thread still holds its place"
    site.open("thread-may-end")
    site.wait("its place to be free", lambda: site.task(run_id, "waiting").lease_until is None)
    assert site.noted("thread-ended")
    assert_nothing_recorded(site.task(run_id, "waiting"))
    assert "its result is dropped" in site.log("threads")
    assert is_there(begun.pid)

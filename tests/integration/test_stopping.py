"""What becomes of running work when a worker is told to stop, under each of Celery's pools. No keeper runs.

Leases last for ten minutes here, and a message that is never acknowledged comes back after two hours: whatever
goes on within a test was handed on by the worker that stopped.
"""

import signal
import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select

from presstime.models import Report, TaskState
from tests.support.installations.witness import Witness

FOUR = """
@p.extract(over=["a", "b", "c", "d"])
def each(name: str) -> str:
    child = subprocess.Popen(["sleep", "1000"])
    note("began", name, child.pid)
    wait_for("go")
    child.kill()
    child.wait()
    note("ended", name, child.pid)
    return name


@p.transform
def together(each: list[str]) -> str:
    note("together", "".join(each))
    return "".join(each)
"""

TWO = """
@p.extract
def one() -> int:
    note("one-began")
    wait_for("end-one")
    note("one-ended")
    return 1


@p.transform
def two(one: int) -> int:
    note("two")
    return one + 1
"""

BOOK = """
@p.extract(over=["a", "b", "c"])
def rows(name: str) -> pd.DataFrame:
    note("row", name)
    return pd.DataFrame({"name": [name], "n": [1]})


@p.transform
def joined(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values("name")


@p.report
def book(joined: pd.DataFrame) -> Workbook:
    return Workbook(Sheet("All", joined))
"""

NOT_KILLED = "a step that exceeds its time limit is marked failed, but its thread is not killed"


@pytest.fixture(scope="module", params=["prefork", "threads", "solo"])
def pool(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def witness(pool: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    with Witness(tmp_path_factory.mktemp(pool), lease_seconds="600") as made:
        yield made


def start_worker(witness: Witness, name: str, pool: str, grace: str) -> None:
    if name not in witness.commands:
        words = ("worker", "--pool", pool, "--concurrency", "2")
        witness.start(name, *words, shutdown_seconds=grace)


def test_a_step_longer_than_the_grace_period_is_handed_back_and_nothing_waits(
    witness: Witness, pool: str
) -> None:
    start_worker(witness, "first", pool, "0.5")
    run_id = witness.run("four", FOUR)
    begun = witness.wait_noted("began", times=1 if pool == "solo" else 2)
    start_worker(witness, "second", pool, "60")
    everyone = [process.pid for process in witness.everyone_of(witness.commands["first"])]

    witness.commands["first"].terminate()

    assert witness.ended("first") == 0
    witness.until_gone(everyone)
    assert "Traceback" not in witness.log("first")
    assert "Error" not in witness.log("first")
    assert {int(child) for one in begun for child in one.words[1:]} <= set(everyone)
    assert witness.noted("ended") == []
    witness.open("go")
    assert witness.finished(run_id).state == "succeeded"
    witness.wait(
        "every message to be acknowledged, and none left to a timeout", lambda: witness.messages() == []
    )
    interrupted = {one.words[0] for one in begun}
    assert_done_once(witness, run_id, interrupted)
    assert {one.words for one in witness.noted("together")} == {("abcd",)}


def assert_done_once(witness: Witness, run_id: UUID, interrupted: set[str]) -> None:
    assert sorted(one.words[0] for one in witness.noted("ended")) == ["a", "b", "c", "d"]
    for task in witness.tasks(run_id, "each"):
        name = str(task.item).strip('"')
        attempts = 2 if name in interrupted else 1
        assert len(witness.noted("began", name)) == attempts
        assert (task.state, task.attempt, task.errors, task.losses) == (TaskState.SUCCEEDED, attempts, 0, 0)
        failed = [one.error_type for one in witness.failed_attempts(task)]
        assert failed == ["HandedBack"] * (attempts - 1)


def test_a_whole_pipeline_runs(witness: Witness, pool: str) -> None:
    start_worker(witness, "second", pool, "60")

    run = witness.finished(witness.run("book", BOOK))

    assert (run.state, run.error) == ("succeeded", None)
    assert sorted(one.words for one in witness.noted("row")) == [("a",), ("b",), ("c",)]
    with witness.runtime.sessions() as session:
        (report,) = session.scalars(select(Report).where(Report.run_id == run.id))
    assert report.filename.endswith(".xlsx")
    assert witness.log("second").count(NOT_KILLED) == (0 if pool == "prefork" else 1)


def test_a_step_that_ends_in_the_grace_period_is_recorded_once(witness: Witness, pool: str) -> None:
    start_worker(witness, "second", pool, "60")
    run_id = witness.run("two", TWO)
    witness.wait_noted("one-began")

    witness.commands["second"].send_signal(signal.SIGTERM)
    witness.wait("the worker to hear it", lambda: "told to stop" in witness.log("second"))
    witness.open("end-one")

    assert witness.ended("second") == 0
    task = witness.task(run_id, "one")
    assert (task.state, task.attempt) == (TaskState.SUCCEEDED, 1)
    assert len(witness.noted("one-began")) == len(witness.noted("one-ended")) == 1
    # What it had received already it may have done as well; the rest is left to other workers.
    following = witness.task(run_id, "two").state
    assert following == (TaskState.SUCCEEDED if witness.noted("two") else TaskState.READY)
    assert witness.messages() == []


def test_a_worker_stays_until_all_is_handed_back(witness: Witness, pool: str) -> None:
    start_worker(witness, "third", pool, "0.5")
    run_id = witness.run("again", FOUR.replace('"began"', '"began-again"').replace('"go"', '"never"'))
    begun = witness.wait_noted("began-again", times=1 if pool == "solo" else 2)

    with witness.runtime.engine.begin():  # nobody else can write
        witness.commands["third"].terminate()
        witness.until_gone([int(one.words[1]) for one in begun])
        time.sleep(1)  # in which a worker that does not wait has ended

    assert witness.ended("third") == 0
    held = [task for task in witness.tasks(run_id, "each") if task.attempt]
    assert [task.state for task in held] == [TaskState.READY] * len(begun)
    witness.cancel(run_id)

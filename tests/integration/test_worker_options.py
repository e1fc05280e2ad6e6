"""`presstime worker` with options of its own: they come before the settings, and a mistake is one line."""

from collections.abc import Iterator

import pytest

from presstime.models import TaskState
from tests.support.installations.witness import Witness

TWO_QUEUES = """
@p.extract
def fetched() -> int:
    note("fetched")
    return 1


@p.transform
def counted(fetched: int) -> int:
    note("counted")
    return fetched
"""


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    folder = tmp_path_factory.mktemp("options")
    with Witness(folder, worker_pool="prefork", worker_queues="control") as made:
        yield made


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--pool", "green"), "PRESSTIME_WORKER_POOL: Input should be 'prefork', 'threads' or 'solo'"),
        (("--concurrency", "-1"), "PRESSTIME_WORKER_CONCURRENCY: "),
        (("--queues", "extract,extrct"), "there is no queue 'extrct'; there are control, extract.express, "),
    ],
    ids=["pool", "concurrency", "queues"],
)
def test_a_mistake_is_one_line(witness: Witness, words: tuple[str, str], said: str) -> None:
    name = words[0].strip("-")
    witness.start(name, "worker", *words)

    assert witness.ended(name) == 2
    (line,) = witness.log(name).splitlines()
    assert said in line


def test_workers_share_the_steps_by_queue(witness: Witness) -> None:
    witness.start("extract", "worker", "--pool", "solo", "--queues", "control,extract")
    run_id = witness.run("shared", TWO_QUEUES)
    witness.wait(
        "the next step to be ready", lambda: witness.task(run_id, "counted").state is TaskState.READY
    )
    witness.start("transform", "worker", "--pool", "threads", "--concurrency", "1", "--queues", "transform")

    assert witness.finished(run_id).state == "succeeded"

    (fetched,), (counted,) = witness.noted("fetched"), witness.noted("counted")
    assert (fetched.pid, counted.pid) == (
        witness.commands["extract"].pid,
        witness.commands["transform"].pid,
    )

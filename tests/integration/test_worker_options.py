"""`presstime worker` with options of its own: they come before the settings, and a mistake is one line."""

from collections.abc import Iterator

import pytest

from presstime.models import TaskState
from tests.support.installations.live import Site

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
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("options"), worker_pool="prefork", worker_queues="control")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--pool", "green"), "PRESSTIME_WORKER_POOL: Input should be 'prefork', 'threads' or 'solo'"),
        (("--concurrency", "-1"), "PRESSTIME_WORKER_CONCURRENCY: "),
        (("--queues", "extract,extrct"), "there is no queue 'extrct'; there are control, extract.express, "),
    ],
    ids=["pool", "concurrency", "queues"],
)
def test_a_mistake_is_one_line(site: Site, words: tuple[str, str], said: str) -> None:
    name = words[0].strip("-")
    site.start(name, "worker", *words)

    assert site.ended(name) == 2
    (line,) = site.log(name).splitlines()
    assert said in line


def test_workers_share_the_steps_by_queue(site: Site) -> None:
    site.start("extract", "worker", "--pool", "solo", "--queues", "control,extract")
    run_id = site.run("shared", TWO_QUEUES)
    site.wait("the next step to be ready", lambda: site.task(run_id, "counted").state is TaskState.READY)
    site.start("transform", "worker", "--pool", "threads", "--concurrency", "1", "--queues", "transform")

    assert site.finished(run_id).state == "succeeded"

    (fetched,), (counted,) = site.noted("fetched"), site.noted("counted")
    assert (fetched.pid, counted.pid) == (site.commands["extract"].pid, site.commands["transform"].pid)

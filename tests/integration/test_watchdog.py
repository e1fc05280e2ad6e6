"""A worker that takes no messages any more ends, so that its supervisor starts another one."""

import time

from scheduler.queues import ALL
from tests.support.installations.installation import Install

LEASE = 1.0  # seconds, after which a worker counts as deaf
ONE = '''
"""One step."""

from pipelines import Pipeline

one = Pipeline("one")


@one.extract
def number() -> int:
    return 1
'''


def test_a_worker_gone_deaf_ends_and_the_next_one_does_its_work(install: Install) -> None:
    here = install(lease_seconds=str(LEASE), worker_concurrency="1", shutdown_seconds="1")
    here.write_pipeline("one", ONE)
    here.start_valkey()
    here.make_tables()
    worker = here.start("worker")
    here.wait("the worker", lambda: "ready." in here.log("worker"), process=worker)
    control = here.app.control
    for queue in ALL:
        assert control.cancel_consumer(queue, reply=True, timeout=30, limit=1)
    time.sleep(3 * LEASE)  # nothing waits, so that nobody can say that it is deaf
    assert worker.poll() is None
    run_id = here.submit("one")

    assert here.wait("the end of the deaf worker", lambda: worker.poll() is not None)
    assert "none has come" in here.log("worker")
    here.start("another", "worker")
    assert here.finished(run_id).state == "succeeded"


LONG = '''
"""One step, as long as several leases."""

import time
from pipelines import Pipeline

long = Pipeline("long")


@long.extract
def number() -> int:
    time.sleep(3)
    return 1
'''


def test_a_worker_that_is_busy_while_messages_wait_is_not_deaf(install: Install) -> None:
    here = install(lease_seconds=str(LEASE), worker_concurrency="1")
    here.write_pipeline("long", LONG)
    here.start_valkey()
    here.make_tables()
    worker = here.start("worker")

    runs = [here.submit("long") for _ in range(2)]

    assert [here.finished(run_id).state for run_id in runs] == ["succeeded"] * 2
    assert worker.poll() is None
    assert "none has come" not in here.log("worker")

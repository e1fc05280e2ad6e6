"""A worker that takes no messages any more ends, so that its supervisor starts another one."""

from scheduler.queues import ALL
from tests.support.installations.installation import Install

ONE = '''
"""One step."""

from pipelines import Pipeline

one = Pipeline("one")


@one.extract
def number() -> int:
    return 1
'''


def test_a_worker_gone_deaf_ends_and_the_next_one_does_its_work(install: Install) -> None:
    here = install(lease_seconds="1", worker_concurrency="1", shutdown_seconds="1")
    here.write_pipeline("one", ONE)
    here.start_valkey()
    here.make_tables()
    worker = here.start("worker")
    here.wait("the worker", lambda: "ready." in here.log("worker"), process=worker)
    control = here.app.control
    for queue in ALL:
        assert control.cancel_consumer(queue, reply=True, timeout=30, limit=1)

    run_id = here.submit("one")

    assert here.wait("the end of the deaf worker", lambda: worker.poll() is not None)
    assert "none has come" in here.log("worker")
    here.start("another", "worker")
    assert here.finished(run_id).state == "succeeded"

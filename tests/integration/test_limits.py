"""Time limits, deadlines, leases and pauses on real processes: a worker of four, and a keeper."""

import signal
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import UUID

import pytest

from presstime.models import RunState, TaskState
from tests.support.installations.witness import Witness
from tests.support.processes import signal_all

LEASE = 3.0  # seconds
DROPPED = "its result is dropped"

OVER_SOFT = """
@p.extract(timeout=timedelta(seconds=1), retries=1)
def cleaning() -> int:
    if (FOLDER / "cleaned").exists():
        note("cleaning-again")
        return 1
    try:
        time.sleep(1000)
    except TimeLimit:
        note("cleaned-up")
        (FOLDER / "cleaned").touch()
        raise
    return 0
"""

OVER_HARD = """
@p.extract(timeout=timedelta(seconds=1), kill_after=timedelta(seconds=1))
def deaf() -> int:
    child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    note("deaf", child.pid)
    while True:
        try:
            time.sleep(1000)
        except BaseException as error:
            note("heard", type(error).__name__)
"""

OVERDUE = """
p = Pipeline("overdue", deadline=timedelta(seconds=2))

@p.extract
def slow() -> int:
    child = subprocess.Popen(["sleep", "1000"])
    note("slow", child.pid)
    child.wait()
    return 1
"""

# One call of C code that holds the interpreter's lock for longer than a lease, however fast the machine is.
HOLDING = """
@p.extract
def holding() -> float:
    note("holding")
    count, longest = 1_000_000, 0.0
    while longest < LEASE * 1.3:
        begun = time.monotonic()
        sum(range(count))
        longest = time.monotonic() - begun
        count = int(count * min(100, max(1.2, LEASE * 1.6 / longest)))
    note("held", longest)
    return longest
"""

STANDING = """
@p.extract
def standing() -> int:
    note("standing")
    wait_for("stand")
    note("stood")
    return os.getpid()
"""

FAILING = """
import logging

@p.extract(retries=2)
def failing() -> int:
    logging.getLogger("author").warning("about to divide")
    note("failing", time.time())
    return 1 // 0
"""

ASKED_TO_WAIT = """
@p.extract(retries=1)
def page(web: Web) -> str:
    return web.get("ADDRESS").body.decode()
"""


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    with Witness(tmp_path_factory.mktemp("limits"), lease_seconds=str(LEASE), keeper_seconds="0.3") as made:
        made.start("keeper")
        made.start("worker", "worker", "--concurrency", "4")
        yield made


def test_a_soft_limit_lets_a_step_clean_up_and_counts_as_a_failure(witness: Witness) -> None:
    run = witness.finished(run_id := witness.run("cleaning", OVER_SOFT))

    assert (run.state, run.error) == (RunState.SUCCEEDED, None)
    assert len(witness.noted("cleaned-up")) == len(witness.noted("cleaning-again")) == 1
    task = witness.task(run_id, "cleaning")
    assert (task.attempt, task.errors, task.losses) == (2, 1, 0)
    (first,) = witness.failed_attempts(task)
    assert (first.error_type, first.error) == ("TimeLimit", "took longer than 1 s")
    assert first.traceback
    assert "time.sleep(1000)" in first.traceback


def test_a_hard_limit_kills_the_step_and_what_it_started(witness: Witness) -> None:
    run_id = witness.run("deaf", OVER_HARD)
    (begun,) = witness.wait_noted("deaf")

    run = witness.finished(run_id)

    assert witness.wait_noted("heard")[0].words == ("TimeLimit",)
    line = "took longer than 1 s and did not stop within 1 s more"
    assert (run.state, run.error) == (RunState.FAILED, f"deaf: {line}")
    task = witness.task(run_id, "deaf")
    assert (task.state, task.error_type, task.error) == (TaskState.FAILED, "TimeLimit", line)
    witness.until_gone([begun.pid, int(begun.words[0])])
    assert len(witness.noted("deaf")) == 1, "no retry was left"


def test_a_run_past_its_deadline_fails_and_its_step_is_stopped(witness: Witness) -> None:
    run_id = witness.run("overdue", OVERDUE)
    (begun,) = witness.wait_noted("slow")

    run = witness.finished(run_id)

    assert run.state is RunState.FAILED
    assert run.error is not None
    assert run.error.startswith("not finished by its deadline, ")
    witness.until_gone([int(begun.words[0])])
    assert witness.task(run_id, "slow").output is None


def test_a_step_that_holds_the_interpreter_keeps_its_lease(witness: Witness) -> None:
    run = witness.finished(run_id := witness.run("holding", HOLDING.replace("LEASE", str(LEASE))))

    assert run.state is RunState.SUCCEEDED
    (held,) = witness.noted("held")
    assert float(held.words[0]) > LEASE
    assert len(witness.noted("holding")) == 1
    task = witness.task(run_id, "holding")
    assert (task.attempt, task.losses, witness.failed_attempts(task)) == (1, 0, [])


def test_a_worker_that_stood_still_past_its_lease_cannot_write_its_result(witness: Witness) -> None:
    run_id = witness.run("standing", STANDING)
    (first,) = witness.wait_noted("standing")
    frozen = witness.everyone_of(witness.commands["worker"])
    signal_all(frozen, signal.SIGSTOP)
    dropped = witness.log("worker").count(DROPPED)  # by earlier tests
    witness.start("another", "worker", "--pool", "solo")

    second = witness.wait_noted("standing", times=2)[1]
    witness.open("stand")
    run = witness.finished(run_id)

    assert run.state is RunState.SUCCEEDED
    signal_all(frozen, signal.SIGCONT)
    both = witness.wait_noted("stood", times=2)
    witness.wait("the first to end too", lambda: witness.log("worker").count(DROPPED) > dropped)
    assert sorted(one.pid for one in both) == sorted([first.pid, second.pid])
    task = witness.task(run_id, "standing")
    assert (task.state, task.attempt, task.losses, task.pid) == (TaskState.SUCCEEDED, 2, 1, second.pid)
    assert (task.output or {})["text"] == str(second.pid)
    assert [one.error_type for one in witness.failed_attempts(task)] == ["Lost"]
    witness.kill("another")


def test_a_failure_keeps_its_traceback_and_log_and_the_pauses_grow(witness: Witness) -> None:
    run = witness.finished(run_id := witness.run("failing", FAILING))

    assert run.error == "failing: ZeroDivisionError: integer division or modulo by zero"
    attempts = witness.failed_attempts(witness.task(run_id, "failing"))
    assert [one.attempt for one in attempts] == [1, 2, 3]
    for one in attempts:
        assert one.error_type == "ZeroDivisionError"
        assert "return 1 // 0" in (one.traceback or "")
        assert "WARNING about to divide" in (one.log or "")
    pauses = [float(data["pause_s"]) for data in witness.events(run_id, "task.retry")]
    assert 0.75 <= pauses[0] <= 1.25
    assert 1.5 <= pauses[1] <= 2.5
    for pause, earlier, later in zip(pauses, attempts, attempts[1:], strict=False):
        assert later.started_at is not None
        assert later.started_at - earlier.ended_at >= timedelta(seconds=pause - 0.01)


class Busy(BaseHTTPRequestHandler):
    """Asks the first who comes for a pause."""

    def do_GET(self) -> None:
        first = not self.server.seen  # type: ignore[attr-defined] # set where the server is made
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        self.send_response(503 if first else 200)
        if first:
            self.send_header("Retry-After", "2")
        body = b"later" if first else b"now"
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def busy() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    server.seen = []  # type: ignore[attr-defined] # what the handler counts
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_site_that_asks_for_a_pause_gets_it(witness: Witness, busy: str) -> None:
    run_id: UUID = witness.run("page", ASKED_TO_WAIT.replace("ADDRESS", busy))

    run = witness.finished(run_id)
    assert (run.state, run.error) == (RunState.SUCCEEDED, None)
    task = witness.task(run_id, "page")
    (first,) = witness.failed_attempts(task)
    assert "503" in first.error
    assert task.attempt == 2
    assert task.started_at is not None
    assert task.started_at - first.ended_at >= timedelta(seconds=1.99)
    (retry,) = witness.events(run_id, "task.retry")
    assert retry["pause_s"] >= 2  # more than the first pause of its own, at most 1.25 s
